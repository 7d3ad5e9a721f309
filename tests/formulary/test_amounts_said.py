"""What is said of a dose that is not read: why, and what to write instead."""

from __future__ import annotations

from decimal import Decimal

import pytest

from formulary.amounts import LIMITS, DoseError, display, parse_dose

_ZERO_FIRST = "a dose below 1 starts with a zero"
_ZERO_LAST = "a whole dose has no point and a decimal never ends in zero"
_NO_ZERO = "a dose of 1 or more does not start with a zero"
_POINT = "decimals follow a point, not a comma"
_DIGITS = "only the digits 0 to 9 and a point are read"


@pytest.mark.parametrize(
    ("typed", "proposal", "why"),
    [
        (".5", "0.5", _ZERO_FIRST),
        (".50", "0.5", _ZERO_FIRST),
        ("5.0", "5", _ZERO_LAST),
        ("5.", "5", _ZERO_LAST),
        ("4.50", "4.5", _ZERO_LAST),
        ("4.05", None, ""),
        ("10.50", "10.5", _ZERO_LAST),
        ("05", "5", _NO_ZERO),
        ("05.5", "5.5", _NO_ZERO),
        ("010", "10", _NO_ZERO),
        ("00.5", "0.5", _NO_ZERO),
        ("0,5", "0.5", _POINT),
        ("4,5", "4.5", _POINT),
        ("4,50", "4.5", _POINT),
        (" 5", "5", "without spaces"),
        ("5 ", "5", "without spaces"),
        ("+5", "5", "without a sign"),
        ("5 mg", "5", "the unit has its own field"),
        ("5mg", "5", "the unit has its own field"),
        ("5 MG", "5", "the unit has its own field"),
        ("４.５", "4.5", _DIGITS),
        ("٥", "5", _DIGITS),
        ("0" * 39 + "5", "5", _NO_ZERO),
    ],
)
def test_the_error_says_why_and_proposes_the_spelling(
    typed: str, proposal: str | None, why: str
) -> None:
    if proposal is None:
        assert display(parse_dose(typed)) == typed
        return
    with pytest.raises(DoseError) as refused:
        parse_dose(typed)
    assert refused.value.proposal == proposal
    assert str(refused.value) == f"Write the dose as {proposal}: {why}; {LIMITS}."


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("4,500", "Write the dose as 4.5 or 4500: a comma can mean either; "),
        ("1,234", "Write the dose as 1.234 or 1234: a comma can mean either; "),
        ("1,234,567", "Write the dose without commas; "),
        ("1,234,567,890", "Write the dose without commas; "),
        ("0" * 40 + "5", "Write a shorter dose: "),
        ("12345.6789", "Write a shorter dose: "),
        ("1,5,5", "Write the dose in the digits 0 to 9"),
        ("1,5.5", "Write the dose in the digits 0 to 9"),
        ("five", "Write the dose in the digits 0 to 9"),
        ("5 mcg", "Write the dose in the digits 0 to 9"),
        ("0.0", "The dose must be more than 0"),
        (".0", "The dose must be more than 0"),
    ],
)
def test_what_has_no_one_meaning_gets_no_proposal(typed: str, words: str) -> None:
    with pytest.raises(DoseError) as refused:
        parse_dose(typed)
    assert refused.value.proposal is None
    assert str(refused.value).startswith(words)


def test_the_unit_typed_along_counts_for_its_own_unit_only() -> None:
    with pytest.raises(DoseError) as refused:
        parse_dose("500 mcg", "mcg")
    assert refused.value.proposal == "500"
    with pytest.raises(DoseError) as refused:
        parse_dose("500 mg", "mcg")
    assert refused.value.proposal is None


@pytest.mark.parametrize(
    ("value", "shown"), [("1e29", "1" + "0" * 29), ("1e-29", "0." + "0" * 28 + "1")]
)
def test_the_largest_and_the_smallest_amount_are_shown(value: str, shown: str) -> None:
    assert display(Decimal(value)) == shown


@pytest.mark.parametrize("value", ["1e30", "1e-30", "9.9e30", "-1", "-0", "NaN", "Infinity"])
def test_what_is_no_amount_is_not_shown(value: str) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        display(Decimal(value))
