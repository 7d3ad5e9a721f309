"""Pages rendered without a server or a database: what they say depends on nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory
from pytest_django import Settings

from accounts.permissions import Right, rights_of
from accounts.status import Duty, Role
from config.context import site
from tests.ui.html import Page


@dataclass(frozen=True)
class Reader:
    """What templates may know of a signed-in user."""

    role: Role
    name: str = "Ada Sample"
    email: str = "ada@example.org"
    is_authenticated: bool = True
    pk: int = 0
    practice_id: int | None = None

    def has_right(self, right: Right) -> bool:
        return right in rights_of(self.role, (Duty.PREPARE,))


@pytest.fixture(autouse=True)
def plain_static(settings: Settings) -> None:
    """No collected files are needed to look at a page."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}


@pytest.fixture
def request_for(rf: RequestFactory) -> Callable[..., HttpRequest]:
    def make(role: Role | None = None, path: str = "/") -> HttpRequest:
        request = rf.get(path)
        request.user = AnonymousUser() if role is None else Reader(role)  # type: ignore[assignment]
        request.id = "7f3a9c21b0de"  # type: ignore[attr-defined]
        return request

    return make


@pytest.fixture
def show(request_for: Callable[..., HttpRequest]) -> Callable[..., Page]:
    """A whole page as `role` sees it at `path`; a role of None is a stranger."""

    def render(template: str, role: Role | None = None, path: str = "/", **context: object) -> Page:
        request = request_for(role, path)
        known = {"request": request, "user": request.user, "bell_unread": 0, **site(request)}
        return Page(render_to_string(template, known | context))

    return render
