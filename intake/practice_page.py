"""What the practice's own pages say: how each licence stands, who may do what, what to see to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from accounts.house_dates import MONTHS
from accounts.models import Licence, Membership, Practice, Prescriber, User
from accounts.permissions import Right
from accounts.status import AccountStatus, Duty, Role
from intake.models import Applicant, Application, LicenceRenewal
from intake.status import APPLICANT_SEES, Kind, Status

_NBSP = "\u00a0"
# From this many days before its end a licence is named on the overview, and in its tone.
_SOON, _LATE = 60, 30
_STANDING = {
    AccountStatus.APPROVED: ("ok", "circle-check"),
    AccountStatus.SUSPENDED: ("warn", "circle-pause"),
    AccountStatus.DEACTIVATED: ("stop", "ban"),
}


def day_words(day: date) -> str:
    return f"{MONTHS[day.month - 1]}{_NBSP}{day.day}, {day.year}"


def _days(number: int) -> str:
    return f"{number}{_NBSP}day" if number == 1 else f"{number}{_NBSP}days"


# --- Licences ---------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Expiry:
    """How long a licence holds, in words, with the tone and icon of its badge."""

    word: str
    tone: str
    icon: str
    is_due: bool


def expiry(ends: date, today: date) -> Expiry:
    """The last day still counts."""
    left = (ends - today).days
    if left < 0:
        return Expiry(f"Ended {day_words(ends)}", "stop", "circle-xmark", True)
    if left == 0:
        return Expiry("Ends today", "stop", "hourglass-end", True)
    if left <= _LATE:
        return Expiry(f"Ends in {_days(left)}", "warn", "hourglass-end", True)
    if left <= _SOON:
        return Expiry(f"Ends in {_days(left)}", "soon", "hourglass-half", True)
    return Expiry(f"Holds until {day_words(ends)}", "ok", "circle-check", False)


@dataclass(frozen=True, slots=True)
class LicenceRow:
    """A licence on file, how long it holds, and the renewal given last, if that still matters."""

    licence: Licence
    expiry: Expiry
    renewal: LicenceRenewal | None

    @property
    def is_waiting(self) -> bool:
        return self.renewal is not None and self.renewal.accepted is None


@dataclass(frozen=True, slots=True)
class PrescriberRow:
    """One prescriber with licences; `given` are new licences that the pharmacy has not taken yet."""

    prescriber: Prescriber
    licences: tuple[LicenceRow, ...]
    given: tuple[LicenceRenewal, ...]
    tone: str
    icon: str
    # No licence on file holds today in the practice's state: nothing can be signed.
    cannot_order: bool

    @property
    def word(self) -> str:
        return self.prescriber.get_status_display()


def prescriber_rows(user: User) -> list[PrescriberRow]:
    """Everybody who prescribes in the user's present practice, by family name."""
    found = (
        Prescriber.objects.visible_to(user)
        .select_related("user")
        .prefetch_related("licences", "renewals")
        .order_by("family_name", "given_name", "pk")
    )
    return [_prescriber_row(row, user.practice) for row in found]


def _prescriber_row(prescriber: Prescriber, practice: Practice) -> PrescriberRow:
    today = practice.today
    renewals = sorted(prescriber.renewals.all(), key=lambda renewal: -renewal.pk)
    on_file = sorted(prescriber.licences.all(), key=lambda row: (row.state, row.number))
    rows = tuple(
        LicenceRow(licence, expiry(licence.expires_on, today), _matters(licence, renewals))
        for licence in on_file
    )
    new = tuple(r for r in renewals if r.licence_id is None and r.accepted is not True)
    holds = any(x.state == practice.state and x.expires_on >= today for x in on_file)
    tone, icon = _STANDING[AccountStatus(prescriber.status)]
    return PrescriberRow(prescriber, rows, new, tone, icon, not holds)


def _matters(licence: Licence, renewals: list[LicenceRenewal]) -> LicenceRenewal | None:
    """The last renewal of a licence, while it waits or was refused."""
    last = next((r for r in renewals if r.licence_id == licence.pk), None)
    return last if last is not None and not last.accepted else None


# --- People -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class MemberRow:
    membership: Membership
    what: str
    is_you: bool
    is_waiting: bool

    @property
    def is_delegate(self) -> bool:
        return self.membership.role == Role.DELEGATE


