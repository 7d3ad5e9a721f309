"""Who holds an order for review: one pharmacist at a time, for 30 idle minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import User
from accounts.permissions import Right, ensure
from formulary.models import Reason
from orders.models import Order
from orders.services.moves import move, note, stale
from orders.status import Status

CLAIM_LASTS = timedelta(minutes=30)
_UNHELD: dict[str, Any] = {"holder": None, "held_until": None}


def holds(by: User) -> Q:
    """The condition under which `by` still holds an order in review."""
    return Q(holder=by, held_until__gt=Now())


@transaction.atomic
def claim(order: Order, *, by: User) -> None:
    """Take the order for review; taking what one holds already prolongs it. Raises StaleOrder."""
    ensure(by, Right.REVIEW_ORDERS)
    before = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if Order.objects.filter(pk=order.pk, status=Status.IN_REVIEW).filter(holds(by)).exists():
        keep(order, by=by)
        return
    won = (
        Order.objects.free_for(by)
        .filter(pk=order.pk)
        .update(
            status=Status.IN_REVIEW,
            status_at=Now(),
            status_reason="",
            version=F("version") + 1,
            holder=by,
            held_until=Now() + CLAIM_LASTS,
            reserved_for=None,
            reserved_until=None,
        )
    )
    if not won:
        raise stale(order)
    if before.holder_id:
        note(order, "order.claim_lapsed", by=None)
    note(order, "order.claimed", by=by)
    order.refresh_from_db()


@transaction.atomic
def claim_next(*, by: User) -> Order | None:
    """Claim the first order of the queue that is free for `by`, or None when there is none."""
    order = (
        Order.objects.free_for(by)
        .not_cleared_by(by)
        .urgent_first()
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if order is not None:
        claim(order, by=by)
    return order


def keep(order: Order, *, by: User) -> None:
    """Prolong one's own claim, as work on the order does. Raises StaleOrder once it was lost."""
    if not (
        Order.objects.filter(pk=order.pk, status=Status.IN_REVIEW)
        .filter(holds(by))
        .update(held_until=Now() + CLAIM_LASTS)
    ):
        raise stale(order)


def give_back(order: Order, *, by: User, reason: Reason) -> None:
    """Return one's own order to the queue, with its age."""
    ensure(by, Right.REVIEW_ORDERS)
    if order.status != Status.IN_REVIEW:
        raise stale(order)
    move(
        order,
        Status.SUBMITTED,
        by=by,
        kind="order.given_back",
        where=Q(holder=by),
        data={"reason": reason.code},
        **_UNHELD,
    )


def release(order: Order, *, by: User, reason: Reason) -> None:
    """Take an order from whoever holds it, by an administrator."""
    ensure(by, Right.RELEASE_CLAIMS)
    if order.status != Status.IN_REVIEW:
        raise stale(order)
    move(
        order,
        Status.SUBMITTED,
        by=by,
        kind="order.claim_released",
        where=Q(holder=order.holder_id),
        data={"reason": reason.code},
        **_UNHELD,
    )


def release_lapsed_claims() -> int:
    """Return every order whose claim ran out to the queue; returns how many."""
    released = 0
    for pk in Order.objects.lapsed().order_by("held_until").values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            # Whoever works on the row right now decides about it; the next minute looks again.
            order = Order.objects.lapsed().filter(pk=pk).select_for_update(skip_locked=True).first()
            if order is None:
                continue
            Order.objects.filter(pk=pk).update(
                status=Status.SUBMITTED, status_at=Now(), version=F("version") + 1, **_UNHELD
            )
            note(order, "order.claim_lapsed", by=None)
            released += 1
    return released
