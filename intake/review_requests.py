"""What was asked of an applicant and what came of it, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from intake.facts import applicant_facts
from intake.models import Application, InfoItem
from intake.printed import words
from intake.sections import BY_SLUG


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
    return [
        Request(
            row.asked_by.name,
            row.asked_at,
            row.text,
            tuple(_item(application, item, answered=row.answered_at is not None) for item in row.items.all()),
            row.answered_at,
            row.answer,
        )
        for row in rows.prefetch_related("items__reason", "items__applicant")
    ]  # fmt: skip


def _item(application: Application, item: InfoItem, *, answered: bool) -> Item:
    section, owner = BY_SLUG.get(item.section), item.applicant or application
    whose = applicant_facts(item.applicant).full_name if item.applicant else ""
    title = section.title if section else item.section.capitalize()
    now = owner.answers.get(item.section)
    changes = tuple(_changes(item, now)) if answered else _meant(item)
    return Item(title, whose, item.reason.label, changes)


def _meant(item: InfoItem) -> tuple[Change, ...]:
    section = BY_SLUG.get(item.section)
    return tuple(Change(section.label(name) if section else name, "", "") for name in item.fields)


def _changes(item: InfoItem, now: Any) -> list[Change]:
    section = BY_SLUG.get(item.section)
    if not isinstance(now, dict) or section is None:
        same = item.before.get("rows") == (now or [])
        return [Change("All of it", "", "The same" if same else "Changed: see above")]
    before: Mapping[str, Any] = item.before
    fields = section.form.base_fields
    return [
        Change(section.label(name), words(fields.get(name), said) or "Nothing", _new(now, name, fields))
        for name, said in before.items()
        if now.get(name) != said or name in item.fields
    ]  # fmt: skip


def _new(now: Mapping[str, Any], name: str, fields: Mapping[str, Any]) -> str:
    return words(fields.get(name), now.get(name)) or "Nothing"
