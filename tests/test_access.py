"""Every address × every role × own or foreign × GET and POST. An address without a row fails."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import User
from events.models import Event
from notifications.models import Delivery
from notifications.services import expand
from orders.models import Order
from orders.services import claims
from tests.conftest import Cast
from tests.factories import draft_of, signed_order

pytestmark = pytest.mark.django_db

# Dr Ada's practice owns the records; Dr Ben's is another; `left` is signed in without a role.
ROLES = ("anonymous", "ada", "nils", "ben", "phil", "petra", "tess", "root", "left")
# login: sent to sign-in · ok: answered · 403: no right · 404: not one's own · 405: no such method
LOGIN, OK, NO, NONE, NOT = "login", "ok", "403", "404", "405"
_ANSWERED = {200, 204, 301, 302, 303, 409, 422}


def row(anonymous: str, ada: str, nils: str, ben: str, phil: str, petra: str, tess: str,
        root: str, left: str) -> dict[str, str]:  # fmt: skip
    return dict(zip(ROLES, (anonymous, ada, nils, ben, phil, petra, tess, root, left), strict=True))


PUBLIC = row(OK, OK, OK, OK, OK, OK, OK, OK, OK)
SIGNED_IN = row(LOGIN, OK, OK, OK, OK, OK, OK, OK, OK)
NO_METHOD = row(LOGIN, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT)
PRACTICE = row(LOGIN, OK, OK, OK, NO, NO, NO, NO, NO)
OWN_ORDER = row(LOGIN, OK, OK, NONE, NO, NO, NO, NO, NO)
PRESCRIBER_OWN = row(LOGIN, OK, NO, NONE, NO, NO, NO, NO, NO)
STAFF = row(LOGIN, NO, NO, NO, OK, OK, OK, OK, NO)
PHARMACIST = row(LOGIN, NO, NO, NO, OK, OK, NO, NO, NO)
ADMINISTRATOR = row(LOGIN, NO, NO, NO, NO, NO, NO, OK, NO)
PHIL_ONLY = row(LOGIN, NONE, NONE, NONE, OK, NONE, NONE, NONE, NONE)


@dataclass(frozen=True)
class World:
    """What the addresses are filled with: Ada's draft, her order held by Phil, her notice."""

    draft: Order
    order: Order
    notice: Delivery
    dead: Delivery
    people: dict[str, User]


# name → (which record fills its arguments, GET, POST)
TABLE: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "home": ("", PUBLIC, PUBLIC),
    "account_login": ("", PUBLIC, PUBLIC),
    "account_logout": ("", PUBLIC, PUBLIC),
    "admin:index": ("", ADMINISTRATOR, ADMINISTRATOR),
    # the practice's pages
    "orders:list": ("", PRACTICE, PRACTICE),
    "orders:new": ("", PRACTICE, NO_METHOD),
    "orders:form": ("token", PRACTICE, PRACTICE),
    "orders:check": ("", NO_METHOD, PRACTICE),
    "orders:edit": ("draft", OWN_ORDER, OWN_ORDER),
    "orders:review": ("draft", OWN_ORDER, NO_METHOD),
    "orders:sign": ("draft", NO_METHOD, PRESCRIBER_OWN),
    "orders:detail": ("order", OWN_ORDER, NO_METHOD),
    "orders:print": ("order", OWN_ORDER, NO_METHOD),
    "orders:answer": ("order", NO_METHOD, PRESCRIBER_OWN),
    "orders:cancel": ("order", PRESCRIBER_OWN, PRESCRIBER_OWN),
    # the pharmacy's pages
    "queue:list": ("", STAFF, NO_METHOD),
    "queue:claim_next": ("", NO_METHOD, PHARMACIST),
    "queue:review": ("order", STAFF, NO_METHOD),
    "queue:claim": ("order", NO_METHOD, PHARMACIST),
    "queue:checklist": ("order", NO_METHOD, PHARMACIST),
    "queue:approve": ("order", NO_METHOD, PHARMACIST),
    "queue:ask": ("order", NO_METHOD, PHARMACIST),
    "queue:reject": ("order", NO_METHOD, PHARMACIST),
    "queue:give_back": ("order", NO_METHOD, PHARMACIST),
    "queue:release": ("order", NO_METHOD, ADMINISTRATOR),
    # notices
    "notifications:list": ("", SIGNED_IN, NO_METHOD),
    "notifications:poll": ("", SIGNED_IN, NO_METHOD),
    "notifications:seen": ("", NO_METHOD, SIGNED_IN),
    "notifications:read_all": ("", NO_METHOD, SIGNED_IN),
    "notifications:open": ("notice", NO_METHOD, PHIL_ONLY),
    "notifications:preferences": ("", PHARMACIST, PHARMACIST),
    "notifications:deliveries": ("", ADMINISTRATOR, NO_METHOD),
    "notifications:retry": ("dead", NO_METHOD, ADMINISTRATOR),
}


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


@pytest.fixture
def world(cast: Cast) -> World:
    order = signed_order(cast.ada)
    event = Event.objects.get(kind="order.submitted", subject_id=order.pk)
    claims.claim(order, by=cast.phil)
    expand(event.pk)
    notice = Delivery.objects.filter(channel="bell", recipient=cast.phil)[0]
    dead = Delivery.objects.filter(channel="email", recipient=cast.phil)[0]
    Delivery.objects.filter(pk=dead.pk).update(state="dead")
    left = User.objects.create_user("left@example.org", "x" * 20, name="Left")
    people = {name: getattr(cast, name) for name in ROLES[1:-1]}
    return World(draft_of(cast.ada), order, notice, dead, people | {"left": left})


def arguments(record: str, world: World) -> dict[str, object]:
    filled: dict[str, dict[str, object]] = {
        "": {},
        "order": {"reference": world.order.reference},
        "draft": {"reference": world.draft.reference},
        "notice": {"pk": world.notice.pk},
        "dead": {"pk": world.dead.pk},
        "token": {"token": uuid.uuid4()},
    }
    return filled[record]


def counts() -> tuple[object, ...]:
    """What a refused request must leave alone."""
    orders = tuple(Order.objects.order_by("pk").values_list("pk", "version", "status", "holder"))
    deliveries = tuple(Delivery.objects.order_by("pk").values_list("pk", "state", "read_at"))
    return orders, deliveries, Event.objects.count()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", sorted(TABLE))
def test_access(name: str, role: str, world: World) -> None:
    record, *expected = TABLE[name]
    url = reverse(name, kwargs=arguments(record, world))
    for method, row_ in zip(("GET", "POST"), expected, strict=True):
        client = Client()
        if role != "anonymous":
            client.force_login(world.people[role])
        before = counts()
        response = client.generic(method, url, HTTP_HOST="127.0.0.1")
        answer = meaning(response.status_code, response.headers.get("Location", ""))
        assert answer == row_[role], f"{method} {url} as {role}: {response.status_code}"
        if method == "GET" or answer != OK:
            assert counts() == before, f"{method} {url} as {role} changed something"


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
