"""One order in the queue: what its row says, made of a record of orders.queue_sql."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from accounts.house_dates import MONTHS
from accounts.models import User
from events.ages import Age
from formulary.dosing import Product, Step, Timing
from orders.ages import age_of
from orders.prescription import DoseSummary, summary
from orders.status import DONE, Status

_Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an order is: `Held by Petra`, until when, and what the reader may do about it."""

    words: str = ""
    until: datetime | None = None
    at: datetime | None = None
    is_mine: bool = False
    can_claim: bool = False
    holder: str = ""

    @property
    def is_held(self) -> bool:
        return bool(self.holder)


@dataclass(frozen=True, slots=True)
class Row:
    """`address` is the order's page; what is done with it lies below that."""

    reference: str
    address: str
    family: str
    given: str
    age: Age | None
    dose: DoseSummary
    is_urgent: bool
    flags: tuple[str, ...]
    prescriber: str
    practice: str
    place: Place


def row_of(record: _Record, user: User, now: datetime, *, queue: str, may_claim: bool) -> Row:
    """`queue` is the address of the list: building 25 addresses anew takes longer than the rows."""
    family, given = record["patient"]
    by_given, by_family, credential = record["prescriber"]
    return Row(
        reference=record["reference"],
        address=f"{queue}{record['reference']}/",
        family=family,
        given=given,
        age=age_of(SimpleNamespace(**record), now),
        dose=_dose(tuple(map(tuple, record["steps"]))),
        is_urgent=record["is_urgent"],
        flags=_flags(record),
        prescriber=f"{by_given} {by_family}, {credential}",
        practice=record["practice"],
        place=_place(record, user, now, may_claim=may_claim),
    )


@lru_cache(maxsize=1_000)
def _dose(steps: tuple[tuple[Any, ...], ...]) -> DoseSummary:
    """Most orders share a few regimens."""
    return summary([_step(*step) for step in steps])


def _step(dose_mg: str, times_per_day: int, timing: str, days: int | None, *product: Any) -> Step:
    code, drug, form, route, words, unit, strength, increment, beyond_use = product
    taken = Product(
        code, drug, form, route, words, unit, Decimal(strength), Decimal(increment), beyond_use
    )
    return Step(taken, Decimal(dose_mg), times_per_day, days, Timing(timing))


def _flags(record: _Record) -> tuple[str, ...]:
    """What makes the order unlike the next, in words; urgency stands apart."""
    levels = record["levels"] or []
    warnings, unchecked = levels.count("warn"), levels.count("not_checked")
    words = (
        (record["is_new"], "New prescriber"),
        (warnings, f"{warnings} warning{'s' * (warnings > 1)}"),
        (unchecked, f"{unchecked} not checked"),
        (record["revision"] > 1, f"Revision {record['revision']}"),
        (record["waited"] and record["status"] == Status.SUBMITTED, "Answered"),
    )
    return tuple(text for there, text in words if there)


def _place(record: _Record, user: User, now: datetime, *, may_claim: bool) -> Place:
    status = record["status"]
    if status == Status.IN_REVIEW:
        return _held(record, user, now, may_claim=may_claim)
    if status == Status.NEEDS_CLARIFICATION:
        return Place(f"Asked: {record['status_reason']}")
    if status == Status.ON_HOLD:
        return Place(f"{record['status_reason']}: to {_day(record['review_on'])}")
    if status in DONE:
        by = "" if status in (Status.CANCELLED, Status.EXPIRED) else record["decided_by"]
        words = Status(status).label + (f" by {by}" if by else "")
        return Place(words, at=record["decided_at"])
    reserved = record["reserved_for_id"] and record["reserved_until"] > now
    if reserved and record["reserved_for_id"] != user.pk:
        return Place(f"Reserved for {record['reserved_for']}", record["reserved_until"])
    until = record["reserved_until"] if reserved else None
    return Place("Reserved for you" if reserved else "", until, can_claim=may_claim)


def _day(day: date) -> str:
    return f"{MONTHS[day.month - 1]}\u00a0{day.day}"


def _held(record: _Record, user: User, now: datetime, *, may_claim: bool) -> Place:
    mine = record["holder_id"] == user.pk
    if record["held_until"] <= now:
        whose = "Your" if mine else f"{record['holder']}’s"
        return Place(f"{whose} claim lapsed", can_claim=may_claim)
    if mine:
        return Place("Held by you", record["held_until"], is_mine=True)
    name = record["holder"]
    return Place(f"Held by {name}", at=record["status_at"], holder=name)
