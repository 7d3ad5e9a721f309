"""Answers of the account form as people read them: labels, words for codes, days with their month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django import forms

from accounts.house_dates import MONTHS, HouseDate
from intake.models import Applicant, Application
from intake.sections import Section, sections_of


@dataclass(frozen=True, slots=True)
class Group:
    """One page's answers, for components/dl.html; of a list of rows, one row each."""

    title: str
    rows: list[dict[str, str]]


def groups(application: Application, applicant: Applicant | None) -> list[Group]:
    """All that was answered by the prescriber, or with None about the practice."""
    owner = applicant or application
    found: list[Group] = []
    for section in sections_of(application, applicant):
        said = owner.answers.get(section.slug)
        if not section.many:
            found.append(Group(section.title, rows(section, said)))
            continue
        listed = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
        found += [
            Group(f"{section.one.capitalize()} {number}", rows(section, one))
            for number, one in enumerate(listed, start=1)
        ] or [Group(section.title, [])]
    return found


def rows(section: Section, said: object) -> list[dict[str, str]]:
    """Term and value of each field that the page asks; empty where nothing was given."""
    answers: Mapping[str, Any] = said if isinstance(said, dict) else {}
    fields = section.form.base_fields.items()
    return [
        {"term": str(field.label), "value": words(field, answers.get(name))}
        for name, field in fields
        if name in answers or field.required
    ]


def words(field: forms.Field | None, value: object) -> str:
    """One answer: `Yes`, `Nov 22, 1980`, the label of a choice; empty for none."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if value in (None, "", []):
        return ""
    if isinstance(value, list):
        return ", ".join(words(field, one) for one in value)
    if isinstance(field, HouseDate):
        return _day(str(value))
    if isinstance(field, forms.ChoiceField):
        return _labels(field).get(str(value), str(value))
    return str(value)


def _labels(field: forms.ChoiceField) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, label in cast(Iterable[Any], field.choices):
        inner = label if isinstance(label, list | tuple) else [(code, label)]
        found |= {str(one): str(words) for one, words in inner}
    return found


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"
