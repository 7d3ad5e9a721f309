"""The history of an account, each event in words with the reason beside it, the newest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import Practice, Prescriber, User
from events.models import Event
from intake.models import LicenceRenewal

# kind → icon, tone, words; "{name}" is the person that the event's data names.
_WORDS = {
    "prescriber.suspended": ("circle-pause", "warn", "Suspended"),
    "prescriber.reinstated": ("circle-play", "ok", "Reinstated"),
    "prescriber.deactivated": ("ban", "stop", "Deactivated"),
    "prescriber.check_found": ("magnifying-glass", "warn", "The monthly check found something"),
    "prescriber.check_settled": ("gavel", "info", "A check was settled"),
    "practice.suspended": ("circle-pause", "warn", "Suspended"),
    "practice.reinstated": ("circle-play", "ok", "Reinstated"),
    "practice.deactivated": ("ban", "stop", "Deactivated"),
    "practice.changed": ("pen", "neutral", "Details changed"),
    "practice.location_changed": ("location-dot", "neutral", "Locations changed"),
    "member.invited": ("user-plus", "info", "Member invited"),
    "member.removed": ("user-minus", "neutral", "Member removed"),
    "member.changed": ("user-pen", "neutral", "A member’s duties changed"),
    "licence.expiring": ("hourglass-half", "warn", "Told that a licence ends soon"),
    "licence.expired": ("hourglass-end", "stop", "Told that a licence has ended"),
    "renewal.given": ("id-card", "info", "Licence given for review"),
    "renewal.accepted": ("circle-check", "ok", "Licence accepted"),
    "renewal.refused": ("circle-xmark", "stop", "Licence refused"),
    "applicant.agreed": ("signature", "info", "Agreements accepted"),
    "applicant.approved": ("circle-check", "ok", "Application approved"),
    "applicant.check_settled": ("gavel", "info", "A check was settled"),
    "applicant.licence_verified": ("id-card", "info", "Licence verified with the board"),
}
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """For components/timeline.html."""

    icon: str
    tone: str
    verb: str
    actor: str
    at: datetime
    note: str


def of_prescriber(prescriber: Prescriber) -> list[Entry]:
    """What happened to the account, its licences and the applications it came from."""
    about = {
        "prescriber": [prescriber.pk],
        "licence": prescriber.licences.values_list("pk", flat=True),
        "renewal": prescriber.renewals.values_list("pk", flat=True),
        "applicant": prescriber.applications.values_list("pk", flat=True),
    }
    return _entries(about)


def of_practice(practice: Practice) -> list[Entry]:
    return _entries({"practice": [practice.pk]})


def _entries(about: dict[str, Iterable[int]]) -> list[Entry]:
    these = Q()
    for subject, pks in about.items():
        these |= Q(subject=subject, subject_id__in=list(pks))
    found = Event.objects.filter(these, kind__in=_WORDS).order_by("-pk")
    events = list(found.select_related("actor", "standing_reason")[:_SHOWN])
    notes = _renewal_notes(events) | _people_notes(events)
    return [_entry(event, notes.get(event.pk, "")) for event in events]


def _entry(event: Event, note: str) -> Entry:
    icon, tone, verb = _WORDS[event.kind]
    reason = getattr(event, "standing_reason", None)
    if event.kind == "licence.expiring":
        note = f"{event.data.get('days')} days ahead"
    actor = event.actor.name if event.actor else ""
    return Entry(icon, tone, verb, actor, event.at, reason.text if reason else note)


def _renewal_notes(events: list[Event]) -> dict[int, str]:
    """Which licence it was, and why it was refused or where it was looked up."""
    told = {event.pk: event for event in events if event.subject == "renewal"}
    rows = LicenceRenewal.objects.in_bulk([event.subject_id for event in told.values()])
    notes = {}
    for pk, event in told.items():
        row = rows.get(event.subject_id)
        if row is not None:
            more = "" if event.kind == "renewal.given" else row.text or row.primary_source
            notes[pk] = ": ".join(filter(None, (f"{row.state} {row.number}", more)))
    return notes


def _people_notes(events: list[Event]) -> dict[int, str]:
    """Whom an invitation or a removal was about, where the event's data names a user."""
    named = {
        event.pk: event.data["user"]
        for event in events
        if event.subject == "practice" and isinstance(event.data.get("user"), int)
    }
    names = dict(User.objects.filter(pk__in=named.values()).values_list("pk", "name"))
    return {pk: names.get(user, "") for pk, user in named.items()}
