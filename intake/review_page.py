"""Everything the review page shows of one application: what was given beside what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.forms import BaseForm
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right
from intake.agreements import ALL
from intake.duplicates import Double, doubles
from intake.facts import LicenceFacts, applicant_facts
from intake.models import Acceptance, Applicant, Application, LicenceVerification, Upload
from intake.printed import Group, groups
from intake.review_history import history
from intake.review_requests import requests
from intake.review_rows import age_of, practice_of
from intake.services import agreeing, checks, review
from intake.services.checks import Line, Standing
from intake.status import DONE, GOOD_STANDING, BoardStanding, Decision, Outcome, Status

Forms = Mapping[str, BaseForm]
Badge = dict[str, str]


class Stand(StrEnum):
    """Where the application is, seen by the reader."""

    MINE = "mine"
    HELD = "held"
    FREE = "free"
    RESERVED = "reserved"
    WAITING = "waiting"
    DONE = "done"


def _badge(word: object, tone: str, icon: str) -> Badge:
    return {"word": str(word), "tone": tone, "icon": icon}


_BADGES = {
    Status.SUBMITTED: ("info", "inbox"),
    Status.UNDER_REVIEW: ("neutral", "user-lock"),
    Status.INFO_REQUESTED: ("ask", "circle-question"),
    Status.APPROVED: ("ok", "circle-check"),
    Status.REJECTED: ("stop", "circle-xmark"),
}
_DECISIONS = {
    Decision.PENDING: ("neutral", "hourglass-half"),
    Decision.APPROVED: ("ok", "circle-check"),
    Decision.REJECTED: ("stop", "circle-xmark"),
}
# outcome → tone and icon. What could not be checked looks like no answer, never like a pass.
_OUTCOMES: dict[Outcome | None, tuple[str, str]] = {
    Outcome.PASS: ("ok", "circle-check"),
    Outcome.MISMATCH: ("warn", "not-equal"),
    Outcome.POSSIBLE: ("warn", "triangle-exclamation"),
    Outcome.HIT: ("stop", "hand"),
    Outcome.UNCHECKED: ("dark", "eye-slash"),
    None: ("dark", "hourglass-half"),
}
_BOARD = {
    BoardStanding.ACTIVE: ("ok", "circle-check"),
    BoardStanding.RESTRICTED: ("warn", "triangle-exclamation"),
}


@dataclass(frozen=True, slots=True)
class CheckShown:
    line: Line
    badge: Badge
    form: BaseForm | None


@dataclass(frozen=True, slots=True)
class LicenceShown:
    """A licence as given, and the last look at its board."""

    number: int
    facts: LicenceFacts
    look: LicenceVerification | None
    badge: Badge
    form: BaseForm | None


@dataclass(frozen=True, slots=True)
class AgreementShown:
    title: str
    row: Acceptance


@dataclass(frozen=True, slots=True)
class Person:
    """One prescriber of the application."""

    applicant: Applicant
    name: str
    badge: Badge
    given: list[Group]
    standing: Standing
    checks: list[CheckShown]
    licences: list[LicenceShown]
    agreements: list[AgreementShown]
    agreements_open: list[str]
    papers: list[Upload]
    doubles: list[Double]
    missing: list[str] = field(default_factory=list)
    approve: BaseForm | None = None
    reject: BaseForm | None = None


def stand_of(application: Application, user: User, now: datetime) -> Stand:
    until = application.held_until
    if application.status == Status.INFO_REQUESTED:
        return Stand.WAITING
    if application.status in DONE:
        return Stand.DONE
    if until is not None and until > now:
        return Stand.MINE if application.holder_id == user.pk else Stand.HELD
    if application.status == Status.UNDER_REVIEW:
        return Stand.FREE
    kept = application.reserved_until is not None and application.reserved_until > now
    reserved = application.reserved_for_id not in (None, user.pk)
    return Stand.RESERVED if kept and reserved else Stand.FREE


def context(application: Application, user: User, people: list[Applicant], forms: Forms) -> Any:
    """For templates/applications/review.html. `forms` are those the reader may send, by prefix."""
    now = timezone.now()
    stand, own = stand_of(application, user, now), review.is_own(application, user)
    standings = checks.standings(people)
    papers = list(application.uploads.all())
    name, town = practice_of(application)
    return {
        "application": application,
        "stand": stand,
        "is_own": own,
        "may_decide": stand is Stand.MINE and not own,
        "may_claim": stand is Stand.FREE and not own,
        "may_release": stand is Stand.HELD and user.has_right(Right.RELEASE_CLAIMS),
        "badge": _badge(application.get_status_display(), *_BADGES[Status(application.status)]),
        "age": age_of(application, now),
        "practice_name": name,
        "practice_town": town,
        "people": [_person(one, standings[one.pk], papers, forms) for one in people],
        "given": groups(application, None),
        "papers": [paper for paper in papers if paper.applicant_id is None],
        "requests": requests(application),
        "history": history(application, people),
        "open_count": sum(one.decision == Decision.PENDING for one in people),
    }


def _person(applicant: Applicant, standing: Standing, papers: list[Upload], forms: Forms) -> Person:
    facts, at = applicant_facts(applicant), applicant.position
    credential = f", {facts.printed_credential}" if facts.printed_credential else ""
    decided = Decision(applicant.decision)
    accepted = applicant.acceptances.all()
    return Person(
        applicant=applicant,
        name=f"{facts.full_name}{credential}",
        badge=_badge(decided.label, *_DECISIONS[decided]),
        given=groups(applicant.application, applicant),
        standing=standing,
        checks=[_check(line, forms) for line in standing.lines],
        licences=[
            _licence(applicant, one, number, forms)
            for number, one in enumerate(facts.licences, start=1)
        ],
        agreements=[
            AgreementShown(_title(row), row) for row in sorted(accepted, key=lambda row: row.pk)
        ],
        agreements_open=[one.title for one in agreeing.missing(applicant)],
        papers=[paper for paper in papers if paper.applicant_id == applicant.pk],
        doubles=doubles(applicant) if decided == Decision.PENDING else [],
        missing=review.missing_for_approval(applicant) if f"approve-{at}" in forms else [],
        approve=forms.get(f"approve-{at}"),
        reject=forms.get(f"reject-{at}"),
    )


def _check(line: Line, forms: Forms) -> CheckShown:
    form = forms.get(f"settle-{line.row.pk}") if line.row else None
    return CheckShown(line, _badge(line.outcome_words, *_OUTCOMES[line.outcome]), form)


def _licence(applicant: Applicant, facts: LicenceFacts, number: int, forms: Forms) -> LicenceShown:
    look = review.newest_look(applicant, facts)
    form = forms.get(f"verify-{applicant.position}-{number}")
    if look is None:
        return LicenceShown(number, facts, None, _badge("Not looked up", "dark", "eye-slash"), form)
    here = BoardStanding(look.standing)
    tone = _BOARD[here] if here in GOOD_STANDING else ("stop", "circle-xmark")
    return LicenceShown(number, facts, look, _badge(here.label, *tone), form)


def _title(row: Acceptance) -> str:
    found = ALL.get((row.agreement, row.agreement_version))
    return found.title if found else row.agreement
