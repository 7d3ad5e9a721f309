"""One application in the list: what its row says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import User
from events.ages import Age, paused, running, stopped
from intake import working_time
from intake.facts import applicant_facts, practice_facts
from intake.models import Applicant, Application
from intake.review_flags import Flag, flags_of
from intake.services.checks import Standing
from intake.status import DONE, Status


@dataclass(frozen=True, slots=True)
class Place:
    """Where an application is: `Held by Petra`, until when, and what the reader may do about it."""

    words: str = ""
    until: datetime | None = None
    at: datetime | None = None
    is_mine: bool = False
    can_claim: bool = False
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """`address` is the application's page; what is done with it lies below that."""

    reference: str
    address: str
    practice: str
    town: str
    prescribers: str
    age: Age | None
    flags: tuple[Flag, ...]
    place: Place


def row_of(
    application: Application,
    user: User,
    now: datetime,
    *,
    place: str,
    standings: Mapping[int, Standing],
) -> Row:
    """Needs the prescribers of `review_flags.flagged` and the requests for information."""
    people, (practice, town) = list(application.applicants.all()), practice_of(application)
    return Row(
        reference=application.reference,
        address=f"{place}{application.reference}/",
        practice=practice,
        town=town,
        prescribers=_prescribers(people),
        age=age_of(application, now),
        flags=flags_of(application, people, standings),
        place=_place(application, people, user, now),
    )


def practice_of(application: Application) -> tuple[str, str]:
    """Name and town: of the practice on file, else as they were given."""
    here = application.practice or practice_facts(application)
    return here.name, ", ".join(part for part in (here.city, here.state) if part)


def _prescribers(people: list[Applicant]) -> str:
    names = []
    for one in people:
        facts = applicant_facts(one)
        names.append(f"{facts.given_name} {facts.family_name}, {facts.printed_credential}")
    return names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "") if names else ""


def age_of(application: Application, now: datetime) -> Age | None:
    """How much of three working days the review has taken. None for what was never sent."""
    if application.submitted_at is None:
        return None
    zone = ZoneInfo(settings.PHARMACY_TIME_ZONE)
    pauses = [
        (asked.asked_at, asked.answered_at)
        for asked in application.info_requests.all()
        if asked.answered_at
    ]
    end = application.decided_at or application.paused_at or now
    used = working_time.used(application.submitted_at, end, pauses, zone)
    left = working_time.ALLOWED - used
    if application.decided_at:
        return stopped(used, left)
    return paused(used, left) if application.paused_at else running(used, left)


def _place(application: Application, people: list[Applicant], user: User, now: datetime) -> Place:
    status = application.status
    if status == Status.UNDER_REVIEW:
        return _held(application, user, now)
    if status == Status.INFO_REQUESTED:
        asked = [one.asked_by.name for one in application.info_requests.all()]
        return Place(f"Asked by {asked[-1]}" if asked else "Asked", at=application.paused_at)
    if status in DONE:
        by = list(dict.fromkeys(one.decided_by.name for one in people if one.decided_by))
        words = application.get_status_display() + (f" by {' and '.join(by)}" if by else "")
        return Place(words, at=application.decided_at)
    until = application.reserved_until
    if application.reserved_for is None or until is None or until <= now:
        return Place(can_claim=True)
    if application.reserved_for_id != user.pk:
        return Place(f"Reserved for {application.reserved_for.name}", until)
    return Place("Reserved for you", until, can_claim=True)


def _held(application: Application, user: User, now: datetime) -> Place:
    holder, until = application.holder, application.held_until
    if holder is None or until is None:
        return Place(can_claim=True)
    mine = holder.pk == user.pk
    if until <= now:
        whose = "Your" if mine else f"{holder.name}’s"
        return Place(f"{whose} claim lapsed", can_claim=True)
    if mine:
        return Place("Held by you", until, is_mine=True)
    return Place(f"Held by {holder.name}", at=application.status_at, holder=holder.name)
