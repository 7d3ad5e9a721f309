"""What strangers read of the pharmacy: its range, its conditions and where it ships, all from rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from formulary.amounts import amount
from formulary.models import DocumentedRange, Indication, ShipState
from formulary.reference import Documented

LEVELS = {
    Documented.TREATABLE: ("Listed as treatable", "info", "book-medical"),
    Documented.EMERGENT: ("Evidence called emergent", "ask", "seedling"),
    Documented.AUTOIMMUNE_ONLY: ("Named, not as treated", "neutral", "circle-half-stroke"),
    Documented.NOT_DOCUMENTED: ("Not documented", "dark", "circle-question"),
}


@dataclass(frozen=True, slots=True)
class Level:
    """How far the pharmacy's article documents a condition: for components/badge.html."""

    word: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of the list. `dose`, `time` and `evidence` are empty where nothing is documented."""

    name: str
    url: str
    level: Level
    dose: str
    time: str
    evidence: str

    @property
    def documented(self) -> list[str]:
        return [part for part in (self.dose, self.time, self.evidence) if part]

    @property
    def missing(self) -> list[str]:
        """What nothing is documented of, in words."""
        parts = (("dose", self.dose), ("time to effect", self.time), ("evidence", self.evidence))
        return [name for name, part in parts if not part]


@dataclass(frozen=True, slots=True)
class Limits:
    """The documented daily range of one drug and route, as rows have it today."""

    drug: str
    route: str
    low: str
    high: str
    source: str


@dataclass(frozen=True, slots=True)
class Code:
    """`more`: how many characters a full code has, where only its beginning is listed."""

    code: str
    label: str
    more: int
    level: Level | None


def level_of(documented: str) -> Level:
    return Level(*LEVELS[Documented(documented)])


def condition_of(row: Indication) -> Condition:
    return Condition(
        name=row.name,
        url=reverse("public:condition", args=[row.slug]),
        level=level_of(row.documented),
        dose=row.documented_dose,
        time=row.time_to_effect,
        evidence=row.evidence,
    )


def conditions() -> list[Condition]:
    """What is documented most stands first; within a level, by name."""
    order = list(LEVELS)
    rows = sorted(
        Indication.objects.active(),
        key=lambda row: (order.index(Documented(row.documented)), row.name),
    )
    return [condition_of(row) for row in rows]


def by_level() -> list[tuple[Level, list[Condition]]]:
    """The same list, under the words of each level."""
    return [(level, list(rows)) for level, rows in groupby(conditions(), key=lambda c: c.level)]


def codes_of(row: Indication) -> list[Code]:
    """The ICD-10-CM codes; a level of its own only where it differs from the condition's."""
    return [
        Code(
            code=code.code,
            label=code.label,
            more=code.full_length,
            level=level_of(code.documented)
            if code.documented not in ("", row.documented)
            else None,
        )
        for code in row.codes.all()
    ]


def limits(on: date) -> list[Limits]:
    """Every documented range in force on a day."""
    rows = DocumentedRange.objects.in_force(on).with_parts().order_by("drug__name", "route__code")
    return [
        Limits(
            drug=row.drug.name,
            route=row.route.words,
            low=amount(row.min_mg, "mg"),
            high=amount(row.max_mg, "mg"),
            source=row.source,
        )
        for row in rows
    ]


def ship_states(on: date) -> list[str]:
    """The names of the states that are served, in the order people look for them."""
    return sorted(row.name for row in ShipState.objects.served(on))


def door(name: str) -> str:
    """The address behind a door of the landing page; empty where it leads nowhere."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def landing() -> dict[str, object]:
    """What the landing page shows, in three statements."""
    today = timezone.localdate()
    return {
        "limits": limits(today),
        "levels": by_level(),
        "ship_states": ship_states(today),
        "open_account": door("apply:start"),
    }
