"""What happens to orders after their signature, done for tests as people and the clock do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
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
    today: Callable[[Practice], date] = vars(Practice)["today"].fget
    if clock:
        with patch.object(timezone, "now", lambda: later):
            yield
        return
    on_the_day = property(lambda practice: today(practice) + timedelta(days=days))
    with patch.object(Practice, "today", on_the_day):
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
