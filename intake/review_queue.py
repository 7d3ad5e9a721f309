"""The list of applications: its tabs, their counts, and a page of rows, in so many statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from events.keyset import beyond, key, token
from events.models import Event
from intake.models import Application, InfoRequest
from intake.querysets import ApplicationQuerySet
from intake.review_flags import flagged
from intake.review_rows import Row, row_of
from intake.services import checks

PER_PAGE = 25
COUNTED_TO = 99
DONE_FOR = timedelta(days=7)
MEDIAN_OF = timedelta(days=30)


class Tab(StrEnum):
    ACTIONABLE = "actionable"
    MINE = "mine"
    WAITING = "waiting"
    DONE = "done"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def fields(self) -> tuple[str, ...]:
        """The order of the rows: the oldest first, of what is done the newest."""
        if self is Tab.DONE:
            return ("-decided_at", "-pk")
        return ("paused_at", "pk") if self is Tab.WAITING else ("submitted_at", "pk")


_LABELS = {
    Tab.ACTIONABLE: "Actionable",
    Tab.MINE: "Mine",
    Tab.WAITING: "Waiting on applicant",
    Tab.DONE: "Done",
}


def tab_named(name: str | None) -> Tab:
    """Anything unknown is the first tab: an old or broken link still opens the list."""
    return Tab(name) if name in set(Tab) else Tab.ACTIONABLE


def applications_of(tab: Tab, user: User) -> ApplicationQuerySet:
    """The rows behind a tab, unsorted."""
    visible = Application.objects.reviewable_by(user)
    if tab is Tab.MINE:
        return visible.held_by(user)
    if tab is Tab.WAITING:
        return visible.waiting_on_applicant()
    if tab is Tab.DONE:
        return visible.decided_since(timezone.now() - DONE_FOR)
    return visible.actionable_for(user)


# --- a page of rows -----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Sums:
    """Counts of all tabs, the newest event about an application, and the median time to review."""

    counts: Mapping[Tab, int | str]
    newest: int
    median: timedelta | None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and tokens of the pages beside this one; empty where there is none."""

    rows: tuple[Row, ...]
    newer: str = ""
    older: str = ""


