"""Delegates prepare and hand over; the prescriber signs, or gives the draft back with words."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right
from orders.models import Order
from orders.services.checks import findings_now
from orders.services.moves import Refused, ensure_own, ensure_right, move
from orders.services.standing import misfit, obstacle
from orders.status import Status


@transaction.atomic
def hand_over(order: Order, *, by: User, version: int) -> Order:
    """Put the draft before its prescriber. Questions may be open; what stops must be settled.

    Raises Refused with the stops, StaleOrder when the draft is no longer what was shown.
    """
    ensure_own(order, by, Right.PREPARE_ORDERS)
    ensure_right(order, Status.AWAITING_SIGNATURE, by)
    if wrong := obstacle(order.prescriber, order.practice, order.seen_state) or misfit(order):
        raise Refused(wrong)
    if stops := [finding.text for finding in findings_now(order).stops]:
        raise Refused(" ".join(stops))
    move(
        order,
        Status.AWAITING_SIGNATURE,
        by=by,
        kind="order.handed_over",
        where=Q(version=version),
        data={"prescriber": order.prescriber.user_id},
        handed_over_by=by,
        handed_over_at=timezone.now(),
    )
    return order


@transaction.atomic
def take_back(order: Order, *, by: User, version: int, words: str = "") -> Order:
    """Make it a draft again, to be changed; `words` tell who prepared it what to change.

    Raises StaleOrder when it was signed or taken back meanwhile.
    """
    ensure_own(order, by, Right.PREPARE_ORDERS)
    ensure_right(order, Status.DRAFT, by)
    move(
        order,
        Status.DRAFT,
        by=by,
        kind="order.taken_back",
        where=Q(version=version),
        reason=words,
        data={"handed_over_by": order.handed_over_by_id},
    )
    return order
