"""Rules F25 and F32: how dates, spans and amounts are printed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.template import TemplateSyntaxError
from django.utils import timezone

from config.templatetags import scruple

AT = datetime(2026, 11, 22, 16, 5, 9, tzinfo=UTC)


def test_a_day_has_its_month_in_letters() -> None:
    assert scruple.day(date(2026, 3, 1)) == '<time datetime="2026-03-01">Mar\u00a01, 2026</time>'
    assert scruple.day(None) == "Not recorded"


def test_a_moment_says_its_zone() -> None:
    assert scruple.moment(AT) == (
        '<time datetime="2026-11-22T11:05:09-05:00">Nov\u00a022, 2026, 11:05\u00a0EST</time>'
    )
    with timezone.override(ZoneInfo("America/New_York")):
        assert "11:05\u00a0EST" in scruple.moment(AT)
        assert "11:05\u00a0EST" in scruple.clock(AT)
        assert "Nov\u00a021, 2026" in scruple.day(datetime(2026, 11, 22, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0 m"),
        (timedelta(seconds=-5), "0 m"),
        (timedelta(minutes=12, seconds=59), "12 m"),
        (timedelta(hours=3, minutes=10), "3 h 10 m"),
        (timedelta(hours=3), "3 h"),
        (timedelta(days=2, hours=4, minutes=59), "2 d 4 h"),
        (timedelta(days=2), "2 d"),
        (7200.0, "2 h"),
    ],
)
def test_a_span_has_two_units_at_most(span: timedelta | float, words: str) -> None:
    assert scruple.duration(span).replace("\u00a0", " ") == words


def test_an_age_changes_on_the_birthday() -> None:
    born = date(1980, 11, 22)
    assert scruple.years(born, date(2026, 11, 21)) == 45
    assert scruple.years(born, date(2026, 11, 22)) == 46
    assert scruple.years(date(2000, 2, 29), date(2026, 2, 28)) == 25


@pytest.mark.parametrize(
    ("amount", "printed"),
    [("0.50", "0.5"), ("5.0", "5"), ("4.5", "4.5"), ("1500", "1,500"), ("0.125", "0.125")],
)
def test_an_amount_is_printed_by_the_one_formatter(amount: str, printed: str) -> None:
    assert scruple.dose(Decimal(amount)) == printed


def test_an_icon_is_hidden_from_screen_readers_and_takes_the_colour_of_the_text() -> None:
    drawing = scruple.icon("bell")
    assert 'aria-hidden="true"' in drawing
    assert "<!--" not in drawing
    assert "fill=" not in drawing


@pytest.mark.parametrize("name", ["../solid/bell", "BELL", "", "bell.svg"])
def test_an_icon_is_named_not_pathed(name: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        scruple.icon(name)