def page(tab: Tab, user: User, *, after: str | None = None, before: str | None = None) -> Page:
    """At most PER_PAGE rows after or before a token; without a readable one, the first page."""
    fields, rows = tab.fields, _rows(tab, user)
    if end := key(fields, before):
        back = tuple(_turned(field) for field in fields)
        found = list(rows.filter(beyond(back, end)).order_by(*back)[: PER_PAGE + 1])
        if len(found) > PER_PAGE:  # otherwise it is the first page, which may have grown
            shown = found[:PER_PAGE][::-1]
            return Page(_drawn(shown, user), _place(fields, shown[0]), _place(fields, shown[-1]))
    start = None if end else key(fields, after)
    if start:
        rows = rows.filter(beyond(fields, start))
    found = list(rows.order_by(*fields)[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    newer = _place(fields, shown[0]) if start and shown else ""
    older = _place(fields, shown[-1]) if len(found) > PER_PAGE else ""
    return Page(_drawn(shown, user), newer, older)


def _rows(tab: Tab, user: User) -> ApplicationQuerySet:
    asked = InfoRequest.objects.select_related("asked_by").order_by("pk")
    people = ("holder", "reserved_for", "practice")
    return (
        applications_of(tab, user)
        .select_related(*people)
        .prefetch_related(Prefetch("applicants", flagged()), Prefetch("info_requests", asked))
    )


def _turned(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def _place(fields: tuple[str, ...], row: Application) -> str:
    return token(fields, {field.lstrip("-"): getattr(row, field.lstrip("-")) for field in fields})


def _drawn(rows: list[Application], user: User) -> tuple[Row, ...]:
    now, place = timezone.now(), reverse("applications:list")
    people = [applicant for one in rows for applicant in one.applicants.all()]
    found = checks.standings(people) if people else {}
    return tuple(row_of(one, user, now, place=place, standings=found) for one in rows)


# --- around the rows ----------------------------------------------------------------------------
_COUNT = "(SELECT count(*) FROM ({}) few)"
_NEWEST = "(SELECT max(e.id) FROM events_event e WHERE e.subject = 'application')"
# Working time since a Monday, as intake.working_time counts it.
_MONDAYS = """(SELECT floor(s / 604800) * 432000 + least(s - floor(s / 604800) * 604800, 432000)
    FROM (SELECT extract(epoch FROM {} AT TIME ZONE %(zone)s)::float8 - 345600 AS s) since)"""
_PAUSES = f"""CASE WHEN a.waited > interval '0' THEN coalesce((
    SELECT sum({_MONDAYS.format("r.answered_at")} - {_MONDAYS.format("r.asked_at")})
    FROM intake_inforequest r WHERE r.application_id = a.id), 0) ELSE 0 END"""  # noqa: S608  constants of this file
_MEDIAN = f"""(SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY
    {_MONDAYS.format("a.decided_at")} - {_MONDAYS.format("a.submitted_at")} - {_PAUSES})
    FROM (SELECT * FROM intake_application d WHERE d.decided_at >= %(month)s
        ORDER BY d.decided_at DESC LIMIT 1000) a)"""  # noqa: S608  constants of this file


def sums(user: User) -> Sums:
    """All that stands around the rows, in one statement however long the queue is.

    The median is that of the newest 1,000 decisions at most.
    """
    parts: list[str] = []
    values: dict[str, Any] = {"zone": _zone().key, "month": timezone.now() - MEDIAN_OF}
    for tab in Tab:
        few = applications_of(tab, user).order_by().values("pk")[: COUNTED_TO + 1]
        part, given = few.query.sql_with_params()
        names = [f"{tab}{at}" for at, _ in enumerate(given)]
        parts.append(_COUNT.format(part % tuple(f"%({name})s" for name in names)))
        values |= dict(zip(names, given, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_NEWEST}, {_MEDIAN}, {', '.join(parts)}", values)
        newest, median, *counts = cursor.fetchone()
    few_or_many = [n if n <= COUNTED_TO else f"{COUNTED_TO}+" for n in counts]
    return Sums(
        dict(zip(Tab, few_or_many, strict=True)),
        newest or 0,
        None if median is None else timedelta(seconds=float(median)),
    )


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.PHARMACY_TIME_ZONE)


def links(current: Tab, counts: Mapping[Tab, int | str]) -> list[dict[str, object]]:
    """For components/tabs.html; the first tab is the plain address."""
    place = reverse("applications:list")
    return [
        {
            "label": tab.label,
            "url": place if tab is Tab.ACTIONABLE else f"{place}?tab={tab}",
            "count": counts[tab],
            "current": tab is current,
        }
        for tab in Tab
    ]


def empty(tab: Tab, counts: Mapping[Tab, int | str]) -> dict[str, object]:
    """For components/empty_state.html: why a list shows no row, and where to look instead."""
    place = reverse("applications:list")
    if counts[tab]:
        return {
            "kind": "none",
            "title": "No rows on this page any more",
            "text": "Its applications were decided or have moved on meanwhile.",
            "action_url": f"{place}?tab={tab}",
            "action_text": "Go to the first page",
        }
    if tab is not Tab.ACTIONABLE:
        title, text = _EMPTY[tab]
        to_all = {"action_url": place, "action_text": "See what waits for review"}
        return {"kind": "none", "title": title, "text": text, **to_all}
    return _nothing_waits(counts[Tab.WAITING], place)


_EMPTY = {
    Tab.MINE: ("You hold nothing", "Claimed applications stand here until decided or lapsed."),
    Tab.WAITING: ("Nobody was asked", "Applications stand here until the applicant answers."),
    Tab.DONE: ("Nothing decided in the last 7 days", "Decisions stand here for a week."),
}


def _nothing_waits(waiting: int | str, place: str) -> dict[str, object]:
    sent = Event.objects.filter(kind="application.submitted").order_by("-pk")
    last: datetime | None = sent.values_list("at", flat=True).first()
    if last is None:
        text = "Applications appear here once somebody sends the new-account form."
        return {"kind": "never", "title": "No application has come in yet", "text": text}
    at = timezone.localtime(last)
    found: dict[str, object] = {
        "kind": "none",
        "title": "Nothing waiting",
        "text": f"The last application came in on {at:%b} {at.day}, {at:%H:%M} {at.tzname()}.",
    }
    if waiting:
        found["action_url"] = f"{place}?tab={Tab.WAITING}"
        found["action_text"] = f"See {waiting} waiting on an applicant"
    return found


def next_after(application: Application, user: User) -> tuple[str, str]:
    """The reference of the row to go on with, and the token of the page it is on; empty: none."""
    fields = Tab.ACTIONABLE.fields
    rows = applications_of(Tab.ACTIONABLE, user).order_by(*fields)
    start = _place(fields, application)
    later = rows.filter(beyond(fields, cast("tuple[Any, ...]", key(fields, start))))
    following = later.values_list("reference", flat=True).first()
    first_page = list(rows.values_list("reference", flat=True)[:PER_PAGE])
    if following is None:
        return (first_page[0], "") if first_page else ("", "")
    return following, "" if following in first_page else start
