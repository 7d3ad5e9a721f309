from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from formulary.dosing import Timing
from formulary.words import (
    count_in_words,
    directions,
    frequency,
    milligrams_in_words,
    number_in_words,
    read_back,
)
from tests.formulary.helpers import FORBIDDEN, regimen


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0.5", "one half milligram"),
        ("1", "one milligram"),
        ("1.5", "one and one half milligrams"),
        ("2.25", "two point two five milligrams"),
        ("4.5", "four and one half milligrams"),
        ("5", "five milligrams"),
        ("0.25", "zero point two five milligrams"),
        ("1.125", "one point one two five milligrams"),
        ("0.05", "zero point zero five milligrams"),
        ("45", "forty-five milligrams"),
        ("50", "fifty milligrams"),
        ("450", "four hundred fifty milligrams"),
        ("1500", "one thousand five hundred milligrams"),
        ("12.5", "twelve and one half milligrams"),
    ],
)
def test_doses_are_read_back_in_words(value: str, words: str) -> None:
    assert milligrams_in_words(Decimal(value)) == words


def test_tenfold_pairs_sound_different() -> None:
    heard = [number_in_words(Decimal(n)) for n in ("0.05", "0.5", "5", "50", "0.45", "4.5", "45")]
    assert len(set(heard)) == len(heard)


def test_the_read_back_holds_words_and_figures() -> None:
    assert read_back(Decimal("4.50")) == "four and one half milligrams (4.5 mg) a day"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (20, "twenty"),
        (21, "twenty-one"),
        (100, "one hundred"),
        (999_999, "nine hundred ninety-nine thousand nine hundred ninety-nine"),
        (24_000_001, "twenty-four million one"),
    ],
)
def test_counts_are_said_in_words(number: int, words: str) -> None:
    assert count_in_words(number) == words


