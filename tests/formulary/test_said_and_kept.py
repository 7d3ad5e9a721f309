"""Words at their edges, values that cannot be changed, names of findings."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from decimal import Decimal

import pytest

from formulary.dosing import Quantity
from formulary.fills import fill_text, first_fill
from formulary.findings import Code, Finding, Level, worst_first
from formulary.reference import Figures
from formulary.words import (
    count_in_words,
    dose_in_words,
    milligrams_in_words,
    number_in_words,
    read_back,
)
from tests.formulary.helpers import LIQUID, findings, product, regimen, step


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (19, "nineteen"),
        (20, "twenty"),
        (21, "twenty-one"),
        (99, "ninety-nine"),
        (100, "one hundred"),
        (101, "one hundred one"),
        (120, "one hundred twenty"),
        (999, "nine hundred ninety-nine"),
        (1_000, "one thousand"),
        (1_001, "one thousand one"),
        (999_999, "nine hundred ninety-nine thousand nine hundred ninety-nine"),
        (1_000_000, "one million"),
        (1_000_001, "one million one"),
        (999_999_999, f"nine hundred ninety-nine million {count_in_words(999_999)}"),
        (1_000_000_000, "one billion"),
        (1_000_000_001, "one billion one"),
    ],
)
def test_a_count_is_said_in_words(number: int, words: str) -> None:
    assert count_in_words(number) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0.5", "one half"),
        ("0.6", "zero point six"),
        ("0.75", "zero point seven five"),
        ("1.5", "one and one half"),
        ("2.25", "two point two five"),
        ("4.75", "four point seven five"),
        ("10.5", "ten and one half"),
        ("0.05", "zero point zero five"),
        ("1.125", "one point one two five"),
    ],
)
def test_a_number_is_said_exactly(value: str, words: str) -> None:
    assert number_in_words(Decimal(value)) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0.5", "one half milligram"),
        ("1", "one milligram"),
        ("1.0", "one milligram"),
        ("0.6", "zero point six milligrams"),
        ("1.5", "one and one half milligrams"),
        ("2", "two milligrams"),
    ],
)
def test_one_milligram_and_a_half_are_no_plural(value: str, words: str) -> None:
    assert milligrams_in_words(Decimal(value)) == words


def test_thousands_are_parted_only_where_it_is_asked() -> None:
    large = step("1500x-", product(LIQUID))
    assert dose_in_words(large) == "1500 mL (1500 mg)"
    assert dose_in_words(large, comma=True) == "1,500 mL (1,500 mg)"
    assert "(1500 mg)" in read_back(Decimal(1500))
    assert "(1,500 mg)" in read_back(Decimal(1500), comma=True)
    assert Quantity(Decimal(1500), "capsule").text() == "1500 capsules"
    assert Quantity(Decimal(1500), "capsule").text(comma=True) == "1,500 capsules"


def test_a_quantity_of_several_products_parts_its_thousands() -> None:
    found = regimen("5x100@LDN-CAP-0.5 0.5*10x-@LDN-CAP-1", "LDN-CAP-0.5", 300)
    assert first_fill(found, Figures()) is None
    found = regimen("5x120@LDN-CAP-0.5 4.5x-@LDN-CAP-4.5", "LDN-CAP-0.5", 150)
    filled = first_fill(found, Figures())
    assert filled is not None
    assert filled.quantity == "1,200 capsules of 0.5 mg and 30 capsules of 4.5 mg"


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((), "no fill: the beyond-use date passes in transit"),
        ((1,), "1 fill of 1 day"),
        ((90,), "1 fill of 90 days"),
        ((25, 1), "2 fills of 25 and 1 day"),
        ((9,) * 6, "6 fills of 9, 9, 9, 9, 9 and 9 days"),
        ((9,) * 7, "7 fills: 7 of 9 days"),
        ((2,) * 7 + (1,), "8 fills: 7 of 2 days, 1 of 1 day"),
    ],
)
def test_the_plan_of_fills_is_said(parts: tuple[int, ...], words: str) -> None:
    assert fill_text(parts) == words


def test_a_large_change_says_which_way_it_goes() -> None:
    up = [f.text for f in findings(regimen("0.5x14 4.5x-", "LDN-CAP-0.5"))]
    down = [f.text for f in findings(regimen("5x14 0.5x-", "LDN-CAP-0.5"))]
    assert any("From 0.5 mg to 4.5 mg a day is five times the step before" in text for text in up)
    assert any("From 5 mg to 0.5 mg a day is a fifth or less" in text for text in down)


@pytest.mark.parametrize("steps", ["0.5x14 45x-", "45x14 0.5x-", "45x14 450x-"])
def test_a_slip_is_no_change_of_dose_to_confirm(steps: str) -> None:
    codes = {f.code for f in findings(regimen(steps, LIQUID, 25))}
    assert Code.TENFOLD_SUSPECTED in codes
    assert Code.FIVEFOLD_CHANGE not in codes


def test_a_change_behind_a_slip_is_still_seen() -> None:
    found = findings(regimen("45x7 3x7 0.5x-", LIQUID, 25))
    assert [f.step for f in found if f.code is Code.FIVEFOLD_CHANGE] == [3]


def test_findings_are_read_by_level_then_by_step() -> None:
    made = [
        Finding(Code.MANY_UNITS, Level.WARN, "3", 3),
        Finding(Code.UNIT_MCG, Level.WARN, "1", 1),
        Finding(Code.CONFIRM_DOSE, Level.WARN, "0"),
        Finding(Code.ABOVE_RANGE, Level.STOP, "2", 2),
        Finding(Code.ABOVE_RANGE, Level.STOP, "1", 1),
        Finding(Code.THYROID, Level.INFO, "info"),
    ]
    assert [f.text for f in worst_first(made)] == ["1", "2", "0", "1", "3", "info"]


# --- values ---------------------------------------------------------------------------------------
_PRODUCT = product(LIQUID)
_FILL = first_fill(regimen("3x-", LIQUID, 25), Figures())
VALUES = [
    _PRODUCT,
    step("3x-", _PRODUCT),
    regimen("3x-", LIQUID, 25),
    Quantity(Decimal(3), "mL"),
    Finding(Code.MANY_UNITS, Level.WARN, "Text"),
    _FILL,
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_what_was_computed_cannot_be_changed(value: object) -> None:
    name = fields(value)[0].name  # type: ignore[arg-type]
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, getattr(value, name))
    assert not hasattr(value, "__dict__")
    assert value in {value} or value is _FILL


@pytest.mark.parametrize(
    ("step_number", "subject", "key"),
    [
        (None, "", "many_units"),
        (2, "", "many_units-2"),
        (None, "a", "many_units-0-ca978112ca1b"),
        (2, "a", "many_units-2-ca978112ca1b"),
    ],
)
def test_a_finding_is_named_again_by_its_key(
    step_number: int | None, subject: str, key: str
) -> None:
    found = Finding(Code.MANY_UNITS, Level.WARN, "Text", step_number, subject)
    assert found.key == key
