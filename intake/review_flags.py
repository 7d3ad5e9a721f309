"""What makes an application unlike the next, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import Prescriber, User
from intake.models import Applicant, Application
from intake.services import agreeing
from intake.services.checks import Standing
from intake.status import Decision, Kind, Outcome, Status


@dataclass(frozen=True, slots=True)
class Flag:
    """For components/badge.html."""

    word: str
    tone: str
    icon: str


def flagged() -> QuerySet[Applicant]:
    """Prescribers with what `flags_of` needs, in the order of the form."""
    return (
        Applicant.objects.annotate(
            stands_twice=Exists(_elsewhere()) | Exists(_on_file()) | Exists(_signing_in()),
        )
        .select_related("decided_by")
        .prefetch_related("acceptances")
        .order_by("position")
    )


def _elsewhere() -> QuerySet[Applicant]:
    """Other prescribers who were sent in with the same NPI or address."""
    same = Q(npi=OuterRef("npi")) & ~Q(npi="") | Q(email=OuterRef("email")) & ~Q(email="")
    sent = Applicant.objects.exclude(application__status=Status.DRAFT)
    return sent.filter(same).exclude(pk=OuterRef("pk"))


def _on_file() -> QuerySet[Prescriber]:
    """Their own account, once it is open, is no other."""
    return Prescriber.objects.filter(npi=OuterRef("npi")).exclude(applications=OuterRef("pk"))


def _signing_in() -> QuerySet[User]:
    mine = User.objects.filter(email=Lower(OuterRef("email")))
    return mine.exclude(prescriber__applications=OuterRef("pk"))


_OUTCOMES: tuple[tuple[Outcome | None, Flag], ...] = (
    (Outcome.HIT, Flag("Exclusion hit", "stop", "hand")),
    (Outcome.POSSIBLE, Flag("Possible exclusion", "warn", "triangle-exclamation")),
    (Outcome.MISMATCH, Flag("Mismatch", "warn", "not-equal")),
    (Outcome.UNCHECKED, Flag("Could not check", "dark", "eye-slash")),
    (None, Flag("Not checked yet", "dark", "hourglass-half")),
)


def flags_of(
    application: Application, applicants: Sequence[Applicant], standings: Mapping[int, Standing]
) -> tuple[Flag, ...]:
    """In words, the gravest first. Of those decided already nothing is said any more."""
    open_ = [one for one in applicants if one.decision == Decision.PENDING]
    outcomes = {line.outcome for one in open_ for line in standings[one.pk].findings}
    found = [flag for outcome, flag in _OUTCOMES if outcome in outcomes]
    if any(one.stands_twice for one in open_):  # type: ignore[attr-defined]
        found.append(Flag("Duplicate", "warn", "clone"))
    if any(agreeing.missing(one) for one in open_):
        found.append(Flag("Not agreed yet", "info", "signature"))
    if application.waited and application.status == Status.SUBMITTED:
        found.append(Flag("Answered", "info", "reply"))
    if len(applicants) > 1:
        found.append(Flag(f"{len(applicants)} prescribers", "neutral", "users"))
    if application.kind == Kind.FURTHER:
        found.append(Flag("Further prescriber", "neutral", "user-plus"))
    return tuple(found)
