"""Changing an order's state: compare, set and record in one transaction, or tell who was first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right, ensure
from events.services import record
from orders.models import Order
from orders.status import ALLOWED_MOVES, Status


class StaleOrder(Exception):
    """The order is no longer what the page showed; the message says where it stands now."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.holder = order.holder.name if order.holder else ""
        super().__init__(self._words())

    def _words(self) -> str:
        state = self.order.get_status_display()
        if self.holder and not self.order.is_held_now(timezone.now()):
            return f"The claim of {self.holder} on {self.order.reference} ran out; nobody holds it."
        if self.holder:
            return f"{self.order.reference} is held by {self.holder} now."
        return f"{self.order.reference} has moved on: {state}."


class Refused(Exception):
    """The order cannot be moved as asked; the message names what is missing."""


def stale(order: Order) -> StaleOrder:
    """The error for a lost race, with the order as it stands in the database now."""
    return StaleOrder(Order.objects.select_related("holder").get(pk=order.pk))


def ensure_own(order: Order, by: User, right: Right) -> None:
    """Raise PermissionDenied without the right, or for an order of another practice."""
    ensure(by, right)
    if order.practice_id != by.practice_id:
        raise PermissionDenied("This order belongs to another practice.")


def ensure_right(order: Order, to: Status, by: User) -> None:
    """StaleOrder for a move outside the table, PermissionDenied for one not open to `by`."""
    here = Status(order.status)
    if (here, to) not in ALLOWED_MOVES:
        raise stale(order)
    right = ALLOWED_MOVES[here, to]
    if right is not None:
        ensure(by, right)


def move(order: Order, to: Status, *, by: User | None, kind: str, **more: Any) -> None:
    """Set the new state if the order still stands where it was read, and write the event.

    Takes `where`, `reason` and `text` (shown to people), `data` (goes into the event) and changed
    columns.
    Raises StaleOrder for a lost race. Afterwards `order` is as the database has it.
    """
    with transaction.atomic():
        move_within(order, to, by=by, kind=kind, **more)
    order.refresh_from_db()


def move_within(
    order: Order,
    to: Status,
    *,
    by: User | None,
    kind: str,
    where: models.Q | None = None,
    reason: str = "",
    text: str = "",
    data: Mapping[str, object] | None = None,
    **changes: object,
) -> None:
    """The same in the caller's transaction, leaving `order` itself as it was."""
    here = Order.objects.filter(pk=order.pk, status=order.status)
    won = here.filter(where or models.Q()).update(
        status=to,
        status_at=Now(),
        status_reason=reason,
        status_text=text,
        version=F("version") + 1,
        **changes,
    )
    if not won:
        raise stale(order)
    note(order, kind, by=by, data=data)


def note(
    order: Order, kind: str, *, by: User | None, data: Mapping[str, object] | None = None
) -> None:
    """Write an event about the order."""
    record(
        kind,
        subject="order",
        subject_id=order.pk,
        reference=order.reference,
        by=by,
        data=data,
    )
