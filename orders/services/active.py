"""The patient's other orders of the same drug that are signed and not used up, as the rules ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from formulary.facts import ActiveOrder
from orders.models import Order, Patient
from orders.status import AT_THE_PHARMACY, FillState, Status

SIGNED = (*AT_THE_PHARMACY, Status.NEEDS_CLARIFICATION, Status.ON_HOLD, Status.APPROVED)

# An order has seventy columns: the live check asks while one types.
_LOOKED_AT = (
    "reference", "status", "effective_on", "decided_at", "days_supply", "refills",
    "refills_ended_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ActiveOrders:
    """`last_dispensed_mg` is the daily total of the last step that the pharmacy last verified, of
    an order that may be used up by now; None when there is none."""

    orders: tuple[ActiveOrder, ...]
    last_dispensed_mg: Decimal | None

    @classmethod
    def of(cls, patient: Patient, *, drug: str, on: date, but: Order | None = None) -> ActiveOrders:
        """`but` is the order in question: neither it nor what it revises overlaps with it."""
        left_out = [pk for pk in (but.pk, but.revises_id) if pk] if but else []
        rows = Order.objects.of_person(patient).filter(status__in=SIGNED, product__drug__name=drug)
        rows = rows.exclude(pk__in=left_out).only(*_LOOKED_AT).prefetch_related("steps", "fills")
        return cls.among([active(row) for row in rows.order_by("submitted_at", "id")], on)

    @classmethod
    def among(cls, known: list[ActiveOrder], on: date) -> ActiveOrders:
        """Of the patient's other orders, in the order they were sent."""
        dispensed = [one for one in known if one.dispensed]
        return cls(
            orders=tuple(one for one in known if _is_in_hand(one, on)),
            last_dispensed_mg=dispensed[-1].daily_mg if dispensed else None,
        )


def active(order: Order) -> ActiveOrder:
    """A signed order as the rules see it from beside; its steps and fills are at hand."""
    last = max(order.steps.all(), key=lambda step: step.position)
    dispensed = order.status == Status.APPROVED
    released = [fill for fill in order.fills.all() if fill.state == FillState.RELEASED]
    starts = min((fill.starts_on for fill in released if fill.starts_on), default=None)
    ends = max((fill.ends_on for fill in released if fill.ends_on), default=None)
    if dispensed and ends is None and order.decided_at is not None:
        # Verified before fills were kept.
        starts = order.effective_on or order.decided_at.date()
        ends = starts + timedelta(days=order.days_supply - 1)
    used = max((fill.number for fill in released), default=1 if dispensed else 0)
    left = 0 if order.refills_ended_by_id else max(order.refills + 1 - max(used, 1), 0)
    return ActiveOrder(
        reference=order.reference,
        daily_mg=last.dose_mg * last.times_per_day,
        dispensed=dispensed,
        starts=starts,
        ends=ends,
        refills_left=left,
    )


def _is_in_hand(order: ActiveOrder, on: date) -> bool:
    """Not verified yet, or its supply or its refills are not used up."""
    return not order.dispensed or order.refills_left > 0 or (order.ends or on) >= on
