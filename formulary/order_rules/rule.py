"""What a rule of the order form is: a function, and what the documentation says of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from formulary.amounts import amount
from formulary.dosing import Regimen
from formulary.facts import Allergies, Caution, OrderFacts, Question
from formulary.findings import Code, Finding, Level
from formulary.order_rules.listed import Listed, read_medicines
from formulary.reference import Figures, Formulary

LABEL = "Label of naltrexone 50 mg tablets, DailyMed"
TITRATION = "ldnresearchtrust.org, types and titration"
ARTICLE = "Low Dose Naltrexone in Dermatology, VLS Pharmacy and New Drug Loft"
ISMP = "ISMP, tenfold errors"
USP = "USP 795, beyond-use dates"
CODES = "ICD-10-CM, the loaded release"
STATES = "State rules kept by the pharmacist"
HOUSE = "House rule"
# What a reader of a finding need not be told.
_SILENT = frozenset({"", CODES, STATES, HOUSE})


@dataclass(frozen=True)
class OrderCase:
    """What an order rule may look at; `regimen` is None while its steps cannot be read."""

    facts: OrderFacts
    formulary: Formulary
    regimen: Regimen | None = None
    comma: bool = True

    @property
    def figures(self) -> Figures:
        return self.formulary.figures

    @property
    def on(self) -> date:
        """The day whose ranges, rules and question periods count: at approval that of the signature."""
        return self.facts.formulary_on or self.facts.today

    @property
    def first_dose(self) -> date:
        return self.facts.first_dose or self.facts.today

    @cached_property
    def medicines(self) -> tuple[Listed, ...]:
        """Each current medicine as the lists know it; () while the question is open."""
        return read_medicines(self.facts.medicines or (), self.formulary, self.on)

    @cached_property
    def allergies(self) -> tuple[Listed, ...]:
        """Typed allergies. Words on no list are no finding: foods, dyes and pollen are no question of
        this check, and the pharmacist reads the whole list and ticks that it was read."""
        if self.facts.allergies is not Allergies.LISTED:
            return ()
        return read_medicines(self.facts.allergy_names, self.formulary, self.on)

    def has(self, caution: Caution) -> bool:
        return caution in (self.facts.cautions or ())

    def mg(self, value: Decimal) -> str:
        return amount(value, "mg", comma=self.comma)


Check = Callable[[OrderCase], Iterable[Finding]]


def always(_: OrderCase) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Need:
    """A question without whose answer a rule cannot speak; `when` in words for the documentation."""

    question: Question
    when: Callable[[OrderCase], bool] = always
    words: str = ""


@dataclass(frozen=True, slots=True)
class Says:
    """A code that a rule may raise, its level, and when, where the rule's text alone leaves it open."""

    code: Code
    level: Level
    when: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """`says`: every finding it may raise. A clinical source goes with each."""

    check: Callable[[Any], Iterable[Finding]]
    says: tuple[Says, ...]
    text: str
    source: str = HOUSE
    needs: tuple[Need, ...] = ()

    @property
    def __name__(self) -> str:
        return getattr(self.check, "__name__", "rule")

    def __call__(self, case: OrderCase) -> Iterator[Finding]:
        for finding in self.check(case):
            silent = finding.source or self.source in _SILENT
            yield finding if silent else replace(finding, source=self.source)


def long_day(day: date) -> str:
    """`December 4, 2026`."""
    return f"{day:%B} {day.day}, {day.year}"


def days_text(count: int) -> str:
    return f"{count} day{'s' * (count != 1)}"


def joined(texts: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *before, end = texts
    return f"{', '.join(before)} {last} {end}" if before else end
