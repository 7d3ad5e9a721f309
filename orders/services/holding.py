"""Orders that a pharmacist puts on hold, and those withdrawn because the practice asked for it."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right, ensure
from formulary.models import Reason
from formulary.reference import ReasonKind
from orders.models import Order
from orders.services.claims import holds
from orders.services.fills import cancel_requested
from orders.services.moves import Refused, ensure_right, move, move_within, stale
from orders.status import ALLOWED_MOVES, Status

LONGEST_HOLD = timedelta(days=90)


def hold(order: Order, *, by: User, reason: Reason, review_on: date, text: str = "") -> None:
    """Put the order that `by` reviews on hold until a day at the practice; it keeps its age.

    Raises Refused for a day that is not ahead or too far, StaleOrder once the claim was lost.
    """
    ensure(by, Right.REVIEW_ORDERS)
    ensure_right(order, Status.ON_HOLD, by)
    _ensure_coded(reason, ReasonKind.HOLD, text)
    today = order.practice.today
    if not today < review_on <= today + LONGEST_HOLD:
        raise Refused(f"Choose a review date within the next {LONGEST_HOLD.days} days.")
    move(
        order,
        Status.ON_HOLD,
        by=by,
        kind="order.held",
        where=holds(by),
        reason=reason.label,
        text=text,
        data={"reason": reason.code, "review_on": review_on.isoformat()},
        holder=None,
        held_until=None,
        review_on=review_on,
    )


def end_hold(order: Order, *, by: User) -> None:
    """Put the order back into the queue, with its age. Raises StaleOrder unless it is on hold."""
    ensure(by, Right.REVIEW_ORDERS)
    if order.status != Status.ON_HOLD:
        raise stale(order)
    move(order, Status.SUBMITTED, by=by, kind="order.hold_ended", review_on=None)


def end_holds_due() -> int:
    """Put back what has reached its day of review at the practice; returns how many."""
    ended = 0
    # A day more than anywhere on earth; each practice's own day decides.
    tomorrow = timezone.now().date() + timedelta(days=1)
    due = Order.objects.held_to(tomorrow)
    for pk in due.values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            order = due.filter(pk=pk).select_for_update(skip_locked=True, of=("self",)).first()
            if order is None or order.review_on is None or order.review_on > order.practice.today:
                continue
            kind = "order.hold_ended"
            move_within(order, Status.SUBMITTED, by=None, kind=kind, review_on=None)
            ended += 1
    return ended


def withdraw(order: Order, *, by: User, reason: Reason, version: int, text: str = "") -> None:
    """Cancel an order because its prescriber asked for it, on the phone say.

    An order under review is its holder's to withdraw. Raises StaleOrder when it moved on since it
    was shown. Once there is compounding, this ends at its beginning: from then on it is a request.
    """
    ensure(by, Right.REVIEW_ORDERS)
    if (Status(order.status), Status.CANCELLED) not in ALLOWED_MOVES:
        raise stale(order)
    _ensure_coded(reason, ReasonKind.CANCELLATION, text)
    mine = holds(by) if order.status == Status.IN_REVIEW else Q()
    with transaction.atomic():
        cancel_requested(order)
        move(
            order,
            Status.CANCELLED,
            by=by,
            kind="order.withdrawn",
            where=mine & Q(version=version),
            reason=reason.label,
            text=text,
            data={"reason": reason.code, "was": order.status},
            holder=None,
            held_until=None,
            paused_at=None,
            review_on=None,
            decided_at=Coalesce("decided_at", Now()),
        )


def _ensure_coded(reason: Reason, kind: ReasonKind, text: str) -> None:
    if reason.kind != kind:
        raise Refused("Choose one of the listed reasons.")
    if len(text) < reason.min_chars:
        raise Refused(f"For “{reason.label}”, write at least {reason.min_chars} characters.")
