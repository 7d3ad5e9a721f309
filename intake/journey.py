"""The way through the account form: its pages in order, and how each of them stands."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from intake.forms.base import SectionForm
from intake.models import Applicant, Application
from intake.sections import Section, sections_of
from intake.services import agreeing
from intake.status import FilledBy, Kind


class State(enum.Enum):
    """How a page of the form stands; the only words for it (F11)."""

    COMPLETED = "Completed"
    INCOMPLETE = "Incomplete"
    CANNOT_START = "Cannot start yet"
    PROBLEM = "There is a problem"


@dataclass(frozen=True)
class Stop:
    """One page on the way: a section of `applicant` or of the practice, or a page of its own."""

    slug: str
    title: str
    reference: str
    section: Section | None = None
    applicant: Applicant | None = None

    @property
    def url(self) -> str:
        if self.section is None:
            return reverse(f"apply:{self.slug}", args=[self.reference])
        return reverse("apply:section", args=[self.reference, who(self.applicant), self.slug])

    @property
    def is_optional(self) -> bool:
        if self.section is None:
            return self.slug == "papers"
        return self.section.many and not self.section.least


def who(applicant: Applicant | None) -> str:
    """The part of an address that says whose answers a page holds."""
    return f"prescriber-{applicant.position}" if applicant else "practice"


def section_url(application: Application, applicant: Applicant | None, slug: str) -> str:
    return reverse("apply:section", args=[application.reference, who(applicant), slug])


def agrees_here(application: Application) -> bool:
    """Whether the agreements are part of the form: only who fills in for oneself accepts there."""
    return application.filled_by == FilledBy.PRESCRIBER


def stops(application: Application, applicants: Sequence[Applicant]) -> list[Stop]:
    """Every page in its order; the first prescriber's first, the check of all answers last."""
    at = application.reference
    own = [
        Stop(s.slug, s.title, at, s, one)
        for one in (*applicants, None)
        for s in sections_of(application, one)
    ]
    more = [Stop("papers", "Papers", at)]
    if agrees_here(application):
        more.append(Stop("agreements", "Agreements", at))
    return [*own, *more, Stop("check", "Check your answers", at)]


@dataclass(frozen=True)
class Place:
    """Where a page stands among the others; before the first and after the last is the hub."""

    number: int
    total: int
    reference: str
    before: Stop | None
    after: Stop | None

    @property
    def caption(self) -> str:
        return f"Step {self.number} of {self.total}"

    @property
    def back(self) -> str:
        return self._url(self.before)

    @property
    def onward(self) -> str:
        return self._url(self.after)

    def _url(self, stop: Stop | None) -> str:
        return stop.url if stop else reverse("apply:hub", args=[self.reference])


def place(
    application: Application, applicants: Sequence[Applicant], slug: str, whose: Applicant | None
) -> Place:
    """The place of one page of the form."""
    way = stops(application, applicants)
    position = whose.position if whose else 0
    here = next(
        at
        for at, stop in enumerate(way)
        if stop.slug == slug and (stop.applicant.position if stop.applicant else 0) == position
    )
    before = way[here - 1] if here else None
    after = way[here + 1] if here + 1 < len(way) else None
    return Place(here + 1, len(way), application.reference, before, after)


# --- judging ------------------------------------------------------------------------------------
def rows_of(owner: Application | Applicant, section: Section) -> list[dict[str, Any]]:
    """The rows of a section of many; none when it holds none."""
    rows = owner.answers.get(section.slug)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def judged(owner: Application | Applicant, section: Section) -> Iterator[SectionForm]:
    """The stored answers of a section, as forms that judge them once more."""
    beside = owner.answers
    if not section.many:
        stored = beside.get(section.slug)
        if isinstance(stored, dict):
            yield section.form(section.form.typed(stored), beside=beside)
        return
    rows = rows_of(owner, section)
    for at, row in enumerate(rows):
        others = [other for number, other in enumerate(rows) if number != at]
        yield section.form(section.form.typed(row), beside=beside, others=others)


def state_of(owner: Application | Applicant, section: Section) -> State:
    """How a section stands: of the same answers on the same day it is judged once."""
    told = json.dumps([section.slug, owner.answers], sort_keys=True)
    key = (hashlib.sha256(told.encode()).digest(), timezone.localdate())
    state = _known.get(key)
    if state is None:
        if len(_known) >= _KNOWN_AT_MOST:
            _known.clear()
        state = _known[key] = _judge(owner, section)
    return state


# Digests of answers, and how they stand: nothing in here can be read back.
_known: dict[tuple[bytes, date], State] = {}
_KNOWN_AT_MOST = 5_000


