"""What every page knows: whose pharmacy this is, and where the reader may go."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.permissions import Right
from config.workplace import workplace
from orders.models import Order


@dataclass(frozen=True)
class Place:
    """One link of the header. `current`: "page" here, "true" below it, "" elsewhere. `count`: what
    waits there for the reader, 0 for nothing."""

    label: str
    url: str
    current: str = ""
    count: int = 0


_PLACES = (
    (Right.VIEW_PRACTICE_ORDERS, "My orders", "orders:list"),
    (Right.PREPARE_ORDERS, "New order", "orders:new"),
    (Right.PREPARE_ORDERS, "To sign", "orders:to_sign"),
    (Right.VIEW_PRACTICE_ORDERS, "Patients", "orders:patients"),
    # Every member has one of these two.
    (Right.VIEW_PRACTICE_ORDERS, "Practice", "practice:home"),
    (Right.MANAGE_BILLING, "Practice", "practice:home"),
    (Right.VIEW_QUEUE, "Queue", "queue:list"),
    (Right.REVIEW_APPLICATIONS, "Applications", "applications:list"),
    (Right.REVIEW_APPLICATIONS, "Register", "register:list"),
    (Right.ANSWER_ENQUIRIES, "Questions", "questions:queue"),
    (Right.KEEP_FORMULARY, "Formulary", "formulary:overview"),
    (Right.MANAGE_DELIVERIES, "Deliveries", "notifications:deliveries"),
    (Right.USE_ADMIN_SITE, "Admin", "admin:index"),
)


@cache
def version() -> str:
    try:
        with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
            return str(tomllib.load(file)["project"]["version"])
    except OSError:
        return ""


def standing() -> dict[str, object]:
    """Needs neither request nor database, so the page for a broken server can say it too."""
    return {
        "pharmacy_name": settings.PHARMACY_NAME,
        "pharmacy_phone": settings.PHARMACY_PHONE,
        "sample_data": settings.EMBEDDED,
        "version": version(),
    }


def site(request: HttpRequest) -> dict[str, object]:
    user = getattr(request, "user", None)
    return {
        **standing(),
        "nav": SimpleLazyObject(lambda: _nav(request)),
        "workplace": SimpleLazyObject(lambda: workplace(user)),
    }


def _nav(request: HttpRequest) -> list[Place]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    allowed = [
        Place(label, reverse(name)) for right, label, name in _PLACES if user.has_right(right)
    ]
    places = list(dict.fromkeys(allowed))
    # Of /orders/ and /orders/new/ the longer one is where we are.
    inside = [place for place in places if request.path.startswith(place.url)]
    here = max(inside, key=lambda place: len(place.url), default=None)
    signs = user.has_right(Right.SIGN_ORDERS)
    counted = {reverse("orders:to_sign"): Order.objects.waiting_for(user).count()} if signs else {}
    return [
        Place(place.label, place.url, _current(place, here, request), counted.get(place.url, 0))
        for place in places
    ]


def _current(place: Place, here: Place | None, request: HttpRequest) -> str:
    if place is not here:
        return ""
    return "page" if place.url == request.path else "true"
