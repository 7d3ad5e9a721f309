"""What the pages of this app show: a screenful of rows, prepared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.db.models.functions import Now
from django.urls import reverse

from accounts.models import User
from notifications import catalogue, choices
from notifications.categories import RULES, is_required, offered
from notifications.models import Delivery
from notifications.querysets import DeliveryQuerySet
from notifications.status import Category, State

PER_PAGE = 25
_LARGEST = 2**63 - 1


def whole_number(value: str | None) -> int | None:
    """A positive number out of a URL that fits the database, or None for anything else."""
    if not value or not value.isascii() or not value.isdigit() or len(value) > 19:
        return None
    number = int(value)
    return number if 0 < number <= _LARGEST else None


@dataclass(frozen=True)
class Notice:
    delivery: Delivery
    text: catalogue.Text

    @property
    def is_read(self) -> bool:
        return self.delivery.read_at is not None


@dataclass(frozen=True)
class Page:
    """Rows, and where the next page begins (0: there is none)."""

    rows: list[Notice]
    is_first: bool
    older: int

    @property
    def newest(self) -> int:
        return self.rows[0].delivery.pk if self.rows else 0


def notices(found: DeliveryQuerySet, *, before: int | None) -> Page:
    """A page of the bell's list, newest first; one row more is read to know whether it ends."""
    if before:
        found = found.filter(pk__lt=before)
    rows = list(found.newest_first().select_related("event")[: PER_PAGE + 1])
    known = [Notice(row, catalogue.text(row.event)) for row in rows[:PER_PAGE] if _is_known(row)]
    older = rows[PER_PAGE - 1].pk if len(rows) > PER_PAGE else 0
    return Page(known, is_first=not before, older=older)


def _is_known(row: Delivery) -> bool:
    """An entry may have left the catalogue since; its notices are kept, but have no words."""
    return row.event.kind in catalogue.CATALOGUE


def tabs(only_unread: bool) -> list[dict[str, object]]:
    place = reverse("notifications:list")
    return [
        {"label": "All", "url": place, "count": None, "current": not only_unread},
        {"label": "Unread", "url": f"{place}?show=unread", "count": None, "current": only_unread},
    ]


# --- what is also sent by e-mail ----------------------------------------------------------------
@dataclass(frozen=True)
class ChoiceRow:
    """A line of the table of preferences; `because`: why its e-mails cannot be switched off."""

    category: Category
    because: str
    is_on: bool


def choice_rows(user: User) -> list[ChoiceRow]:
    """What can reach the person, what may be switched off first."""
    on = choices.wanted(user)
    rows = [
        ChoiceRow(one, RULES[one].because if is_required(one, user) else "", one in on)
        for one in offered(user)
    ]
    return sorted(rows, key=lambda row: bool(row.because))


# --- the administrator's list -------------------------------------------------------------------
@dataclass(frozen=True)
class Trouble:
    rows: list[Delivery]
    start: int
    next_start: int


def troubled(mails: DeliveryQuerySet, *, start: int) -> Trouble:
    found = mails.troubled().select_related("event", "recipient")
    rows = list(found[start : start + PER_PAGE + 1])
    return Trouble(rows[:PER_PAGE], start, start + PER_PAGE if len(rows) > PER_PAGE else 0)


def counts(mails: DeliveryQuerySet) -> list[dict[str, object]]:
    """What is open or given up, each counted by its own small index, and what went out of late."""
    open_ones = mails.filter(state__in=[State.QUEUED, State.SENDING, State.DEAD])
    found = open_ones.aggregate(
        dead=Count("pk", filter=Q(state=State.DEAD)),
        again=Count("pk", filter=Q(state=State.QUEUED, attempts__gt=0)),
        first=Count("pk", filter=Q(state=State.QUEUED, attempts=0)),
        sending=Count("pk", filter=Q(state=State.SENDING)),
    )
    sent = mails.filter(sent_at__gte=Now() - timedelta(hours=24)).count()
    return [
        {"term": "Given up", "value": found["dead"]},
        {"term": "Being tried again", "value": found["again"]},
        {"term": "Waiting for the first attempt", "value": found["first"]},
        {"term": "Being sent", "value": found["sending"]},
        {"term": "Sent in the last 24 hours", "value": sent},
    ]
