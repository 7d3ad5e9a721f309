"""First fill, refill and the plan of fills: examples, then any regimen at all."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulary.dosing import Regimen
from formulary.fills import each_refill, fill_text, first_fill, longest_part, parts_of
from formulary.reference import Figures
from tests.formulary.helpers import FORBIDDEN, LIQUID, product, regimen
from tests.formulary.test_properties import regimens

FIGURES = Figures()


def test_ninety_days_of_a_thirty_day_liquid_are_four_fills() -> None:
    filled = first_fill(regimen("4.5x-", LIQUID, 90), FIGURES)
    assert filled is not None
    assert filled.parts == (25, 25, 25, 15)
    assert filled.plan == "4 fills of 25, 25, 25 and 15 days"
    assert filled.quantity == "405 mL"


def test_the_first_fill_holds_the_whole_titration_and_a_refill_the_last_step() -> None:
    found = regimen("1.5x14 3x14 4.5x-@LDN-CAP-4.5", supply=90)
    first, refill = first_fill(found, FIGURES), each_refill(found, FIGURES)
    assert first is not None
    assert refill is not None
    assert first.quantity == "42 capsules of 1.5 mg and 62 capsules of 4.5 mg"
    assert refill.quantity == "90 capsules"
    assert (first.days, refill.days) == (90, 90)
    assert (first.plan, refill.plan) == ("", "")
    assert refill.directions == "Take one 4.5 mg capsule by mouth at bedtime for 90 days."


def test_a_titration_whose_last_step_ends_cannot_be_refilled() -> None:
    found = regimen("1.5x14 4.5x76", supply=90)
    assert first_fill(found, FIGURES) is not None
    assert each_refill(found, FIGURES) is None


def test_nothing_is_filled_while_the_steps_do_not_add_up() -> None:
    for steps in ("1.5x14 4.5x14", "2x-", "1.5x- 3x-", "1.5x90 3x-"):
        assert first_fill(regimen(steps), FIGURES) is None
        assert each_refill(regimen(steps), FIGURES) is None


def test_the_product_that_keeps_least_decides_for_the_whole_fill() -> None:
    assert longest_part([product("LDN-CAP-1.5"), product(LIQUID)], FIGURES) == 25
    assert longest_part([product("LDN-CAP-1.5")], FIGURES) == 175
    assert longest_part([product(LIQUID)], replace(FIGURES, transit_days=30)) == 0


@pytest.mark.parametrize(
    ("days", "longest", "parts", "text"),
    [
        (90, 25, (25, 25, 25, 15), "4 fills of 25, 25, 25 and 15 days"),
        (25, 25, (25,), "1 fill of 25 days"),
        (26, 25, (25, 1), "2 fills of 25 and 1 day"),
        (1, 25, (1,), "1 fill of 1 day"),
        (50, 25, (25, 25), "2 fills of 25 and 25 days"),
        (28, 9, (9, 9, 9, 1), "4 fills of 9, 9, 9 and 1 day"),
        (365, 25, (*[25] * 14, 15), "15 fills: 14 of 25 days, 1 of 15 days"),
        (175, 25, (25,) * 7, "7 fills: 7 of 25 days"),
        (30, 0, (), "no fill: the beyond-use date passes in transit"),
    ],
)
def test_parts_are_as_long_as_they_may_be(
    days: int, longest: int, parts: tuple[int, ...], text: str
) -> None:
    assert parts_of(days, longest) == parts
    assert fill_text(parts) == text


@given(regimens(), st.integers(0, 40))
def test_every_fill_adds_up_and_no_part_is_too_long(found: Regimen, transit: int) -> None:
    figures = replace(FIGURES, transit_days=transit)
    filled, days = first_fill(found, figures), found.step_days
    assert (filled is None) == (found.quantities() is None)
    if filled is None or days is None:
        return
    held = sum(Fraction(n.value) * Fraction(p.strength_mg) for p, n in filled.amounts)
    taken = sum(
        Fraction(step.dose_mg) * step.times_per_day * count
        for step, count in zip(found.steps, days, strict=True)
    )
    assert held == taken
    keeps = min(p.beyond_use_days for p in found.products if p in [p for p, _ in filled.amounts])
    if keeps <= transit:
        assert filled.parts == ()
    else:
        assert sum(filled.parts) == filled.days == found.days_supply
        assert max(filled.parts) + transit <= keeps
    assert not FORBIDDEN.search(f"{filled.directions} {filled.quantity} {filled.plan}")


@given(regimens())
def test_a_refill_is_the_last_step_for_the_whole_supply(found: Regimen) -> None:
    refill, last = each_refill(found, FIGURES), found.steps[-1]
    open_end = last.days is None or len(found.steps) == 1
    assert (refill is not None) == (found.quantities() is not None and open_end)
    if refill is None:
        return
    ((filled, amount),) = refill.amounts
    assert filled is last.product
    assert Fraction(amount.value) * Fraction(filled.strength_mg) == (
        Fraction(last.daily_mg) * found.days_supply
    )
    if len(found.steps) == 1:
        assert refill == first_fill(found, FIGURES)
