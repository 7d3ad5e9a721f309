"""What the practice's pages share: who may open them, their tabs, and how a lost race is told."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Right
from accounts.services.members import MemberChanged
from intake.services.practice import PracticeChanged

_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponse]
_TABS = (
    (None, "Overview", "practice:home"),
    (Right.MANAGE_PRACTICE, "People", "practice:people"),
    (Right.MANAGE_PRACTICE, "Licences", "practice:licences"),
    (Right.MANAGE_PRACTICE, "Locations", "practice:locations"),
    (Right.MANAGE_BILLING, "Delivery and billing", "practice:billing"),
    (Right.MANAGE_PRACTICE, "Details", "practice:details"),
)


def person(request: HttpRequest) -> User:
    """The signed-in user; signing in is required on every page that does not say otherwise."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: nothing before it was sent, even when what was sent is empty."""
    return request.POST if request.method == "POST" else None


def members_only(view: _View[_P]) -> _View[_P]:
    """403 for who belongs to no practice. Members of a closed one may read that it is closed."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        if person(request).practice_id is None:
            raise PermissionDenied("This is a matter of a practice, and you work for none.")
        return view(request, *args, **kwargs)

    return cast("_View[_P]", guarded)


def answers_changes(view: _View[_P]) -> _View[_P]:
    """409 when somebody else in the practice was faster."""

    @wraps(view)
    def answered(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (MemberChanged, PracticeChanged) as changed:
            back = "practice:people" if isinstance(changed, MemberChanged) else "practice:home"
            context = {"message": str(changed), "link": reverse(back)}
            return render(
                request, "409.html", context | {"link_text": "See how it stands"}, status=409
            )

    return cast("_View[_P]", answered)


def tabs(user: User, here: str) -> list[dict[str, object]]:
    """The pages of the practice that this member may open, `here` being the one shown."""
    return [
        {"label": label, "url": reverse(name), "current": name == here}
        for right, label, name in _TABS
        if right is None or user.has_right(right)
    ]
