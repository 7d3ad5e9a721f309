"""Every address × every role × own or foreign × GET and POST. An address without a row fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import Licence, Location, Membership, Prescriber, User
from events.models import Event
from intake.models import Application, Question, Upload
from notifications.models import Delivery
from orders.models import Order
from tests.access import (
    LOGIN,
    OK,
    ROLES,
    apply,
    core,
    diagnoses,
    formulary,
    life,
    paper,
    papers,
    patients,
    practice,
    public,
    questions,
    register,
    review,
    security,
    signing,
)
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
_ANSWERED = {200, 204, 301, 302, 303, 409, 422}
AREAS = (
    core,
    diagnoses,
    formulary,
    life,
    public,
    apply,
    review,
    register,
    practice,
    paper,
    papers,
    patients,
    questions,
    security,
    signing,
)
TABLE = {name: (area, row) for area in AREAS for name, row in area.TABLE.items()}


@dataclass(frozen=True)
class World:
    """The people, and what the addresses are filled with."""

    cast: Cast
    people: dict[str, User]


@pytest.fixture
def world(cast: Cast) -> World:
    left = User.objects.create_user("left@example.org", "x" * 20, name="Left")
    return World(cast, {name: getattr(cast, name) for name in ROLES[1:-1]} | {"left": left})


def names(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Every named address; Django's admin counts as one."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace == "admin":
                yield "admin:index"
                continue
            space = f"{entry.namespace}:" if entry.namespace else ""
            yield from names(entry, prefix + space)
        elif isinstance(entry, URLPattern):
            assert entry.name, f"{entry.pattern} has no name"
            yield prefix + entry.name


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert set(names()) == set(TABLE)


def counts() -> tuple[object, ...]:
    """What a refused request must leave alone."""
    orders = tuple(Order.objects.order_by("pk").values_list("pk", "version", "status", "holder"))
    deliveries = tuple(Delivery.objects.order_by("pk").values_list("pk", "state", "read_at"))
    applications = tuple(Application.objects.order_by("pk").values_list("pk", "version", "status"))
    questions = tuple(Question.objects.order_by("pk").values_list("pk", "version", "status"))
    standing = tuple(Prescriber.objects.order_by("pk").values_list("pk", "status"))
    members = tuple(Membership.objects.order_by("pk").values_list("pk", "duties", "ended_at"))
    rows = tuple(model.objects.count() for model in (User, Licence, Location, Upload, Event))
    return orders, deliveries, applications, questions, standing, members, rows


@pytest.mark.parametrize("name", sorted(TABLE))
def test_access(name: str, world: World) -> None:
    """One world for each address; what one role does to it is undone before the next comes."""
    area, (record, *expected) = TABLE[name]
    url = reverse(name, kwargs=area.records(world.cast)[record] if record else {})
    before, wrong = counts(), []
    for role in ROLES:
        for method, row_ in zip(("GET", "POST"), expected, strict=True):
            here = transaction.savepoint()
            wrong += _asked(world, role, method, url, row_[role], before)
            transaction.savepoint_rollback(here)
    assert not wrong


def _asked(
    world: World, role: str, method: str, url: str, expected: str, before: tuple[object, ...]
) -> list[str]:
    """What was wrong about one role's request, in words."""
    client = Client()
    if role != "anonymous":
        client.force_login(User.objects.get(pk=world.people[role].pk))
    response = client.generic(method, url, HTTP_HOST="127.0.0.1")
    answer = meaning(response.status_code, response.headers.get("Location", ""))
    if answer != expected:
        return [f"{method} {url} as {role}: {response.status_code}, not {expected}"]
    if (method == "GET" or answer != OK) and counts() != before:
        return [f"{method} {url} as {role} changed something"]
    return []


def meaning(status: int, location: str) -> str:
    if status == 302 and location.startswith(("/sign-in/", "/admin/login/")):
        return LOGIN
    if status in _ANSWERED:
        return OK
    return str(status)


def test_a_right_that_ends_acts_on_the_next_request(world: World) -> None:
    phil, client = world.people["phil"], Client()
    client.force_login(phil)
    assert client.get("/queue/", HTTP_HOST="127.0.0.1").status_code == 200
    phil.memberships.update(ended_at=timezone.now())
    assert client.get("/queue/", HTTP_HOST="127.0.0.1").status_code == 403


def test_the_admin_sends_strangers_to_the_one_sign_in_page() -> None:
    response = Client().get("/admin/", follow=True, HTTP_HOST="127.0.0.1")
    assert response.redirect_chain[-1][0] == "/sign-in/?next=%2Fadmin%2F"
