"""A signed regimen in the lines that pharmacists read: dose lines, sums, one row of the queue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from formulary.amounts import amount, display
from formulary.dosing import Quantity, Regimen, Step
from formulary.fills import Dispensing, each_refill, fill_text, first_fill
from formulary.reference import Figures
from formulary.words import frequency

_NBSP = "\u00a0"


_BEFORE_A_UNIT = re.compile(r"(?<=\d) (?=(?:mg|mcg|mL)\b)")


def _unbroken(text: str) -> str:
    return text.replace(" ", _NBSP)


def keep_units(text: str) -> str:
    """A sentence whose amounts are never parted from their units at the end of a line."""
    return _BEFORE_A_UNIT.sub(_NBSP, text)


@dataclass(frozen=True, slots=True)
class DoseSummary:
    """All of a regimen in one line, in the fixed order; `doses` are joined by `then`."""

    drug: str
    strength: str
    form: str
    doses: tuple[str, ...]
    route: str
    frequency: str


def summary(steps: Sequence[Step]) -> DoseSummary:
    """Each dose and frequency is named; only repetitions are left out."""
    first = steps[0].product
    strength, form = _strengths(steps)
    return DoseSummary(
        drug=first.drug,
        strength=strength,
        form=form,
        doses=tuple(_dose(step) for step in steps),
        route=first.route_words,
        frequency=", then ".join(dict.fromkeys(frequency(step) for step in steps)),
    )


def _strengths(steps: Sequence[Step]) -> tuple[str, str]:
    """`1.5 mg and 4.5 mg` and `capsules`; of two forms `1.5 mg capsule and 1 mg per mL`, `oral liquid`."""
    products = {step.product.code: step.product for step in steps}.values()
    forms = [
        (form, [_unbroken(p.strength) for p in products if p.form == form])
        for form in dict.fromkeys(product.form for product in products)
    ]
    liquid = {product.form for product in products if product.is_liquid}
    said = [
        (" and ".join(strengths), form + "s" * (len(strengths) > 1 and form not in liquid))
        for form, strengths in forms
    ]
    before = [f"{strengths} {form}" for strengths, form in said[:-1]]
    return " and ".join([*before, said[-1][0]]), said[-1][1]


def _dose(step: Step) -> str:
    """`4.5 mg`, of a liquid `4.5 mg in 4.5 mL`."""
    dose = amount(step.dose_mg, "mg", comma=True)
    if step.product.is_liquid and step.units_per_dose is not None:
        dose += f" in {amount(step.units_per_dose, 'mL', comma=True)}"
    return _unbroken(dose)


@dataclass(frozen=True, slots=True)
class DoseLine:
    """For components/dose_line.html."""

    name: str
    strength: str
    form: str
    amount: str
    unit: str
    volume: str
    route: str
    frequency: str
    duration: str


def dose_lines(regimen: Regimen) -> list[DoseLine]:
    """One line a step."""
    days = regimen.step_days or (None,) * len(regimen.steps)
    return [_dose_line(step, count) for step, count in zip(regimen.steps, days, strict=True)]


def _dose_line(step: Step, days: int | None) -> DoseLine:
    product, units = step.product, step.units_per_dose
    return DoseLine(
        name=product.drug,
        strength=product.strength,
        form=product.form,
        amount=display(step.dose_mg, comma=True),
        unit="mg",
        volume=display(units, comma=True) if product.is_liquid and units else "",
        route=product.route_words,
        frequency=frequency(step),
        duration=f"for {days} day{'s' * (days != 1)}" if days else "",
    )


@dataclass(frozen=True, slots=True)
class Sum:
    """One step's part of the quantity, as it is worked out: `1 capsule × 1 a day × 14 days`."""

    strength: str
    working: str
    result: str


def sums(regimen: Regimen) -> list[Sum]:
    """Empty while the regimen cannot be counted out."""
    days = regimen.step_days
    if days is None or regimen.quantities() is None:
        return []
    return [_sum(step, count) for step, count in zip(regimen.steps, days, strict=True)]


def _sum(step: Step, days: int) -> Sum:
    unit, each = step.product.unit, step.units_per_dose
    assert each is not None  # noqa: S101  quantities() is None otherwise
    one_dose = Quantity(each, unit).text(comma=True)
    whole = Quantity(each * step.times_per_day * days, unit).text(comma=True)
    count = f"{days} day{'s' * (days != 1)}"
    return Sum(
        strength=step.product.strength,
        working=_unbroken(f"{one_dose} × {step.times_per_day} a day × {count}"),
        result=_unbroken(whole),
    )


@dataclass(frozen=True, slots=True)
class FillShown:
    """What one fill holds, for orders/_fills.html. `directions` is blank where they are those of the
    label above, `plan` where all of it is sent at once."""

    term: str
    quantity: str
    supply: str
    directions: str
    plan: str


def fills_shown(regimen: Regimen | None, refills: int, figures: Figures) -> list[FillShown]:
    """The first fill and, where refills are ordered, each of them; empty while not computable."""
    first = first_fill(regimen, figures) if regimen else None
    if regimen is None or first is None:
        return []
    found = [_fill_shown("First fill", first)]
    refill = each_refill(regimen, figures)
    if refills and refill:
        found.append(_fill_shown("Each refill", refill, said=first.directions))
    return found


def _fill_shown(term: str, fill: Dispensing, *, said: str = "") -> FillShown:
    directions = "" if fill.directions == (said or fill.directions) else fill.directions
    return fill_in_words(term, fill.quantity, fill.days, directions, fill.parts)


def fill_in_words(
    term: str, quantity: str, days: int, directions: str, parts: Sequence[int]
) -> FillShown:
    """A fill in the words of screen and paper, from what is computed or was signed."""
    return FillShown(
        term=term,
        quantity=keep_units(quantity),
        supply=f"{days}{_NBSP}day{'s' * (days != 1)}",
        directions=keep_units(directions),
        plan="" if len(parts) == 1 else _plan(parts),
    )


def _plan(parts: Sequence[int]) -> str:
    if not parts:
        return "Cannot be sent: the beyond-use date passes in transit."
    return f"Sent as {fill_text(parts)}, as none may pass the beyond-use date."
