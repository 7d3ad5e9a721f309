"""Where the pharmacy ships, what states ask of a prescription, and the figures of the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from django.db import models

from accounts.house_fields import STATES
from formulary.amounts import display
from formulary.kept.kind import Column, Kind, Values, day_words, spoken, yes_no
from formulary.models import RuleFigure, ShipState, StateRule
from formulary.reference import Figures, Formulary
from formulary.status import Act, ChangeKind

_NAMES = dict(STATES)


def state_name(code: str) -> str:
    return _NAMES.get(code, code)


class ShipStates(Kind[ShipState]):
    kind = ChangeKind.SHIP_STATE
    model = ShipState
    searched = ("state", "source")
    many = "States shipped to"
    lead = "Where the pharmacy holds a licence to ship. Orders to any other state are stopped."
    columns = (
        Column("state", "State", state_name),
        Column("source", "Licence"),
        Column("since", "First day on which it holds", day_words),
        Column("active", "Shipped to", yes_no),
    )

    def key(self, values: Values) -> str:
        return str(values["state"])

    def brief(self, row: ShipState) -> str:
        return row.source

    def warnings(
        self, act: Act, before: Values | None, after: Values, formulary: Formulary
    ) -> Sequence[str]:
        if act is not Act.RETIRE:
            return ()
        return ["Drafts and orders that wait for review are stopped when they ship there."]


class StateRules(Kind[StateRule]):
    kind = ChangeKind.STATE_RULE
    model = StateRule
    searched = ("state", "source")
    many = "State rules"
    lead = "What a state asks of a prescription. Of a state without a row the usual rule holds."
    columns = (
        Column("state", "State", state_name),
        Column("portal_orders", "Orders from this site", spoken),
        Column("exception", "Taken in these cases"),
        Column("validity_months", "Months a prescription holds", lambda n: str(n or "No end")),
        Column("needs_supervisor", "Names a supervising physician", yes_no),
        Column("unlicensed_ship_to_stops", "Shipped to without a licence there: stop", yes_no),
        Column("source", "Source"),
        Column("active", "In use", yes_no),
    )

    def key(self, values: Values) -> str:
        return str(values["state"])

    def name(self, row: StateRule) -> str:
        return state_name(row.state)

    def brief(self, row: StateRule) -> str:
        months = f"{row.validity_months} months" if row.validity_months else "no end"
        return f"{spoken(row.portal_orders)} · {months}"

    def needs_second(self, act: Act, before: Values | None, after: Values) -> bool:
        return act is not Act.CONFIRM

    def warnings(
        self, act: Act, before: Values | None, after: Values, formulary: Formulary
    ) -> Sequence[str]:
        found = ["The usual rule holds there from that day."] if act is Act.RETIRE else []
        if after["portal_orders"] == "refused" and (before or {}).get("portal_orders") != "refused":
            found.append("No order from this site is taken for patients seen there any more.")
        return found


@dataclass(frozen=True, slots=True)
class Limits:
    """What a figure may be: anything else is a slip of the keyboard."""

    least: Decimal
    most: Decimal
    whole: bool = True

    def text(self) -> str:
        return f"{display(self.least)} to {display(self.most)}"


def _whole(least: int, most: int) -> Limits:
    return Limits(Decimal(least), Decimal(most))


LIMITS: Mapping[str, Limits] = {
    "short_acting_days": _whole(1, 60),
    "short_acting_caution_days": _whole(1, 60),
    "long_acting_days": _whole(1, 90),
    "recent_opioid_days": _whole(14, 120),
    "depot_naltrexone_days": _whole(1, 120),
    "confirm_first_dose_above_mg": Limits(Decimal("0.5"), Decimal(10), whole=False),
    "largest_rise_mg": Limits(Decimal("0.1"), Decimal(5), whole=False),
    "least_days_before_a_rise": _whole(1, 60),
    "large_change": _whole(2, 10),
    "most_units_a_dose": _whole(1, 20),
    "procedure_days": _whole(1, 90),
    "adult_years": _whole(12, 21),
    "caution_facts_months": _whole(1, 36),
    "transit_days": _whole(0, 13),
    "early_refill_percent": _whole(50, 100),
    "validity_notice_days": _whole(1, 120),
    "last_fill_notice_days": _whole(1, 60),
}
# (the smaller figure, the larger figure, what would go wrong)
_ORDERED = (
    ("short_acting_days", "short_acting_caution_days", "the span that calls for care is empty"),
    ("short_acting_days", "long_acting_days", "a long-acting opioid would count for less"),
    ("short_acting_caution_days", "recent_opioid_days", "the question would not ask far enough back"),
    ("long_acting_days", "recent_opioid_days", "the question would not ask far enough back"),
)  # fmt: skip


def disagreement(key: str, value: Decimal, others: Mapping[str, Decimal]) -> str:
    """Why a figure does not fit beside the others; "" when it does."""
    given = {**others, key: value}
    for low, high, why in _ORDERED:
        if key in (low, high) and low in given and high in given and given[low] > given[high]:
            other = high if key == low else low
            side = "at most" if key == low else "at least"
            return f"It is {side} {display(given[other])}, as another figure says: else {why}."
    return ""


class RuleFigures(Kind[RuleFigure]):
    """Which figures there are is code; what they are is kept here."""

    kind = ChangeKind.FIGURE
    model = RuleFigure
    searched = ("label", "key", "source")
    many = "Rule figures"
    lead = "The figures that the checks compare with, each with its source."
    can_retire = False
    can_be_added = False
    columns = (
        Column("key", "Name in the rules"),
        Column("label", "What it says"),
        Column("value", "Figure"),
        Column("unit", "Unit"),
        Column("source", "Source"),
    )

    def rows(self) -> models.QuerySet[RuleFigure]:
        return RuleFigure.objects.filter(key__in=[field.name for field in fields(Figures)])

    def key(self, values: Values) -> str:
        return str(values["key"])

    def name(self, row: RuleFigure) -> str:
        return row.label

    def brief(self, row: RuleFigure) -> str:
        return f"{display(row.value)} {row.unit}"

    def needs_second(self, act: Act, before: Values | None, after: Values) -> bool:
        return act is not Act.CONFIRM

    def warnings(
        self, act: Act, before: Values | None, after: Values, formulary: Formulary
    ) -> Sequence[str]:
        if act is Act.CONFIRM:
            return ()
        return ["Every check that compares with it uses the new figure from that day."]