CAP05, CAP1, CAP15 = "LDN-CAP-0.5", "LDN-CAP-1", "LDN-CAP-1.5"
CAP3, CAP45, LIQ = "LDN-CAP-3", "LDN-CAP-4.5", "LDN-LIQ-1"
BED, MORNING, EVENING = Timing.BEDTIME, Timing.MORNING, Timing.EVENING
BOTH, ANY = Timing.MORNING_AND_BEDTIME, Timing.ANY
GOLDEN = [
    ("4.5x-", CAP45, 90, BED, "Take one 4.5 mg capsule by mouth at bedtime for 90 days."),
    ("4.5x30", CAP45, 30, BED, "Take one 4.5 mg capsule by mouth at bedtime for 30 days."),
    ("4.5x-", CAP15, 30, BED, "Take three 1.5 mg capsules (4.5 mg) by mouth at bedtime for 30 days."),
    ("3x-", CAP3, 1, BED, "Take one 3 mg capsule by mouth at bedtime for 1 day."),
    ("3x-", CAP3, 90, MORNING, "Take one 3 mg capsule by mouth in the morning for 90 days."),
    ("3x-", CAP3, 90, EVENING, "Take one 3 mg capsule by mouth in the evening for 90 days."),
    ("3x-", CAP3, 90, ANY, "Take one 3 mg capsule by mouth once daily for 90 days."),
    ("1.5*2x-", CAP15, 30, ANY, "Take one 1.5 mg capsule by mouth twice daily (3 mg a day) for 30 days."),
    (
        "1.5*2x-", CAP15, 30, BOTH,
        "Take one 1.5 mg capsule by mouth twice daily, in the morning and at bedtime (3 mg a day), "
        "for 30 days.",
    ),
    (
        "0.5*3x-", CAP05, 30, ANY,
        "Take one 0.5 mg capsule by mouth three times daily (1.5 mg a day) for 30 days.",
    ),
    ("0.5*10x-", CAP05, 7, ANY, "Take one 0.5 mg capsule by mouth ten times daily (5 mg a day) for 7 days."),
    ("5x-", CAP05, 30, BED, "Take ten 0.5 mg capsules (5 mg) by mouth at bedtime for 30 days."),
    (
        "1.5x14 4.5x-", CAP15, 90, BED,
        "Take one 1.5 mg capsule by mouth at bedtime for 14 days, then take three 1.5 mg capsules "
        "(4.5 mg) by mouth at bedtime for the remaining 76 days.",
    ),
    (
        "1.5x14 3x14 4.5x-", CAP15, 90, BED,
        "Take one 1.5 mg capsule by mouth at bedtime for 14 days, then take two 1.5 mg capsules "
        "(3 mg) by mouth at bedtime for 14 days, then take three 1.5 mg capsules (4.5 mg) by mouth "
        "at bedtime for the remaining 62 days.",
    ),
    (
        "1.5x14 4.5x-@LDN-CAP-4.5", CAP15, 90, BED,
        "Take one 1.5 mg capsule by mouth at bedtime for 14 days, then take one 4.5 mg capsule by "
        "mouth at bedtime for the remaining 76 days.",
    ),
    (
        "1x14 2x14 3x14 4x-", CAP1, 90, BED,
        "Take one 1 mg capsule by mouth at bedtime for 14 days, then take two 1 mg capsules (2 mg) "
        "by mouth at bedtime for 14 days, then take three 1 mg capsules (3 mg) by mouth at bedtime "
        "for 14 days, then take four 1 mg capsules (4 mg) by mouth at bedtime for the remaining 48 "
        "days.",
    ),
    (
        "1.5x89 3x-", CAP15, 90, BED,
        "Take one 1.5 mg capsule by mouth at bedtime for 89 days, then take two 1.5 mg capsules "
        "(3 mg) by mouth at bedtime for the last day.",
    ),
    (
        "4.5x14 3x14", CAP15, 28, BED,
        "Take three 1.5 mg capsules (4.5 mg) by mouth at bedtime for 14 days, then take two 1.5 mg "
        "capsules (3 mg) by mouth at bedtime for 14 days.",
    ),
    ("4.5x-", LIQ, 30, BED, "Take 4.5 mL (4.5 mg) by mouth at bedtime for 30 days."),
    ("0.5x-", LIQ, 30, MORNING, "Take 0.5 mL (0.5 mg) by mouth in the morning for 30 days."),
    ("2.3*2x-", LIQ, 30, ANY, "Take 2.3 mL (2.3 mg) by mouth twice daily (4.6 mg a day) for 30 days."),
    (
        "0.5x7 1x7 1.5x-", LIQ, 28, BED,
        "Take 0.5 mL (0.5 mg) by mouth at bedtime for 7 days, then take 1 mL (1 mg) by mouth at "
        "bedtime for 7 days, then take 1.5 mL (1.5 mg) by mouth at bedtime for the remaining 14 "
        "days.",
    ),
    (
        "1.5x14 4.5x-@LDN-LIQ-1", CAP15, 30, BED,
        "Take one 1.5 mg capsule by mouth at bedtime for 14 days, then take 4.5 mL (4.5 mg) by mouth "
        "at bedtime for the remaining 16 days.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "code", "supply", "timing", "text"), GOLDEN)
def test_directions_say_the_structure_and_nothing_else(
    steps: str, code: str, supply: int, timing: Timing, text: str
) -> None:
    given = regimen(steps, code, supply)
    found = replace(given, steps=tuple(replace(step, timing=timing) for step in given.steps))
    assert directions(found) == text
    assert directions(replace(found)) == text
    assert not FORBIDDEN.search(text)


@pytest.mark.parametrize("steps", ["2x-", "1.5x14 3x14", "1.5x- 3x14", "1.5x90 3x-"])
def test_no_directions_are_written_for_what_cannot_be_counted_out(steps: str) -> None:
    assert directions(regimen(steps)) is None


def test_thousands_in_directions_take_a_comma_on_screens() -> None:
    found = regimen("1500x-", CAP15, 30)
    assert "(1,500 mg)" in (directions(found, comma=True) or "")
    assert "one thousand 1.5 mg capsules (1500 mg)" in (directions(found) or "")


def test_a_count_a_day_is_said_in_words() -> None:
    assert frequency(regimen("0.5*24x-", CAP05).steps[0]) == "twenty-four times daily"
