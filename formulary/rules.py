"""Clinical rules that need only product and steps. Pure: a rule is a function, its name in REGIMEN_RULES."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from formulary.amounts import amount
from formulary.dosing import Regimen, Step
from formulary.findings import Code, Finding, Level
from formulary.reference import DocumentedRange, Formulary
from formulary.words import frequency, milligrams_in_words, read_back

_log = logging.getLogger(__name__)
# An overshoot becomes a suspected slip of the decimal point at twice the documented maximum.
SLIP_FROM = 2
# ISMP: the tenfold error is the one that a range holding a tenfold pair (0.5 and 5) cannot see.
LARGE_CHANGE = 5


@dataclass(frozen=True, slots=True)
class RegimenCase:
    """What a regimen rule may look at: the regimen and each step's documented range, None if absent."""

    regimen: Regimen
    ranges: tuple[DocumentedRange | None, ...]
    comma: bool = False

    def mg(self, value: Decimal) -> str:
        return amount(value, "mg", comma=self.comma)

    def steps(self) -> Iterator[tuple[int, Step, DocumentedRange | None]]:
        return zip(range(1, len(self.ranges) + 1), self.regimen.steps, self.ranges, strict=True)

    def entered(self, step: Step) -> str:
        """The dose as it was typed, in its own unit."""
        if step.entered_mcg is not None:
            return amount(step.entered_mcg, "mcg", comma=self.comma)
        return self.mg(step.dose_mg)


def step_products_fit(case: RegimenCase) -> Iterator[Finding]:
    """Every step stays with the order's drug and route, and uses a product still dispensed."""
    ordered = case.regimen.product
    if not ordered.active:
        yield _retired(ordered.label, ordered.code, None)
    for number, step, _ in case.steps():
        product = step.product
        if product is ordered:
            continue
        if (product.drug, product.route) != (ordered.drug, ordered.route):
            text = f"{product.label} is another drug or route than the order's {ordered.label}."
            yield Finding(Code.OTHER_DRUG_OR_ROUTE, Level.STOP, text, number)
        if not product.active and product.code != ordered.code:
            yield _retired(product.label, product.code, number)


def _retired(label: str, code: str, step: int | None) -> Finding:
    text = f"{label} is no longer dispensed: choose another product."
    return Finding(Code.PRODUCT_RETIRED, Level.STOP, text, step, subject=code)


def within_documented_range(case: RegimenCase) -> Iterator[Finding]:
    """The daily total of every step lies in the documented range; without one nothing is passed."""
    missing = set[str]()
    for number, step, limits in case.steps():
        if limits is None:
            missing.add(f"{step.product.route} {step.product.drug}")
            continue
        total = step.daily_mg
        if total < limits.min_mg:
            yield _outside(case, number, step, limits, Code.BELOW_RANGE)
        elif total > limits.max_mg:
            yield _outside(case, number, step, limits, Code.ABOVE_RANGE)
    for name in sorted(missing):
        text = f"No documented range of {name} is on file: the dose could not be checked."
        yield Finding(Code.RANGE_NOT_ON_FILE, Level.NOT_CHECKED, text, subject=name)


def _outside(
    case: RegimenCase, number: int, step: Step, limits: DocumentedRange, code: Code
) -> Finding:
    entered = f"{case.mg(step.daily_mg)} a day"
    if step.times_per_day > 1 or step.entered_mcg is not None:
        entered = f"{case.entered(step)} {frequency(step)} is {entered},"
    else:
        entered += " is"
    side = "below" if code is Code.BELOW_RANGE else "above"
    text = (
        f"{entered} {side} the documented range of {limits.route} {limits.drug}, "
        f"{limits.text(comma=case.comma)} (source: {limits.source})."
    )
    return Finding(code, Level.STOP, text, number, source=limits.source)


def decimal_point_or_unit_slipped(case: RegimenCase) -> Iterator[Finding]:
    """A dose outside the range that a shifted point or the other unit would bring into it."""
    for number, step, limits in case.steps():
        if limits is None:
            continue
        shifts = likely_shifts(step, limits)
        if not shifts:
            continue
        unit = abs(shifts[0]) == 3
        meanings = " or ".join(_meaning(case, step, shift) for shift in shifts)
        slip = "the unit" if unit else "the decimal point"
        text = f"{case.entered(step)} looks like a slip of {slip}. Likely meaning: {meanings}"
        code = Code.UNIT_SUSPECTED if unit else Code.TENFOLD_SUSPECTED
        yield Finding(code, Level.STOP, text, number)


def likely_shifts(step: Step, limits: DocumentedRange) -> tuple[int, ...]:
    """Powers of ten that bring the daily total into the range, the likeliest first."""
    total = step.daily_mg
    if total >= SLIP_FROM * limits.max_mg:
        candidates: tuple[int, ...] = (-1, -2, -3)
    elif total < limits.min_mg:
        candidates = (3, 2, 1) if step.entered_mcg is not None else (1, 2, 3)
    else:
        return ()
    return tuple(s for s in candidates if limits.min_mg <= total.scaleb(s) <= limits.max_mg)


def _meaning(case: RegimenCase, step: Step, shift: int) -> str:
    meant = case.mg(step.dose_mg.scaleb(shift))
    if shift == -3 and step.entered_mcg is None:
        return f"{amount(step.dose_mg, 'mcg', comma=case.comma)} = {meant}"
    return meant


