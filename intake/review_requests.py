"""What was asked of an applicant and what came of it, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intake.facts import applicant_facts
from intake.models import Application, InfoItem, InfoRequest
from intake.printed import label, words
from intake.sections import BY_SLUG, Section

_NONE = "Nothing"
_ITEMS = ("items__reason", "items__applicant")


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; both empty means it was asked about and is the same."""

    label: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Item:
    title: str
    whose: str
    reason: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Request:
    by: str
    at: datetime
    text: str
    items: tuple[Item, ...]
    answered_at: datetime | None
    answer: str


def requests(application: Application) -> list[Request]:
    """All requests, the oldest first."""
    rows = application.info_requests.select_related("asked_by").order_by("pk")
    return [_request(application, row) for row in rows.prefetch_related(*_ITEMS)]


def _request(application: Application, row: InfoRequest) -> Request:
    answered = row.answered_at is not None
    items = tuple(_item(application, item, answered=answered) for item in row.items.all())
    return Request(row.asked_by.name, row.asked_at, row.text, items, row.answered_at, row.answer)


def _item(application: Application, item: InfoItem, *, answered: bool) -> Item:
    section, owner = BY_SLUG.get(item.section), item.applicant or application
    whose = applicant_facts(item.applicant).full_name if item.applicant else ""
    title = section.title if section else item.section.capitalize()
    meant = tuple(Change(label(section, name), "", "") for name in item.fields)
    changes = _changes(item, section, owner.answers.get(item.section)) if answered else meant
    return Item(title, whose, item.reason.label, changes)


def _changes(item: InfoItem, section: Section | None, now: object) -> tuple[Change, ...]:
    if section is None:
        return ()
    if not isinstance(now, dict):
        same = item.before.get("rows") == (now or [])
        return (Change("All of it", "", "unchanged" if same else "changed, see below"),)
    said: Mapping[str, Any] = now
    return tuple(
        Change(
            label(section, name),
            words(section, name, before) or _NONE,
            words(section, name, said.get(name)) or _NONE,
        )
        for name, before in item.before.items()
        if said.get(name) != before or name in item.fields
    )
