"""Any steps at all: what the core says is compared with sums done another way, in fractions."""

from __future__ import annotations

import ast
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import formulary
from formulary.amounts import display
from formulary.chart import dose_chart
from formulary.dosing import Regimen, Step, Timing, quantity
from formulary.findings import Level, Outcome, outcome
from formulary.lines import answer
from formulary.shipped import shipped_formulary
from formulary.words import directions
from tests.formulary.helpers import FORBIDDEN, ON, findings

SHIPPED = shipped_formulary()
ROOT = Path(formulary.__file__).parent
PURE = [
    "amounts", "chart", "dosing", "fills", "findings", "lines", "reference", "rules",
    "shipped", "words",
    *(f"order_rules/{path.stem}" for path in sorted(ROOT.glob("order_rules/*.py"))),
]  # fmt: skip
LOW, HIGH = Fraction(1, 2), Fraction(5)
products = st.sampled_from(list(SHIPPED.products.values()))
doses = st.one_of(
    st.sampled_from(["0.5", "1", "1.5", "2.25", "3", "4.5", "5", "5.001", "0.499", "45", "0.05"]),
    st.integers(1, 999_999).map(lambda n: display(Decimal(n).scaleb(-3))),
).map(Decimal)
counts = st.one_of(st.just(1), st.integers(1, 24))


@st.composite
def regimens(draw: st.DrawFn) -> Regimen:
    """Steps of any shipped products; half of the time the days add up."""
    ordered = draw(products)
    days: list[int | None] = list(draw(st.lists(st.integers(1, 40), min_size=1, max_size=9)))
    supply = sum(count or 0 for count in days)
    if draw(st.booleans()):
        days[-1] = None
    if draw(st.booleans()):
        supply = draw(st.integers(1, 365))
    steps = tuple(
        Step(draw(st.one_of(st.just(ordered), products)), draw(doses), draw(counts), count)
        for count in days
    )
    return Regimen(ordered, steps, min(supply, 365))


@given(regimens())
def test_nothing_outside_the_range_passes_and_nothing_inside_is_stopped_for_its_total(
    found: Regimen,
) -> None:
    stopped = {f.step for f in findings(found) if f.code in ("above_range", "below_range")}
    totals = [Fraction(step.dose_mg) * step.times_per_day for step in found.steps]
    assert stopped == {n for n, total in enumerate(totals, 1) if not LOW <= total <= HIGH}
    suspected = {f.step for f in findings(found) if str(f.code).endswith("_suspected")}
    assert suspected <= stopped


@given(regimens())
def test_the_quantity_is_the_exact_sum_of_what_is_taken(found: Regimen) -> None:
    rest = found.days_supply - sum(step.days or 0 for step in found.steps)
    open_ = found.steps[-1].days is None
    adds_up = rest >= 1 if open_ else rest == 0
    units = [
        Fraction(step.dose_mg)
        / Fraction(step.product.strength_mg)
        / Fraction(step.product.increment)
        for step in found.steps
    ]
    can_be_given = all(count.denominator == 1 for count in units)
    amounts = found.quantities()
    assert (amounts is not None) == (adds_up and can_be_given)
    stops = {f.code for f in findings(found) if f.level is Level.STOP}
    assert ("days_do_not_add_up" in stops) == (not adds_up)
    assert bool(stops & {"not_reachable", "not_measurable"}) == (not can_be_given)
    if amounts is None:
        assert quantity(found) is None
        return
    taken = sum(
        Fraction(step.dose_mg) * step.times_per_day * (step.days or rest) for step in found.steps
    )
    held = sum(Fraction(amounts[p.code]) * Fraction(p.strength_mg) for p in found.products)
    assert held == taken
    assert all(value > 0 for value in amounts.values())


@given(regimens())
def test_a_regimen_is_ok_only_when_every_promise_holds(found: Regimen) -> None:
    if outcome(findings(found)) in (Outcome.OK, Outcome.WARN):
        assert all(LOW <= Fraction(total) <= HIGH for total in found.daily_mg)
        assert found.quantities() is not None
        assert directions(found) is not None
        assert dose_chart(found, SHIPPED.ranges[0]) is not None


@given(regimens())
def test_the_same_regimen_always_gets_the_same_words(found: Regimen) -> None:
    texts = [finding.text for finding in findings(found)]
    assert texts == [finding.text for finding in findings(found)]
    words = directions(found)
    assert words == directions(found)
    for text in [*texts, words or ""]:
        assert not FORBIDDEN.search(text)


@given(regimens())
def test_the_command_says_what_the_core_says_in_text_and_whole_numbers_only(found: Regimen) -> None:
    steps = [
        {
            "product": step.product.code,
            "dose": display(step.dose_mg),
            "unit": "mg",
            "times_per_day": step.times_per_day,
            "days": step.days,
        }
        for step in found.steps
    ]
    row = {"id": 7, "product": found.product.code, "steps": steps, "days_supply": found.days_supply}
    said = answer(json.dumps(row).encode(), SHIPPED, on=ON)
    assert said["outcome"] == str(outcome(findings(found)))
    assert said["daily_mg"] == [display(total) for total in found.daily_mg]
    total = quantity(found)
    assert said["quantity"] == (display(total.value) if total else None)
    json.loads(json.dumps(said), parse_float=pytest.fail)


@given(regimens())
def test_the_chart_stays_inside_its_frame_and_marks_every_step_outside(found: Regimen) -> None:
    chart = dose_chart(found, SHIPPED.ranges[0])
    if chart is None:
        return
    for step, drawn in zip(found.steps, chart.steps, strict=True):
        assert chart.left <= drawn.x1 <= drawn.x2 <= chart.right
        assert chart.top <= drawn.y <= chart.bottom
        assert drawn.out_of_range == (not LOW <= Fraction(step.daily_mg) <= HIGH)
    assert bool(chart.rescaled) == (max(found.daily_mg) > 6)
    assert "." not in chart.path


@given(regimens(), st.sampled_from(list(Timing)))
def test_a_time_of_day_changes_no_sum(found: Regimen, timing: Timing) -> None:
    steps = tuple(
        Step(step.product, step.dose_mg, step.times_per_day, step.days, timing)
        for step in found.steps
    )
    timed = Regimen(found.product, steps, found.days_supply)
    assert timed.quantities() == found.quantities()


@pytest.mark.parametrize("module", PURE)
def test_no_float_stands_anywhere_in_the_core(module: str) -> None:
    source = (ROOT / f"{module}.py").read_text()
    for node in ast.walk(ast.parse(source)):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        assert not (isinstance(node, ast.Name) and node.id == "float")