def large_change_is_confirmed(case: RegimenCase) -> Iterator[Finding]:
    """Five times or a fifth of the step before: inside the range never a stop, but read back."""
    for (_, before, range_before), (number, step, limits) in pairwise(case.steps()):
        old, new = before.daily_mg, step.daily_mg
        if new < LARGE_CHANGE * old and old < LARGE_CHANGE * new:
            continue
        if _is_outside(old, range_before) or _is_outside(new, limits):
            continue
        change = "five times the step before, or more" if new > old else "a fifth or less"
        text = (
            f"From {case.mg(old)} to {case.mg(new)} a day is {change}. "
            f"Confirm: {read_back(new, comma=case.comma)}"
        )
        words = milligrams_in_words(new)
        yield Finding(Code.FIVEFOLD_CHANGE, Level.WARN, text, number, words=words)


def _is_outside(total: Decimal, limits: DocumentedRange | None) -> bool:
    return limits is not None and not limits.min_mg <= total <= limits.max_mg


def mcg_is_shown_in_mg(case: RegimenCase) -> Iterator[Finding]:
    """1500 mcg = 1.5 mg."""
    for number, step, _ in case.steps():
        if step.entered_mcg is not None:
            text = f"{case.entered(step)} = {case.mg(step.dose_mg)}"
            yield Finding(Code.UNIT_MCG, Level.WARN, text, number)


# The smallest part of a capsule, tablet or troche that is given.
_PARTS = {
    Decimal(1): "whole",
    Decimal("0.5"): "whole or half",
    Decimal("0.25"): "whole, half or quarter",
}


def dose_can_be_given(case: RegimenCase) -> Iterator[Finding]:
    """Capsules are taken whole, tablets and troches in parts; a liquid is measured by its increment."""
    for number, step, limits in case.steps():
        product = step.product
        if step.units_per_dose is not None:
            continue
        if product.is_liquid:
            code = Code.NOT_MEASURABLE
            how = f"measured in steps of {amount(product.increment, product.unit)}"
        else:
            code = Code.NOT_REACHABLE
            parts = _PARTS.get(product.increment, "whole")
            how = f"made from {parts} {product.strength} {product.unit}s"
        text = f"{case.mg(step.dose_mg)} cannot be {how}{_nearest(case, step, limits)}"
        yield Finding(code, Level.STOP, text, number)


def _nearest(case: RegimenCase, step: Step, limits: DocumentedRange | None) -> str:
    """The doses next to it that can be given and stay in the range, if any."""
    near = [
        case.mg(dose)
        for dose in step.product.nearest_doses(step.dose_mg)
        if not _is_outside(dose * step.times_per_day, limits)
    ]
    return f"; nearest: {' or '.join(near)}" if near else ""


def days_add_up(case: RegimenCase) -> Iterator[Finding]:
    """Only the last step may be open and needs a day; closed steps make up the days' supply."""
    regimen = case.regimen
    if regimen.step_days is not None:
        return
    days = [step.days for step in regimen.steps]
    taken = sum(count for count in days if count is not None)
    step: int | None = None
    if None in days[:-1]:
        step = days.index(None) + 1
        text = "Only the last step may be left open: give this step its days."
    elif days[-1] is None:
        step = len(days)
        text = (
            f"The steps before take {taken} of {regimen.days_supply} days: "
            "at least 1 day must be left for the last step."
        )
    else:
        text = f"The steps add up to {taken} of {regimen.days_supply} days: the two must agree."
    yield Finding(Code.DAYS_DO_NOT_ADD_UP, Level.STOP, text, step)


def timing_fits(case: RegimenCase) -> Iterator[Finding]:
    """`at bedtime` is one dose a day; saying it of three would contradict the count."""
    for number, step, _ in case.steps():
        if not step.timing.fits(step.times_per_day):
            times = step.times_per_day
            text = f"The time of day does not fit {times} dose{'s' * (times != 1)} a day."
            yield Finding(Code.TIMING_DOES_NOT_FIT, Level.STOP, text, number)


RegimenRule = Callable[[RegimenCase], Iterable[Finding]]
REGIMEN_RULES: tuple[RegimenRule, ...] = (
    step_products_fit,
    within_documented_range,
    decimal_point_or_unit_slipped,
    large_change_is_confirmed,
    mcg_is_shown_in_mg,
    dose_can_be_given,
    days_add_up,
    timing_fits,
)
Case = TypeVar("Case")


def run_rules(rules: Iterable[Callable[[Case], Iterable[Finding]]], case: Case) -> list[Finding]:
    """Every rule's findings. A rule that fails hides no other and becomes a not-checked of its name."""
    found: list[Finding] = []
    for rule in rules:
        try:
            for finding in rule(case):  # one by one: what a failing rule said before stays
                found.append(finding)
        except Exception as error:
            # The class alone: the message may hold what the prescriber typed.
            _log.error("rule %s failed: %s", getattr(rule, "__name__", "?"), type(error).__name__)
            name = getattr(rule, "__name__", "rule").replace("_", " ")
            text = f"The rule “{name}” could not be evaluated: a pharmacist checks it."
            found.append(Finding(Code.RULE_ERROR, Level.NOT_CHECKED, text, subject=name))
    return found


def check_regimen(
    regimen: Regimen,
    formulary: Formulary,
    *,
    on: date,
    comma: bool = True,
    rules: tuple[RegimenRule, ...] | None = None,
) -> tuple[Finding, ...]:
    """What the rules say of a regimen on a day. `comma` writes 1,500 in the texts, as on screens."""
    known: dict[str, DocumentedRange | None] = {}
    for product in regimen.products:
        known[product.code] = formulary.range_for(product, on)
    ranges = tuple(known[step.product.code] for step in regimen.steps)
    case = RegimenCase(regimen, ranges, comma)
    return tuple(run_rules(REGIMEN_RULES if rules is None else rules, case))
