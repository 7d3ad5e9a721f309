"""An application's history for the review page: each event in words, the newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from events.models import Event
from formulary.reference import Formulary, ReasonKind
from formulary.services import load_formulary
from intake.facts import applicant_facts
from intake.models import Applicant, Application
from intake.status import CheckKind

# kind → icon, tone, words
_WORDS = {
    "application.started": ("pen", "neutral", "Started"),
    "application.return_asked": ("envelope", "neutral", "Private link asked for again"),
    "application.submitted": ("inbox", "info", "Sent to the pharmacy"),
    "application.claimed": ("user-check", "info", "Taken for review"),
    "application.given_back": ("rotate-left", "neutral", "Returned to the queue"),
    "application.claim_released": ("unlock", "neutral", "Claim released: returned to the queue"),
    "application.claim_lapsed": ("clock", "neutral", "Returned to the queue: the review stood still"),
    "application.info_requested": ("circle-question", "ask", "Information requested"),
    "application.info_given": ("reply", "info", "Information given"),
    "application.approved": ("circle-check", "ok", "Application approved"),
    "application.rejected": ("circle-xmark", "stop", "Application rejected"),
    "applicant.acceptance_asked": ("signature", "neutral", "Asked to accept the agreements"),
    "applicant.agreed": ("signature", "info", "Agreements accepted"),
    "applicant.approved": ("circle-check", "ok", "Prescriber approved"),
    "applicant.rejected": ("circle-xmark", "stop", "Prescriber rejected"),
    "applicant.checked": ("magnifying-glass", "neutral", "Credentials checked"),
    "applicant.check_settled": ("gavel", "info", "Check settled"),
    "applicant.licence_verified": ("id-card", "info", "Licence looked up"),
}  # fmt: skip
# The receipt says the same as the sending.
_SILENT = ("application.received",)
_REASONS = {
    "application.given_back": ReasonKind.GIVE_BACK,
    "application.claim_released": ReasonKind.RELEASE,
    "applicant.rejected": ReasonKind.APPLICATION_REJECTION,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """For components/timeline.html."""

    icon: str
    tone: str
    verb: str
    actor: str
    at: datetime
    note: str


def history(application: Application, people: Sequence[Applicant]) -> list[Entry]:
    mine = Q(subject="application", subject_id=application.pk)
    theirs = Q(subject="applicant", subject_id__in=[one.pk for one in people])
    events = Event.objects.filter(mine | theirs).exclude(kind__in=_SILENT)
    names = {one.pk: applicant_facts(one).full_name for one in people} if len(people) > 1 else {}
    formulary = load_formulary()
    rows = events.select_related("actor").order_by("-pk")
    return [_entry(event, names, formulary) for event in rows]


def _entry(event: Event, names: Mapping[int, str], formulary: Formulary) -> Entry:
    icon, tone, verb = _WORDS.get(event.kind, ("circle-info", "neutral", event.kind))
    whose = names.get(event.subject_id, "") if event.subject == "applicant" else ""
    notes = (whose, _reason(event, formulary), _check(event))
    actor = event.actor.name if event.actor else ""
    return Entry(icon, tone, verb, actor, event.at, " · ".join(filter(None, notes)))


def _reason(event: Event, formulary: Formulary) -> str:
    kind, code = _REASONS.get(event.kind), event.data.get("reason")
    return next((r.label for r in formulary.reasons if r.kind == kind and r.code == code), "")


def _check(event: Event) -> str:
    kind = event.data.get("kind")
    return str(CheckKind(kind).label) if kind in CheckKind.values else ""
