"""How long a prescription holds: to the same day of a later month, as its state's rule says."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from events.models import Event
from formulary.reference import StateRule
from formulary.services import load_formulary
from orders.models import Order
from orders.services.moves import move_within, note
from orders.services.supply import Supply
from orders.status import Status

NOTICE = "order.expiring"


def expires_on(written: date, rule: StateRule) -> date | None:
    """The last day on which a fill may start; None where the state sets no end.

    A day that the later month does not have becomes its last: February 29 gives February 28.
    """
    if rule.validity_months is None:
        return None
    return months_after(written, rule.validity_months)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


# --- by the clock -------------------------------------------------------------------------------
def expire_due() -> int:
    """End what waits at the pharmacy past its validity, by the day at the practice; how many."""
    ended = 0
    # A day more than anywhere on earth; each practice's own day decides.
    due = Order.objects.open_beyond(timezone.now().date() + timedelta(days=1))
    for pk in due.order_by("expires_on", "pk").values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            order = due.filter(pk=pk).select_for_update(skip_locked=True, of=("self",)).first()
            if order is None or not _is_over(order):
                continue
            _expire(order)
            ended += 1
    return ended


def _is_over(order: Order) -> bool:
    return order.expires_on is not None and order.expires_on < order.practice.today


def _expire(order: Order) -> None:
    move_within(
        order,
        Status.EXPIRED,
        by=None,
        kind="order.expired",
        reason="The prescription’s validity ended",
        data={"was": order.status},
        holder=None,
        held_until=None,
        paused_at=None,
        reserved_for=None,
        reserved_until=None,
        review_on=None,
        decided_at=Now(),
    )


def notice_due() -> int:
    """Tell practices of verified orders whose validity ends soon, once each; returns how many."""
    days = load_formulary().figures.validity_notice_days
    until = timezone.now().date() + timedelta(days=days + 1)
    told, ending = 0, Order.objects.ending_by(until)
    noticed = Event.objects.filter(subject="order", subject_id=OuterRef("pk"), kind=NOTICE)
    for pk in ending.exclude(Exists(noticed)).values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            order = ending.filter(pk=pk).select_for_update(skip_locked=True, of=("self",)).first()
            if order is None or not _ends_soon(order, days) or _was_noticed(order):
                continue
            note(order, NOTICE, by=None)
            told += 1
    return told


def _ends_soon(order: Order, days: int) -> bool:
    today = order.practice.today
    soon = order.expires_on is not None and today <= order.expires_on <= today + timedelta(days)
    return soon and Supply.of(order, load_formulary()).refills_left > 0


def _was_noticed(order: Order) -> bool:
    """Asked again under the row's lock: two workers may have found the same order."""
    return Event.objects.about("order", order.pk).filter(kind=NOTICE).exists()
