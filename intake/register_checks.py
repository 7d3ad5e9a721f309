"""The newest credential checks of a prescriber on file, and the applications they came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from accounts.models import Prescriber, User
from accounts.services.standing import concerns
from intake.models import Applicant, CheckPlan, CredentialCheck
from intake.status import SETTLEABLE, Outcome

# outcome → badge tone, icon. What could not be checked looks like no answer, never like a pass.
_MARKS = {
    Outcome.PASS: ("ok", "circle-check"),
    Outcome.MISMATCH: ("warn", "triangle-exclamation"),
    Outcome.POSSIBLE: ("warn", "triangle-exclamation"),
    Outcome.HIT: ("stop", "hand"),
    Outcome.UNCHECKED: ("dark", "eye-slash"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One check, how it came out, and who settled what it left open."""

    check: CredentialCheck
    mark: dict[str, str]
    settlement: Any
    may_settle: bool


def rows(prescriber: Prescriber, by: User) -> list[Row]:
    """The newest check of each kind; those made before approval until the first monthly one."""
    about = Q(prescriber=prescriber) | Q(applicant__prescriber=prescriber)
    found = CredentialCheck.objects.filter(about).order_by("-pk")
    newest: dict[tuple[str, str], CredentialCheck] = {}
    for check in found.select_related("settlement__by", "settlement__reason"):
        newest.setdefault((check.kind, check.subject), check)
    own = concerns(prescriber, by)
    ordered = sorted(newest.values(), key=lambda one: (one.kind, one.subject))
    return [_row(check, own) for check in ordered]


def _row(check: CredentialCheck, own: bool) -> Row:
    settlement = getattr(check, "settlement", None)
    of_file = check.outcome in SETTLEABLE and check.prescriber_id is not None
    return Row(check, mark(check), settlement, may_settle=of_file and not settlement and not own)


def mark(check: CredentialCheck) -> dict[str, str]:
    """The badge of a check: its outcome in a word."""
    outcome = Outcome(check.outcome)
    tone, icon = _MARKS[outcome]
    return {"word": str(outcome.label), "tone": tone, "icon": icon}


def plan(prescriber: Prescriber) -> CheckPlan | None:
    """When the checks were made last and are made next."""
    return CheckPlan.objects.filter(prescriber=prescriber).first()


def applications(prescriber: Prescriber) -> list[Applicant]:
    """The applications that this account came from, the newest first."""
    mine = Applicant.objects.filter(prescriber=prescriber)
    return list(mine.select_related("application", "decided_by").order_by("-pk"))
