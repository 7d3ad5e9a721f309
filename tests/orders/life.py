"""What happens to orders after their signature, done for tests as people and the clock do it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from unittest.mock import patch

from django.utils import timezone

from accounts.models import Practice, User
from orders.models import Order
from orders.services import claims, review
from orders.status import Check
from tests.factories import reason, signed_order


@contextmanager
def in_days(days: int, *, clock: bool = True) -> Iterator[None]:
    """The practice's calendar so many days from now, and with `clock` the server's time too, which
    ends every session."""
    later = timezone.now() + timedelta(days=days)
    with ExitStack() as moved:
        moved.enter_context(patch.object(Practice, "today", property(lambda _: later.date())))
        if clock:
            moved.enter_context(patch.object(timezone, "now", lambda: later))
        yield


def whole(order: Order) -> Order:
    return Order.objects.for_page().get(pk=order.pk)


def asked(order: Order, by: User, text: str = "Which dose is meant?") -> Order:
    """Held by a pharmacist, who then asks its prescriber."""
    claims.claim(order, by=by)
    review.ask(whole(order), by=by, reason=reason("clarification"), text=text)
    return whole(order)


def approve(order: Order, by: User) -> Order:
    """Held and verified, with everything ticked and every gap cleared."""
    claims.claim(order, by=by)
    held = whole(order)
    findings = held.findings.all()
    reviewed = {finding.pk for finding in findings if finding.level == "warn"}
    review.approve(held, by=by, checklist=Check.values, reviewed=reviewed, cleared={})
    return whole(order)


def approved_order(prescriber: User, pharmacist: User, **content: object) -> Order:
    return approve(signed_order(prescriber, **content), pharmacist)
