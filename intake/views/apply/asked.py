"""What a reviewer asked for, and what has happened so far, as the applicant reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from events.models import Event
from intake import journey
from intake.models import Applicant, Application, InfoItem, InfoRequest
from intake.sections import BY_SLUG
from intake.status import Decision

# What the applicant is told of; who did it stays with the pharmacy.
_STORY = {
    "application.started": ("pen", "Started", "neutral"),
    "application.submitted": ("paper-plane", "Sent to the pharmacy", "info"),
    "application.claimed": ("magnifying-glass", "Review began", "info"),
    "application.info_requested": ("circle-question", "We asked for something", "ask"),
    "application.info_given": ("reply", "You answered", "info"),
    "application.approved": ("circle-check", "Approved", "ok"),
    "application.rejected": ("circle-xmark", "Not approved", "stop"),
}


def asked_parts(application: Application, request: InfoRequest) -> list[dict[str, Any]]:
    """Each thing asked for: what, why, and the page it is corrected on."""
    return [
        {
            "title": _title(item),
            "fields": _fields(item),
            "reason": item.reason.label,
            "url": _url(application, item),
        }
        for item in request.items.all()
    ]


def _title(item: InfoItem) -> str:
    known = BY_SLUG.get(item.section)
    title = known.title if known else item.section.replace("_", " ").capitalize()
    return f"{journey.name_of(item.applicant)}: {title}" if item.applicant else title


def _fields(item: InfoItem) -> str:
    known = BY_SLUG.get(item.section)
    return ", ".join(known.label(name) for name in item.fields) if known else ""


def _url(application: Application, item: InfoItem) -> str:
    if item.section in BY_SLUG:
        return journey.section_url(application, item.applicant, item.section)
    if item.section == "papers":
        return reverse("apply:papers", args=[application.reference])
    return ""


def outcomes(applicants: Sequence[Applicant]) -> list[dict[str, str]]:
    """What was decided about each prescriber, with the reason as it is told to the applicant."""
    return [
        {
            "name": journey.name_of(one),
            "decision": one.get_decision_display(),
            "reason": one.reason.label if one.reason and one.decision == Decision.REJECTED else "",
            "words": one.reason_text,
        }
        for one in applicants
        if one.decision != Decision.PENDING
    ]


def story(application: Application) -> list[dict[str, Any]]:
    """The timeline, newest first, without the names of those who review."""
    events = Event.objects.filter(
        subject="application", subject_id=application.pk, kind__in=_STORY
    ).order_by("-pk")
    found = []
    for event in events:
        icon, verb, tone = _STORY[event.kind]
        found.append({"icon": icon, "verb": verb, "tone": tone, "actor": "", "at": event.at})
    return found
