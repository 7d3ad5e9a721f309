"""All answers as people read them: to check, to print, to look at once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from intake import journey
from intake.forms.base import SectionForm
from intake.journey import Stop
from intake.models import Applicant, Application
from intake.services import agreeing
from intake.views.apply.rows import title

# On paper, and on screens others may see, these say only that they were given.
_MASKED = {"birth_date": "Given, not printed", "dea": "Given, not printed"}


@dataclass(frozen=True)
class Part:
    """One section: rows for components/dl.html, or several titled blocks of them."""

    title: str
    blocks: list[dict[str, Any]]
    change_url: str = ""
    state: journey.State | None = None


def parts(
    application: Application,
    applicants: Sequence[Applicant],
    *,
    links: bool = False,
    masked: bool = False,
) -> list[Part]:
    """Every section in the form's order. `links` adds Change, `masked` hides what is private."""
    several = len(applicants) > 1
    found = []
    for stop in journey.stops(application, applicants):
        if stop.section is None:
            continue
        heading = stop.title
        if several and stop.applicant:
            heading = f"{journey.name_of(stop.applicant)}: {heading[:1].lower()}{heading[1:]}"
        blocks = list(_blocks(application, stop, links=links, masked=masked))
        found.append(Part(heading, blocks, f"{stop.url}?then=check" if links else ""))
    return found


def _blocks(application: Application, stop: Stop, *, links: bool, masked: bool) -> Any:
    owner, section = stop.applicant or application, stop.section
    assert section is not None  # noqa: S101  narrows the type
    if not section.many:
        stored = owner.answers.get(section.slug)
        url = f"{stop.url}?then=check" if links else ""
        yield {"rows": _rows(section.form, stored or {}, owner.answers, url, masked=masked)}
        return
    for number, row in enumerate(journey.rows_of(owner, section), start=1):
        url = f"{stop.url}{number}/?then=check" if links else ""
        rows = _rows(section.form, row, owner.answers, url, masked=masked)
        yield {"title": title(section, row), "rows": rows}


def _rows(
    form: type[SectionForm], stored: dict[str, Any], beside: Any, url: str, *, masked: bool
) -> list[dict[str, Any]]:
    # An unbound form knows which fields the other answers leave out.
    names = form(beside=beside).fields
    return [
        {
            "term": field.label,
            "value": _value(form, name, stored, masked=masked),
            "change_url": f"{url}#id_{name}" if url else "",
        }
        for name, field in names.items()
        if stored.get(name) or not form.shown_for.get(name)
    ]


def _value(form: type[SectionForm], name: str, stored: dict[str, Any], *, masked: bool) -> str:
    said = form.words(name, stored.get(name))
    return _MASKED.get(name, said) if masked and said else said


def agreed(applicants: Sequence[Applicant]) -> list[dict[str, Any]]:
    """For each prescriber: the name, and when the agreements were accepted, if they were."""
    return [
        {
            "name": journey.name_of(one),
            "whose": journey.who(one),
            "missing": agreeing.missing(one),
            "at": max((row.at for row in one.acceptances.all()), default=None),
            "typed": next((row.typed_name for row in one.acceptances.all()), ""),
        }
        for one in applicants
    ]
