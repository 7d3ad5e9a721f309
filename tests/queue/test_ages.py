"""Service time in levels and words: pure, at and beside every border."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from events.ages import AgeLevel, in_words
from orders.ages import age_of

SENT = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY = timedelta(hours=24)


def order(**kwargs: object) -> SimpleNamespace:
    given = {
        "submitted_at": SENT, "due_at": SENT + DAY, "paused_at": None, "decided_at": None,
        "waited": timedelta(),
    }  # fmt: skip
    return SimpleNamespace(**given | kwargs)


@pytest.mark.parametrize(
    ("minutes", "level", "due"),
    [
        (0, AgeLevel.OK, "due in 1 d"),
        (719, AgeLevel.OK, "due in 12 h 1 m"),
        (720, AgeLevel.SOON, "due in 12 h"),
        (1151, AgeLevel.SOON, "due in 4 h 49 m"),
        (1152, AgeLevel.LATE, "due in 4 h 48 m"),
        (1439, AgeLevel.LATE, "due in 1 m"),
        (1440, AgeLevel.BREACHED, "overdue 0 m"),
        (1500, AgeLevel.BREACHED, "overdue 1 h"),
    ],
)
def test_the_level_turns_at_half_four_fifths_and_the_end(
    minutes: int, level: AgeLevel, due: str
) -> None:
    age = age_of(order(), SENT + timedelta(minutes=minutes))
    assert age is not None
    assert (age.level, age.due.replace("\u00a0", " ")) == (level, due)


def test_the_clock_rests_while_the_prescriber_is_asked_and_says_so() -> None:
    asked = order(paused_at=SENT + timedelta(hours=3))
    ages = {age_of(asked, SENT + timedelta(hours=hours)) for hours in (3, 30, 300)}
    assert len(ages) == 1
    age = ages.pop()
    assert age is not None
    assert (age.level, age.text, age.due) == (
        AgeLevel.PAUSED, "3\u00a0h", "21\u00a0h left",
    )  # fmt: skip


def test_waiting_counts_for_nobody_once_the_answer_came() -> None:
    waited = timedelta(hours=40)
    answered = order(waited=waited, due_at=SENT + DAY + waited)
    age = age_of(answered, SENT + waited + timedelta(hours=3))
    assert age is not None
    assert (age.level, age.text) == (AgeLevel.OK, "3\u00a0h")


@pytest.mark.parametrize(("hours", "due"), [(5, "in time"), (26, "2\u00a0h late")])
def test_a_decided_order_tells_how_long_it_took(hours: int, due: str) -> None:
    age = age_of(order(decided_at=SENT + timedelta(hours=hours)), SENT + timedelta(days=9))
    assert age is not None
    assert age.due == due
    assert age.text.startswith("took ")


def test_a_draft_has_no_age() -> None:
    assert age_of(order(submitted_at=None, due_at=None), SENT) is None


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=59), "0 m"),
        (timedelta(minutes=-5), "0 m"),
        (timedelta(hours=3, minutes=10), "3 h 10 m"),
        (timedelta(hours=3), "3 h"),
        (timedelta(days=2, hours=4, minutes=59), "2 d 4 h"),
        (timedelta(days=2, minutes=59), "2 d"),
    ],
)
def test_a_span_is_said_in_two_units_at_most(span: timedelta, words: str) -> None:
    assert in_words(span).replace("\u00a0", " ") == words