def member_rows(user: User) -> list[MemberRow]:
    """Everybody in the user's present practice: prescribers first, then by name."""
    found = Membership.objects.visible_to(user).open().select_related("user")
    rows = [
        MemberRow(
            membership=here,
            what=duty_words(here),
            is_you=here.user_id == user.pk,
            is_waiting=not here.user.has_usable_password(),
        )
        for here in found
    ]
    return sorted(rows, key=lambda row: (row.is_delegate, row.membership.user.name.casefold()))


def duty_words(here: Membership) -> str:
    """What the person may do, in words."""
    if here.role == Role.PRESCRIBER:
        return "Prescribes, signs and manages the practice"
    words = [str(duty.label) for duty in Duty if duty in here.duties]
    return ", ".join([*words[:1], *(word[:1].lower() + word[1:] for word in words[1:])])


# --- Further prescribers ----------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class FurtherRow:
    """An application for one more prescriber, in the applicant's words."""

    application: Application
    names: str
    word: str
    tone: str


_TONES = {
    Status.DRAFT: "neutral",
    Status.INFO_REQUESTED: "ask",
    Status.APPROVED: "ok",
    Status.REJECTED: "stop",
}


def further_rows(user: User) -> list[FurtherRow]:
    """The last ten applications of the user's present practice for further prescribers."""
    found = Application.objects.of_practice(user).filter(kind=Kind.FURTHER)
    rows = found.prefetch_related("applicants").order_by("-pk")[:10]
    return [
        FurtherRow(
            application=row,
            names=", ".join(filter(None, (applicant_name(one) for one in row.applicants.all()))),
            word=APPLICANT_SEES[Status(row.status)],
            tone=_TONES.get(Status(row.status), "info"),
        )
        for row in rows
    ]


def applicant_name(applicant: Applicant) -> str:
    """As typed so far; empty before the first page."""
    typed = applicant.answers.get("person") or {}
    parts = (typed.get("given_name", ""), typed.get("family_name", ""))
    return " ".join(part for part in parts if part)


# --- What to see to ---------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Todo:
    """One line of the overview's list; without `url` it is for somebody else to do."""

    text: str
    tone: str
    icon: str
    url: str = ""
    action: str = ""


def todos(user: User, prescribers: list[PrescriberRow], members: list[MemberRow]) -> list[Todo]:
    """What is missing or soon ends, most pressing first; empty when all is well."""
    manages = user.has_right(Right.MANAGE_PRACTICE)
    state = user.practice.state
    found: list[Todo] = []
    for row in prescribers:
        found += _licence_todos(row, state=state, manages=manages)
    waiting = [m.membership.user.name for m in members if m.is_waiting]
    if manages and waiting:
        names = ", ".join(waiting)
        text = f"Invited, but not signed in yet: {names}"
        found.append(Todo(text, "info", "envelope", reverse("practice:people"), "See people"))
    if manages and not user.practice.contacts:
        text = "Nobody is named whom we may call besides the prescribers"
        found.append(Todo(text, "neutral", "phone", reverse("practice:details"), "Add contacts"))
    pressing = ("stop", "warn", "soon", "info", "neutral")
    return sorted(found, key=lambda todo: pressing.index(todo.tone))


def _licence_todos(row: PrescriberRow, *, state: str, manages: bool) -> list[Todo]:
    name = row.prescriber.printed_name
    url = reverse("practice:licences") if manages else ""
    found = []
    for line in row.licences:
        if line.expiry.is_due and not line.is_waiting:
            word = line.expiry.word[:1].lower() + line.expiry.word[1:]
            text = f"{name}: the licence {line.licence} {word}"
            found.append(Todo(text, line.expiry.tone, line.expiry.icon, url, "Send the renewal"))
        elif line.expiry.is_due:
            text = f"{name}: the renewal of {line.licence} is with the pharmacy"
            found.append(Todo(text, "info", "clock"))
    on_file = any(line.licence.state == state for line in row.licences)
    if row.cannot_order and not on_file:
        text = f"{name}: no licence for {state} is on file, so no order can be signed here"
        found.append(Todo(text, "stop", "id-card", url, "Add a licence"))
    return found
