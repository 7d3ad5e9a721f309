"""An order's fills in words, for the practice's page and the pharmacist's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.house_dates import MONTHS
from formulary.fills import fill_text
from formulary.reference import Formulary
from orders.models import Fill, Order
from orders.services.supply import Supply, signed_plan
from orders.status import FillState, Status

# State → tone and icon of its badge.
_MARKS = {
    FillState.REQUESTED: ("info", "inbox"),
    FillState.RELEASED: ("ok", "box"),
    FillState.REFUSED: ("stop", "circle-xmark"),
    FillState.CANCELLED: ("neutral", "ban"),
}


def day(value: date | None) -> str:
    return f"{MONTHS[value.month - 1]}\u00a0{value.day}, {value.year}" if value else ""


@dataclass(frozen=True, slots=True)
class FillRow:
    """`name` is `First fill` or `Refill 1`; `days` its first and last day, blank while not known."""

    name: str
    word: str
    tone: str
    icon: str
    days: str
    plan: str
    note: str


def fill_name(fill: Fill) -> str:
    return "First fill" if fill.number == 1 else f"Refill {fill.number - 1}"


def fill_row(fill: Fill) -> FillRow:
    state = FillState(fill.state)
    tone, icon = _MARKS[state]
    days = f"{day(fill.starts_on)} to {day(fill.ends_on)}" if fill.starts_on else ""
    plan = fill_text(fill.parts) if len(fill.parts) > 1 else ""
    return FillRow(fill_name(fill), str(state.label), tone, icon, days, plan, _note(fill))


def _note(fill: Fill) -> str:
    if fill.state == FillState.REQUESTED and fill.asked_by and fill.asked_at:
        return f"by {fill.asked_by.name}, {day(fill.asked_at.date())}"
    if fill.refusal:
        return ": ".join(filter(None, (fill.refusal.label, fill.refusal_text)))
    return ""


def supply_of(order: Order, formulary: Formulary) -> dict[str, Any] | None:
    """For orders/_supply.html; None before the order is verified."""
    if order.status != Status.APPROVED:
        return None
    supply = Supply.of(order, formulary)
    can_repeat = signed_plan(order, "each_refill", formulary) is not None
    open_ = not supply.obstacle and can_repeat and supply.requested is None
    return {
        "rows": [fill_row(fill) for fill in supply.fills],
        "left": supply.refills_left,
        "ordered": order.refills,
        "ends": day(supply.ends_on),
        "ends_on": supply.ends_on,
        "not_early_from": day(supply.not_early_from),
        "is_early": supply.percent_used < supply.early_percent,
        "valid_to": day(order.expires_on),
        "may_ask": open_,
        "ended_by": order.refills_ended_by,
        "obstacle": "" if supply.requested else supply.obstacle,
        "replaces": list(order.ended_refills_of.order_by("pk")),
    }
