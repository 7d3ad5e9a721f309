"""Names as registers write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import names
from intake.leie import name_keys


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("O'Brien-Müller Jr.", {"OBRIENMULLER", "OBRIEN", "MULLER"}),
        ("de la Cruz", {"DELACRUZ", "CRUZ"}),
        ("Sample, III", {"SAMPLE"}),
        ("V", {"V"}),
        ("Łuksza", {"LUKSZA"}),
        ("Nguyễn", {"NGUYEN"}),
        ("van", {"VAN"}),
        ("李", set()),
        ("", set()),
    ],
)
def test_a_family_name_stands_for_its_parts(text: str, found: set[str]) -> None:
    assert names.variants(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mary Ann", {"MARYANN", "MARY"}),
        ("J. Paul", {"JPAUL", "PAUL"}),
        ("Zoë", {"ZOE"}),
        ("J", {"J"}),
    ],
)
def test_of_given_names_the_first_full_one_stands_alone(text: str, found: set[str]) -> None:
    assert names.given_variants(text) == found


@pytest.mark.parametrize(
    ("former", "families", "givens"),
    [
        (["Miller"], {"MILLER"}, set()),
        (["Ada Miller"], {"ADAMILLER", "MILLER"}, {"ADA"}),
        (["de la Cruz"], {"DELACRUZ", "LACRUZ", "CRUZ"}, set()),
        (["Miller Jr"], {"MILLER"}, set()),
        (["  "], set(), set()),
    ],
)
def test_former_names_come_with_and_without_the_given_name(
    former: list[str], families: set[str], givens: set[str]
) -> None:
    assert [set(found) for found in names.former(former)] == [families, givens]


@given(st.text(), st.text())
def test_keys_are_capital_letters_of_bearable_length(family: str, given_name: str) -> None:
    for key in name_keys(family, given_name):
        assert re.fullmatch(r"[A-Z]{1,64} [A-Z]{1,64}", key)


@given(st.from_regex(r"[a-z]{2,12}", fullmatch=True))
def test_case_accents_and_hyphens_make_no_difference(name: str) -> None:
    marked = "".join(f"{letter}\N{COMBINING ACUTE ACCENT}" for letter in name)
    assert names.variants(name) == names.variants(name.upper()) == names.variants(marked)
