"""How much of an allowed time was used, as levels and words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

_NBSP = "\u00a0"


class AgeLevel(StrEnum):
    """Shares of the allowed time used: under half, to four fifths, to the end, past it."""

    OK = "ok"
    SOON = "soon"
    LATE = "late"
    BREACHED = "breached"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Age:
    """For components/age.html: `3 h 10 m`, `due in 50 m`."""

    level: AgeLevel
    text: str
    due: str


def in_words(span: timedelta) -> str:
    """`3 h 10 m`, `2 d 4 h`, `12 m`: two units at most, rounded down."""
    minutes = max(0, int(span.total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    pairs = ((days, "d"), (hours, "h")) if days else ((hours, "h"), (rest, "m"))
    shown = [f"{number}{_NBSP}{unit}" for number, unit in pairs if number]
    return " ".join(shown) or f"0{_NBSP}m"


def running(used: timedelta, left: timedelta) -> Age:
    """The clock runs: how long it has, and when it is due."""
    due = f"overdue {in_words(-left)}" if left <= timedelta() else f"due in {in_words(left)}"
    return Age(_level(used, used + left), in_words(used), due)


def paused(used: timedelta, left: timedelta) -> Age:
    over = f"{in_words(-left)} over" if left < timedelta() else f"{in_words(left)} left"
    return Age(AgeLevel.PAUSED, in_words(used), over)


def stopped(used: timedelta, left: timedelta) -> Age:
    late = left < timedelta()
    level = AgeLevel.BREACHED if late else AgeLevel.OK
    took = f"took {in_words(used)}"
    return Age(level, took, f"{in_words(-left)} late" if late else "in time")


def _level(used: timedelta, allowed: timedelta) -> AgeLevel:
    if used >= allowed:
        return AgeLevel.BREACHED
    if used * 5 >= allowed * 4:
        return AgeLevel.LATE
    return AgeLevel.SOON if used * 2 >= allowed else AgeLevel.OK