def _judge(owner: Application | Applicant, section: Section) -> State:
    forms = list(judged(owner, section))
    if not all(form.is_valid() for form in forms):
        return State.PROBLEM
    if section.many:
        done = section.slug in owner.answers and len(forms) >= section.least
        return State.COMPLETED if done else State.INCOMPLETE
    return State.COMPLETED if forms else State.INCOMPLETE


@dataclass(frozen=True)
class Standing:
    """A page and how it stands."""

    stop: Stop
    state: State

    @property
    def stands_in_the_way(self) -> bool:
        open_ = self.state in (State.INCOMPLETE, State.CANNOT_START)
        return self.state is State.PROBLEM or (open_ and not self.stop.is_optional)


def standings(application: Application, applicants: Sequence[Applicant]) -> list[Standing]:
    """Every page with its state; agreements and check wait for what they need."""
    found: list[Standing] = []
    for stop in stops(application, applicants):
        found.append(Standing(stop, _state(application, stop, found)))
    return found


@dataclass(frozen=True)
class Group:
    """The tasks under one heading; `applicant` for those of one prescriber."""

    title: str
    standings: list[Standing]
    applicant: Applicant | None = None
    remove_url: str = ""


def groups(
    application: Application, applicants: Sequence[Applicant], found: Sequence[Standing]
) -> list[Group]:
    """The pages as the hub lists them: each prescriber, the practice, and the end."""
    at = application.reference
    many = len(applicants) > 1
    shown = [
        Group(
            name_of(one) if many or one.answers.get("person") else "Prescriber",
            [s for s in found if s.stop.applicant is not None and s.stop.applicant.pk == one.pk],
            one,
            reverse("apply:remove_prescriber", args=[at, who(one)]) if many else "",
        )
        for one in applicants
    ]
    practice = [s for s in found if s.stop.section and s.stop.applicant is None]
    end = [s for s in found if s.stop.section is None]
    return [*shown, *([Group("Practice", practice)] if practice else []), Group("To finish", end)]


def _state(application: Application, stop: Stop, before: list[Standing]) -> State:
    if stop.section is not None:
        return state_of(stop.applicant or application, stop.section)
    if stop.slug == "papers":
        seen = "papers" in application.answers
        return State.COMPLETED if seen else State.INCOMPLETE
    if stop.slug == "agreements":
        return _agreements(application, before)
    ready = not any(one.stands_in_the_way for one in before)
    return State.INCOMPLETE if ready else State.CANNOT_START


def _agreements(application: Application, before: list[Standing]) -> State:
    named = next((one for one in before if one.stop.slug == "person"), None)
    if named is None or named.stop.applicant is None or named.state is not State.COMPLETED:
        return State.CANNOT_START
    return State.INCOMPLETE if agreeing.missing(named.stop.applicant) else State.COMPLETED


def obstacles(application: Application, applicants: Sequence[Applicant]) -> list[tuple[str, str]]:
    """What stands in the way of sending: the page to open, and words."""
    found = [
        (one.stop.url, f"“{one.stop.title}”{_of(one.stop.applicant, applicants)}: {_what(one)}")
        for one in standings(application, applicants)
        if one.stands_in_the_way and one.stop.slug != "check"
    ]
    for name, words in _OWN.items():
        told = [text for one in applicants if (text := _credential(one, name))]
        if len(set(told)) < len(told):
            found.append((section_url(application, applicants[-1], "credentials"), words))
    return found


# What belongs to one person: an account each, and each one's agreements go to that address.
_OWN = {
    "npi": "Two prescribers have the same NPI: remove one of them, or correct it.",
    "email": "Two prescribers have the same e-mail address: give each one’s own.",
}


def problems(application: Application, applicants: Sequence[Applicant]) -> list[str]:
    """The same in words alone; nothing when it may be sent."""
    return [words for _, words in obstacles(application, applicants)]


def name_of(applicant: Applicant) -> str:
    """The prescriber's name as far as it was given, else the number."""
    told = applicant.answers.get("person")
    told = told if isinstance(told, dict) else {}
    parts = (str(told.get(part) or "") for part in ("given_name", "family_name"))
    return " ".join(part for part in parts if part) or f"Prescriber {applicant.position}"


def is_short(application: Application) -> bool:
    """Whether the practice is known and only a prescriber is applied for."""
    return application.kind == Kind.FURTHER


def _credential(applicant: Applicant, name: str) -> str:
    told = applicant.answers.get("credentials")
    return str(told.get(name) or "") if isinstance(told, dict) else ""


def _of(applicant: Applicant | None, applicants: Sequence[Applicant]) -> str:
    return f" of {name_of(applicant)}" if applicant and len(applicants) > 1 else ""


def _what(standing: Standing) -> str:
    if standing.state is State.PROBLEM:
        return "an answer is not right any more. Open the page and choose Continue."
    return "not complete yet."
