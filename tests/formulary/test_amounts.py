from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulary.amounts import DoseError, amount, display, parse_dose

BANNED = ("invalid", "please", "µg", "<", ">")


@pytest.mark.parametrize(
    ("text", "unit", "mg"),
    [
        ("0.5", "mg", "0.5"),
        ("5", "mg", "5"),
        ("4.5", "mg", "4.5"),
        ("1.125", "mg", "1.125"),
        ("0.001", "mg", "0.001"),
        ("999.999", "mg", "999.999"),
        ("999999", "mg", "999999"),
        ("10", "mg", "10"),
        ("1500", "mcg", "1.5"),
        ("0.5", "mcg", "0.0005"),
        ("0.001", "mcg", "0.000001"),
        ("4500", "mcg", "4.5"),
    ],
)
def test_a_dose_in_ismp_spelling_is_read_exactly(text: str, unit: str, mg: str) -> None:
    assert parse_dose(text, unit) == Decimal(mg)


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        (".5", "0.5"),
        ("5.", "5"),
        ("5.0", "5"),
        ("4.50", "4.5"),
        ("00005", "5"),
        ("05.5", "5.5"),
        ("00.50", "0.5"),
        ("4,5", "4.5"),
        ("0,5", "0.5"),
        ("0,500", "0.5"),
        ("+4.5", "4.5"),
        (" 4.5", "4.5"),
        ("4.5\n", "4.5"),
        ("4.5 mg", "4.5"),
        ("4.5MG", "4.5"),
        ("４.５", "4.5"),
        ("٤", "4"),
        ("1234.5000", "1234.5"),
    ],
)
def test_a_clear_misspelling_is_refused_with_the_right_spelling(text: str, proposal: str) -> None:
    with pytest.raises(DoseError) as error:
        parse_dose(text)
    assert error.value.proposal == proposal
    assert f"as {proposal}: " in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "0", "0.0", "0.000", "000", "-1", "-0", "1e3", "1E3", "4.5e0", "NaN", "nan", "sNaN",
        "Infinity", "-inf", "4 5", "4\x005", "4.5\x00", "1/2", "½", "1_000", "0x5", "1.2.3", ".", ",",
        "..5", "4.5.", "4.5mcg", "1,500", "4,500", "1,234,567", "1,2,3", "1234567", "0.0001",
        "4.50000001", "12345.678", "9" * 5000, "４" * 50, "\u202e4.5", "四", "②③x", "<b>4</b>", "²",
    ],
)  # fmt: skip
def test_what_is_no_clear_dose_is_refused(text: str) -> None:
    with pytest.raises(DoseError):
        parse_dose(text)


def test_a_comma_with_three_digits_names_both_readings_and_chooses_none() -> None:
    with pytest.raises(DoseError, match=r"1\.5 or 1500") as error:
        parse_dose("1,500")
    assert error.value.proposal is None


@pytest.mark.parametrize("unit", ["", "MG", "Mg", "µg", "ug", "g", "mL", "mg ", "mcg\x00"])
def test_no_unit_but_mg_and_mcg_is_read(unit: str) -> None:
    with pytest.raises(DoseError, match="mg or mcg"):
        parse_dose("4.5", unit)


@pytest.mark.parametrize("value", [4.5, 4, True, None, b"4.5", Decimal("4.5")])
def test_only_text_is_a_typed_dose(value: object) -> None:
    with pytest.raises(TypeError):
        parse_dose(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0.5", "0.5"), ("5.0", "5"), ("4.500", "4.5"), ("100", "100"), ("1E+2", "100"),
        ("1500", "1500"), ("1E-6", "0.000001"), ("0", "0"), ("0.000", "0"),
    ],
)  # fmt: skip
def test_amounts_are_shown_in_ismp_spelling(value: str, shown: str) -> None:
    assert display(Decimal(value)) == shown


def test_thousands_take_a_comma_on_screens_only() -> None:
    assert display(Decimal("1500.50"), comma=True) == "1,500.5"
    assert amount(Decimal(4500), "mcg", comma=True) == "4,500 mcg"
    assert amount(Decimal(4500), "mcg") == "4500 mcg"


@pytest.mark.parametrize("value", [4.5, 4, "4.5", None])
def test_only_decimals_are_shown(value: object) -> None:
    with pytest.raises(TypeError):
        display(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["-1", "-0", "NaN", "sNaN", "Infinity", "1E+999999", "1E-999999"])
def test_no_negative_endless_or_absurd_amount_is_shown(value: str) -> None:
    with pytest.raises(ValueError):
        display(Decimal(value))


doses = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places),
    st.integers(1, 999_999),
    st.integers(0, 3),
).filter(lambda value: len(display(value).replace(".", "")) <= 6)


@given(doses)
def test_reading_undoes_showing(value: Decimal) -> None:
    assert parse_dose(display(value)) == value
    assert parse_dose(display(value), "mcg") * 1000 == value


@given(st.from_regex(r"(0|[1-9][0-9]{0,5})(\.[0-9]{0,2}[1-9])?", fullmatch=True))
def test_showing_undoes_reading(text: str) -> None:
    try:
        value = parse_dose(text)
    except DoseError:
        assert text == "0" or len(text.replace(".", "")) > 6
    else:
        assert display(value) == text


@given(st.decimals(min_value="0.001", max_value=5000, places=3))
def test_no_amount_is_shown_with_a_forbidden_zero_or_point(value: Decimal) -> None:
    shown = display(value, comma=True)
    assert not shown.startswith(".")
    assert "." not in shown or shown[-1] not in "0."
    assert Decimal(shown.replace(",", "")) == value


@given(st.text(max_size=60) | st.from_regex(r"[0-9+.,eE _-]{1,12}"))
def test_any_text_is_a_dose_or_an_error_that_names_the_fix(text: str) -> None:
    try:
        value = parse_dose(text)
    except DoseError as error:
        message = str(error)
        assert message.endswith(".")
        assert not any(word in message.lower() for word in BANNED)
        if error.proposal is not None:
            parse_dose(error.proposal)
    else:
        assert display(value) == text
        assert text.isascii()
