"""One confirmation an order, what it reads back, and larger strengths for many capsules."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from formulary.dosing import Regimen
from formulary.facts import Stage, TreatmentStatus
from formulary.findings import Code, Finding, Level
from formulary.order_rules import check_order
from formulary.reference import Figures
from formulary.rules import check_regimen
from formulary.shipped import shipped_formulary
from tests.formulary.helpers import ON, regimen
from tests.formulary.test_order_rules import ANSWERED

SHIPPED = shipped_formulary()
CONTINUING: dict[str, Any] = {"treatment": TreatmentStatus.CONTINUING}
HALF = "LDN-CAP-0.5"


def told(code: Code, steps: Regimen, **changes: Any) -> Finding | None:
    found = check_order(replace(ANSWERED, **changes), SHIPPED, steps)
    fitting = [finding for finding in found if finding.code is code]
    assert len(fitting) <= 1
    return fitting[0] if fitting else None


def confirmed(steps: str, code: str = HALF, **changes: Any) -> str:
    """The doses that are confirmed, in words; blank when nothing is asked."""
    finding = told(Code.CONFIRM_DOSE, regimen(steps, code), **changes)
    assert finding is None or finding.level is Level.WARN
    return finding.words if finding else ""


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ("1.5x14 3x14 4.5x-", ""),
        ("3x-", ""),
        ("3.5x-", "three and one half milligrams"),
        ("0.5x14 2x-", ""),
        ("0.5x14 2.5x-", "two and one half milligrams"),
        ("1.5x7 3x-", ""),
        ("1.5x6 3x-", "three milligrams"),
        ("1.5x6 2x6 2.5x-", "two milligrams, then two and one half milligrams"),
        ("0.5x14 3x14 5x-", "three milligrams, then five milligrams"),
        ("1x14 5x-", "five milligrams"),
        ("2.5x14 0.5x-", "one half milligram"),
        ("2.5x6 0.5x-", "one half milligram"),
        (
            "0.5x5 1x5 1.5x5 2x5 2.5x-",
            "every dose from one milligram to two and one half milligrams",
        ),
    ],
)
def test_the_doses_that_call_for_it_are_read_back(steps: str, words: str) -> None:
    assert confirmed(steps) == words


def test_all_reasons_stand_in_one_sentence_and_the_first_step_of_them_is_named() -> None:
    finding = told(Code.CONFIRM_DOSE, regimen("0.5x5 4.5x-", HALF))
    assert finding is not None
    assert finding.step == 2
    assert finding.text == (
        "From 0.5 mg to 4.5 mg a day is five times the step before, or more; step 2 rises after "
        "5 days, sooner than 7 days. Confirm: four and one half milligrams (4.5 mg) a day"
    )
    assert "titration" in finding.source


def test_a_fivefold_change_is_a_reason_of_it_and_stays_with_check_regimen() -> None:
    steps = regimen("0.5x14 4.5x-", HALF)
    assert [f.code for f in check_regimen(steps, SHIPPED, on=ON)] == [Code.FIVEFOLD_CHANGE]
    assert told(Code.FIVEFOLD_CHANGE, steps) is None
    assert "five times" in (told(Code.CONFIRM_DOSE, steps) or pytest.fail("no answer")).text


@pytest.mark.parametrize(
    ("last", "steps", "words"),
    [
        ("4.5", "4.5x-", ""),
        ("4.5", "3x-", ""),
        ("5", "0.5x-", ""),
        ("4.5", "1.5x5 4.5x-", ""),
        ("3", "4.5x-", ""),
        ("3", "5x-", "five milligrams"),
        ("1", "5x-", "five milligrams"),
        ("0.5", "0.5x14 4.5x-", "four and one half milligrams"),
    ],
)
def test_continuing_at_or_below_the_last_dispensed_dose_says_nothing(
    last: str, steps: str, words: str
) -> None:
    assert confirmed(steps, **CONTINUING, last_dispensed_mg=Decimal(last)) == words


@pytest.mark.parametrize("status", [TreatmentStatus.DOSE_CHANGE, TreatmentStatus.RESTART])
def test_a_fifth_of_the_last_dispensed_dose_is_confirmed_otherwise(status: TreatmentStatus) -> None:
    last: dict[str, Any] = {"last_dispensed_mg": Decimal(5)}
    assert confirmed("1x-", treatment=status, **last) == "one milligram"
    assert confirmed("1.5x-", treatment=status, **last) == ""


def test_a_dose_that_is_stopped_is_not_confirmed() -> None:
    assert confirmed("50x-") == ""
    assert confirmed("0.5x14 50x14 4.5x-", "LDN-LIQ-1") == ""
    assert confirmed("4.5x14 6x-") == "four and one half milligrams"


def test_a_refill_repeats_a_dose_that_was_confirmed() -> None:
    assert confirmed("4.5x-", stage=Stage.FILL) == ""
    assert confirmed("4.5x-", stage=Stage.APPROVAL) == "four and one half milligrams"


def test_the_coded_reason_reads_well_for_a_titration() -> None:
    finding = told(Code.CONFIRM_DOSE, regimen("0.5x14 3x14 5x-", HALF))
    assert finding is not None
    labels = [reason.label_for(finding) for reason in SHIPPED.answers_to(finding)]
    assert labels[0] == "Yes, three milligrams, then five milligrams a day is meant"


def test_words_of_absurd_doses_still_fit_into_a_stored_reason() -> None:
    unlimited = replace(SHIPPED, ranges=())
    steps = regimen("77777.7*24x14 88888.8*24x14 99999.9*24x-", "LDN-LIQ-1")
    found = check_order(ANSWERED, unlimited, steps)
    (finding,) = [f for f in found if f.code is Code.CONFIRM_DOSE]
    assert len(finding.words) <= 110
    assert max(len(r.label_for(finding)) for r in SHIPPED.answers_to(finding)) <= 200


def test_the_figures_are_the_pharmacists() -> None:
    figures = Figures(
        confirm_first_dose_above_mg=Decimal(1),
        largest_rise_mg=Decimal("0.5"),
        least_days_before_a_rise=14,
        large_change=2,
        most_units_a_dose=1,
    )
    stricter = replace(SHIPPED, figures=figures)
    found = check_order(ANSWERED, stricter, regimen("1.5x10 3x14 4x-"))
    (finding,) = [f for f in found if f.code is Code.CONFIRM_DOSE]
    for reason in (
        "above 1 mg a day",
        "two times the step before",
        "sooner than 14 days",
        "0.5 mg",
    ):
        assert reason in finding.text
    assert any(f.code is Code.MANY_UNITS for f in found)


@pytest.mark.parametrize(
    ("steps", "product", "offered"),
    [
        ("2x-", HALF, None),
        ("2.5x-", HALF, "takes 5 capsules for one dose: more than 4 are easily miscounted."),
        ("3x-", HALF, "Larger strengths: 3 mg from 3 mg, 1.5 mg or 1 mg capsules"),
        ("4.5x-", HALF, "Larger strengths: 4.5 mg from 4.5 mg or 1.5 mg capsules"),
        ("5x-", "LDN-CAP-1", "takes 5 capsules"),
        ("5x-", "LDN-LIQ-1", None),
    ],
)
def test_many_capsules_for_one_dose_are_offered_a_larger_strength(
    steps: str, product: str, offered: str | None
) -> None:
    finding = told(Code.MANY_UNITS, regimen(steps, product, 25), **CONTINUING)
    assert (finding is None) == (offered is None)
    if finding and offered:
        assert offered in finding.text


def test_a_titration_of_small_capsules_is_told_once() -> None:
    finding = told(Code.MANY_UNITS, regimen("2x7 2.5x7 3x-", HALF))
    assert finding is not None
    assert finding.step == 2
    assert finding.text.startswith("Steps 2 and 3 take up to 6 capsules for one dose")
    assert "2.5 mg from" not in finding.text


def test_a_retired_strength_is_not_offered() -> None:
    without = {
        **SHIPPED.products,
        "LDN-CAP-3": replace(SHIPPED.products["LDN-CAP-3"], active=False),
    }
    found = check_order(ANSWERED, replace(SHIPPED, products=without), regimen("3x-", HALF))
    (finding,) = [f for f in found if f.code is Code.MANY_UNITS]
    assert "3 mg from 1.5 mg or 1 mg capsules" in finding.text


@pytest.mark.parametrize(
    ("steps", "lower"),
    [("1.5x14 3x-", None), ("3x14 1.5x-", 2), ("1.5x14 1.5x-", 2), ("1.5x7 3x7 1.5x7 1x-", 3)],
)
def test_steps_that_do_not_ascend_are_told(steps: str, lower: int | None) -> None:
    finding = told(Code.STEPS_NOT_ASCENDING, regimen(steps, HALF))
    assert (finding.step if finding else None) == lower
