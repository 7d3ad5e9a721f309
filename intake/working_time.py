"""Time to review, counted Monday to Friday in the pharmacy's time zone. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ALLOWED = timedelta(days=3)

_WEEK, _WORKING = timedelta(days=7), timedelta(days=5)
_A_MONDAY = datetime(1970, 1, 5)  # noqa: DTZ001  local time, counted as the clock shows it
Span = tuple[datetime, datetime]


def between(start: datetime, end: datetime, zone: ZoneInfo) -> timedelta:
    """How much of the time from `start` to `end` lies between Monday 0:00 and Friday 24:00."""
    return _since_a_monday(end, zone) - _since_a_monday(start, zone)


def _since_a_monday(moment: datetime, zone: ZoneInfo) -> timedelta:
    local = moment.astimezone(zone).replace(tzinfo=None)
    weeks, rest = divmod(local - _A_MONDAY, _WEEK)
    return weeks * _WORKING + min(rest, _WORKING)


def used(start: datetime, end: datetime, pauses: Iterable[Span], zone: ZoneInfo) -> timedelta:
    """The same without the pauses, in which the applicant was asked."""
    asked = sum((between(*pause, zone) for pause in pauses), timedelta())
    return between(start, end, zone) - asked
