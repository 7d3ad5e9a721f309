"""Answers of the account form as reviewers read them, birth dates included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intake.models import Applicant, Application
from intake.sections import Section, sections_of

_OPTIONAL = " (optional)"


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
            found.append(Group(section.title, _rows(section, said)))
            continue
        listed = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
        found += [
            Group(f"{section.one.capitalize()} {number}", _rows(section, one))
            for number, one in enumerate(listed, start=1)
        ] or [Group(section.title, [])]
    return found


def _rows(section: Section, said: object) -> list[dict[str, str]]:
    """Term and value of each field; those that depend on another answer only when given."""
    answers: Mapping[str, Any] = said if isinstance(said, dict) else {}
    return [
        {"term": label(section, name), "value": words(section, name, answers.get(name))}
        for name in section.fields
        if answers.get(name) or name not in section.form.shown_for
    ]


def label(section: Section | None, name: str) -> str:
    return section.label(name).removesuffix(_OPTIONAL) if section else name


def words(section: Section | None, name: str, value: object) -> str:
    """One answer; a field that is no more is printed as it was stored."""
    if section is None or name not in section.form.base_fields:
        return str(value or "")
    return section.form.words(name, value)
