"""Check digits of NPI and DEA numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.digits import dea_error, dea_letter_fits, npi_error, tidy_number

NPIS = ("1234567893", "1558598797", "1993999998")
DEAS = ("AP5836727", "F91234563")
digits = st.text("0123456789", min_size=1, max_size=1)


@pytest.mark.parametrize("npi", NPIS)
def test_published_npis_are_right(npi: str) -> None:
    assert npi_error(npi) == ""


@pytest.mark.parametrize(
    ("npi", "says"),
    [
        ("1234567890", "check digit"),
        ("123456789", "this has 9"),
        ("12345678931", "this has 11"),
        ("3234567893", "begins with 1 or 2"),
        ("0234567893", "begins with 1 or 2"),
        ("", "this has 0"),
        ("123456789O", "digits only"),
        ("12345 67893", "digits only"),
        ("１２３４５６７８９３", "digits only"),
        ("١٢٣٤٥٦٧٨٩٣", "digits only"),
        ("1234567893\n", "digits only"),
        ("²234567893", "digits only"),
    ],
)
def test_wrong_npis_are_told_what_is_wrong(npi: str, says: str) -> None:
    assert says in npi_error(npi)


@given(st.sampled_from(NPIS), st.integers(1, 9), digits)
def test_one_mistyped_digit_of_an_npi_is_always_found(npi: str, place: int, digit: str) -> None:
    mistyped = npi[:place] + digit + npi[place + 1 :]
    assert bool(npi_error(mistyped)) == (mistyped != npi)


@given(st.from_regex(r"[12][0-9]{8}", fullmatch=True))
def test_nine_digits_have_exactly_one_check_digit(nine: str) -> None:
    assert sum(npi_error(nine + str(digit)) == "" for digit in range(10)) == 1


@pytest.mark.parametrize("dea", DEAS)
def test_published_dea_numbers_are_right(dea: str) -> None:
    assert dea_error(dea) == ""


@pytest.mark.parametrize(
    ("dea", "says"),
    [
        ("AB4523763", "check digit"),
        ("ZP5836727", "begins with Z"),
        ("IP5836727", "begins with I"),
        ("AP583672", "7 digits"),
        ("AP58367277", "7 digits"),
        ("ap5836727", "two letters"),
        ("9P5836727", "two letters"),
        ("A85836727", "two letters"),
        ("ÄP5836727", "two letters"),
        ("AP583672７", "7 digits"),
        ("AP5836727\n", "7 digits"),
        ("", "two letters"),
    ],
)
def test_wrong_dea_numbers_are_told_what_is_wrong(dea: str, says: str) -> None:
    assert says in dea_error(dea)


@given(st.from_regex(r"[A-HJ-NPR-UX][A-Z9][0-9]{6}", fullmatch=True))
def test_six_digits_of_a_dea_number_have_exactly_one_check_digit(head: str) -> None:
    assert sum(dea_error(head + str(digit)) == "" for digit in range(10)) == 1


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    npi_error(text)
    dea_error(text)
    dea_letter_fits(text, text)
    npi_error(tidy_number(text))


def test_typed_numbers_are_tidied() -> None:
    assert tidy_number(" ap-583 6727 ") == "AP5836727"


@pytest.mark.parametrize(
    ("dea", "family_name", "fits"),
    [
        ("AP5836727", "Phillips", True),
        ("AP5836727", "phillips", True),
        ("AP5836727", "Sample-Phillips", True),
        ("AP5836727", "van Phelps", True),
        ("AE5836727", "Émile", True),
        ("AB5836727", "O'Brien", True),
        ("AP5836727", "Sample", False),
        ("AP5836727", "", False),
        ("F91234563", "Sample", True),
    ],
)
def test_the_second_letter_is_that_of_the_family_name(
    dea: str, family_name: str, fits: bool
) -> None:
    assert dea_letter_fits(dea, family_name) is fits
