"""What was dispensed of a verified order so far, and what may still be asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from formulary.amounts import display
from formulary.fills import Dispensing, each_refill, first_fill
from formulary.reference import Formulary
from orders.models import Fill, Order
from orders.services.checks import regimen_of
from orders.status import FillState, Status


@dataclass(frozen=True, slots=True)
class Plan:
    """One fill as it was signed: days, the days of each part, product code → amount."""

    days: int
    parts: tuple[int, ...]
    quantities: dict[str, str]


def signed_plan(order: Order, name: str, formulary: Formulary) -> Plan | None:
    """The `first_fill` or `each_refill` that was signed; computed for orders signed before plans
    were. None: there is no such fill."""
    said = json.loads(order.signature.content)["order"].get("says", {})
    if name in said:
        return _plan(said[name])
    computed = {"first_fill": first_fill, "each_refill": each_refill}[name]
    found = computed(regimen_of(order, formulary), formulary.figures)
    return _computed(found) if found else None


def _plan(said: dict[str, Any] | None) -> Plan | None:
    if said is None:
        return None
    return Plan(said["days"], tuple(said["parts"]), dict(said["quantities"]))


def _computed(fill: Dispensing) -> Plan:
    amounts = {product.code: display(amount.value) for product, amount in fill.amounts}
    return Plan(fill.days, fill.parts, amounts)


@dataclass(frozen=True, slots=True)
class Supply:
    """An order's fills on a day at the practice. An order verified before fills were kept has had
    its first one all the same, from the day of the decision."""

    order: Order
    fills: tuple[Fill, ...]
    today: date
    early_percent: int

    @classmethod
    def of(cls, order: Order, formulary: Formulary) -> Supply:
        fills = tuple(order.fills.select_related("asked_by", "decided_by", "refusal"))
        return cls(order, fills, order.practice.today, formulary.figures.early_refill_percent)

    @property
    def released(self) -> list[Fill]:
        return [fill for fill in self.fills if fill.state == FillState.RELEASED]

    @property
    def requested(self) -> Fill | None:
        return next((fill for fill in self.fills if fill.state == FillState.REQUESTED), None)

    @property
    def next_number(self) -> int:
        """Of the refill that may be asked for, or was: the first fill is number 1."""
        return max((fill.number for fill in self.released), default=1) + 1

    @property
    def refills_left(self) -> int:
        """How many may still be asked for; one that was asked for and is not decided counts."""
        if self.order.status != Status.APPROVED or self.order.refills_ended_by_id:
            return 0
        return max(self.order.refills + 2 - self.next_number, 0)

    @property
    def has_ended(self) -> bool:
        """Whether the prescription's validity passed."""
        return self.order.expires_on is not None and self.order.expires_on < self.today

    # --- the supply in hand ---
    @property
    def starts_on(self) -> date | None:
        """The first day of the supply that was released last."""
        if self.released:
            return self.released[-1].starts_on
        decided = self.order.decided_at
        return self.order.effective_on or (decided.date() if decided else None)

    @property
    def days(self) -> int:
        return self.released[-1].days if self.released else self.order.days_supply

    @property
    def ends_on(self) -> date | None:
        starts = self.starts_on
        return starts + timedelta(days=self.days - 1) if starts else None

    @property
    def percent_used(self) -> int:
        """Of the supply released last, in whole percent, as if taken day by day."""
        if self.starts_on is None:
            return 100
        used = (self.today - self.starts_on).days
        return min(max(100 * used // self.days, 0), 100)

    @property
    def not_early_from(self) -> date | None:
        """The first day on which a refill is not early."""
        if self.starts_on is None:
            return None
        return self.starts_on + timedelta(days=-(-self.days * self.early_percent // 100))

    def next_days(self, days: int) -> tuple[date, date]:
        """First and last day of a refill of so many days released today."""
        after = self.ends_on + timedelta(days=1) if self.ends_on else self.today
        starts = max(after, self.today)
        return starts, starts + timedelta(days=days - 1)

    @property
    def obstacle(self) -> str:
        """Why no refill can be asked for or released today; empty when one can."""
        order = self.order
        if order.status != Status.APPROVED:
            return f"{order.reference} is {order.get_status_display().lower()}: it has no refills."
        if order.refills_ended_by_id:
            return f"{order.refills_ended_by} replaces this order, and its refills were cancelled."
        if self.refills_left == 0:
            return "No refills are left: order again."
        if self.has_ended:
            return "The prescription’s validity has ended: order again."
        return ""
