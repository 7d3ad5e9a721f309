"""Orders to review, and what a browser without scripts would send from their page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.models import User
from orders.models import Order
from orders.services import claims
from orders.status import Check
from tests.factories import PASSWORD, signed_order
from tests.orders.pages import sign_in

ALL_CHECKS = list(Check.values)


def plain_order(by: User, **kwargs: Any) -> Order:
    """Nothing to warn of."""
    return signed_order(by, **kwargs)


def flagged_order(by: User, **kwargs: Any) -> Order:
    """One warning (a start at the full dose) and one medicine that is on no list."""
    return signed_order(by, **({"treatment_status": "new_start", "medicines": "zyxomab"} | kwargs))


def aged(order: Order, minutes: int) -> Order:
    """The same order, sent earlier."""
    ago = timedelta(minutes=minutes)
    times = {"submitted_at": F("submitted_at") - ago, "due_at": F("due_at") - ago}
    Order.objects.filter(pk=order.pk).update(**times)
    return fresh(order)


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def held(order: Order, by: User) -> Order:
    claims.claim(order, by=by)
    return fresh(order)


def lapsed(order: Order) -> Order:
    """Its holder went away more than half an hour ago."""
    past = timezone.now() - timedelta(minutes=1)
    Order.objects.filter(pk=order.pk).update(held_until=past)
    return fresh(order)


def finding_pk(order: Order, level: str) -> int:
    return order.findings.filter(level=level)[0].pk


def complete(order: Order, **more: Any) -> dict[str, Any]:
    """All ticked, all cleared, the password given."""
    sent: dict[str, Any] = {"decision": "approve", "checks": ALL_CHECKS, "password": PASSWORD}
    for finding in order.findings.all():
        if finding.level == "warn":
            sent[f"reviewed_{finding.pk}"] = "on"
        if finding.level == "not_checked":
            sent[f"cleared_{finding.pk}"] = "prescriber_confirmed"
            sent[f"cleared_{finding.pk}_text"] = ""
    return sent | more


def at_the_desk(order: Order, by: User) -> Client:
    """A browser of somebody who holds the order."""
    held(order, by)
    return sign_in(by)
