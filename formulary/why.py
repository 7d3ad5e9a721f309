"""Why there is a check: its rules in words, and the rows of the formulary that it compares with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from formulary.amounts import display
from formulary.clock import pharmacy_today
from formulary.findings import Code, Level
from formulary.kept import KINDS
from formulary.models import DocumentedRange, FormularyChange, RuleFigure
from formulary.order_rules import ORDER_RULES
from formulary.order_rules.regimen import REGIMEN_CHECKS
from formulary.status import ChangeKind, State

_RANGES = (Code.BELOW_RANGE, Code.ABOVE_RANGE, Code.RANGE_NOT_ON_FILE, Code.TENFOLD_SUSPECTED,
           Code.UNIT_SUSPECTED, Code.NALTREXONE_CURRENT)  # fmt: skip
_FIGURES: Mapping[Code, tuple[str, ...]] = {
    Code.OPIOIDS_NOW: ("short_acting_days", "long_acting_days"),
    Code.OPIOID_TOO_RECENT: ("short_acting_days", "long_acting_days"),
    Code.OPIOID_FREE_SHORT: ("short_acting_days", "short_acting_caution_days"),
    Code.OPIOID_CONTRADICTION: ("recent_opioid_days",),
    Code.NALTREXONE_CURRENT: ("depot_naltrexone_days",),
    Code.CONFIRM_DOSE: (
        "confirm_first_dose_above_mg", "largest_rise_mg", "least_days_before_a_rise",
        "large_change",
    ),
    Code.MANY_UNITS: ("most_units_a_dose",),
    Code.UNDER_AGE: ("adult_years",),
    Code.PROCEDURE_PLANNED: ("procedure_days",),
    Code.PAST_BEYOND_USE: ("transit_days",),
    Code.EARLY_REFILL: ("early_refill_percent",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """A rule that may say this code: its level, its words, where they come from, and when."""

    level: Level
    text: str
    source: str
    when: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A row that the rule compares with. `owner` "" is a row as it was shipped."""

    name: str
    value: str
    source: str
    owner: str
    reviewed: datetime | None
    starts: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Why:
    code: Code
    name: str
    said: tuple[Said, ...]
    limits: tuple[Limit, ...]


def why(code: Code) -> Why:
    said = tuple(
        Said(told.level, rule.text, rule.source, told.when)
        for rule in (*REGIMEN_CHECKS, *ORDER_RULES)
        for told in rule.says
        if told.code is code
    )
    return Why(code, str(code).replace("_", " "), said, tuple(_limits(code)))


def _limits(code: Code) -> Iterable[Limit]:
    last = _last_changes()
    if code in _RANGES:
        kind, today = KINDS[ChangeKind.RANGE], pharmacy_today()
        for row in DocumentedRange.objects.in_force(today).with_parts():
            change = last.get((ChangeKind.RANGE, kind.key(kind.snapshot(row))))
            name, value = f"{row.drug.name}, {row.route.words}", row.as_value().text(comma=True)
            yield Limit(name, value, row.source, *_owner(change), row.starts, row.ends)
    keys = _FIGURES.get(code, ())
    for figure in RuleFigure.objects.filter(key__in=keys):
        change = last.get((ChangeKind.FIGURE, figure.key))
        value = f"{display(figure.value)} {figure.unit}"
        yield Limit(figure.label, value, figure.source, *_owner(change))


def _last_changes() -> dict[tuple[ChangeKind, str], FormularyChange]:
    """The change in force of each range and figure that came last."""
    rows = FormularyChange.objects.filter(
        kind__in=[ChangeKind.RANGE, ChangeKind.FIGURE], state=State.IN_FORCE
    )
    return {
        (ChangeKind(row.kind), row.target): row
        for row in rows.with_people().order_by("applied_at", "id")
    }


def _owner(change: FormularyChange | None) -> tuple[str, datetime | None]:
    return (change.author.name, change.applied_at) if change else ("", None)
