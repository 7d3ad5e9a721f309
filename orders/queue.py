"""What the queue page shows, read in one statement however long the queue is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right
from events.keyset import beyond, key, token
from events.models import Event
from orders import queue_sql
from orders.models import Order
from orders.querysets import OrderQuerySet
from orders.queue_rows import Row, row_of

PER_PAGE = 25


class Tab(StrEnum):
    ACTIONABLE = "actionable"
    MINE = "mine"
    WAITING = "waiting"
    HOLD = "hold"
    DONE = "done"


def tab_named(name: str | None) -> Tab:
    """Anything unknown is the first tab: an old or broken link still opens the queue."""
    return Tab(name) if name in set(Tab) else Tab.ACTIONABLE


def label(tab: Tab, user: User) -> str:
    if tab is Tab.MINE:
        return "Mine" if user.has_right(Right.REVIEW_ORDERS) else "In review"
    return _LABELS[tab]


_LABELS = {
    Tab.ACTIONABLE: "Actionable",
    Tab.WAITING: "Waiting on prescriber",
    Tab.HOLD: "On hold",
    Tab.DONE: "Done today",
}


def orders_of(tab: Tab, user: User) -> OrderQuerySet:
    """The rows behind a tab, unsorted. Who cannot hold an order sees what everybody holds."""
    visible = Order.objects.visible_to(user)
    if tab is Tab.MINE:
        may_hold = user.has_right(Right.REVIEW_ORDERS)
        return visible.held_by(user) if may_hold else visible.in_review()
    if tab is Tab.WAITING:
        return visible.action_needed()
    if tab is Tab.HOLD:
        return visible.on_hold()
    if tab is Tab.DONE:
        return visible.decided_since(_midnight())
    return visible.actionable_for(user)


# --- a page of rows -----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Page:
    """Rows, all tabs' counts, and tokens of the pages beside this one; empty where there is none.

    `since` is the newest event about an order: a page that polls asks for what came later.
    """

    rows: tuple[Row, ...]
    counts: Mapping[Tab, int | str]
    refills: int | str
    since: int
    newer: str = ""
    older: str = ""


def page(tab: Tab, user: User, *, after: str | None = None, before: str | None = None) -> Page:
    """At most PER_PAGE rows after or before a token; without a readable one, the first page."""
    fields, who = queue_sql.SORTS[tab].fields, _who(user)
    if end := key(fields, before):
        found = queue_sql.page(tab, who, limit=PER_PAGE + 1, key=end, backwards=True)
        if len(found.records) > PER_PAGE:  # otherwise it is the first page, which may have grown
            shown = found.records[:PER_PAGE][::-1]
            return _page(found, shown, user, token(fields, shown[0]), token(fields, shown[-1]))
    start = None if end else key(fields, after)
    found = queue_sql.page(tab, who, limit=PER_PAGE + 1, key=start)
    shown = found.records[:PER_PAGE]
    newer = token(fields, shown[0]) if start and shown else ""
    older = token(fields, shown[-1]) if len(found.records) > PER_PAGE else ""
    return _page(found, shown, user, newer, older)


def _page(
    found: queue_sql.Answer, shown: list[queue_sql.Record], user: User, newer: str, older: str
) -> Page:
    counts = {tab: _count(found.counts[tab]) for tab in Tab}
    refills = _count(found.refills)
    return Page(_rows(shown, user), counts, refills, found.newest, newer, older)


def _count(number: int) -> int | str:
    few = queue_sql.COUNTED_TO
    return number if number <= few else f"{few}+"


def row(reference: str, user: User) -> Row:
    """One order's row as it stands now, in whatever tab. Raises Order.DoesNotExist."""
    found = queue_sql.record(reference, _who(user))
    if found is None:
        raise Order.DoesNotExist
    return _rows([found], user)[0]


def _rows(records: list[queue_sql.Record], user: User) -> tuple[Row, ...]:
    now, queue, may_claim = (
        timezone.now(),
        reverse("queue:list"),
        user.has_right(Right.REVIEW_ORDERS),
    )
    return tuple(row_of(one, user, now, queue=queue, may_claim=may_claim) for one in records)


def _who(user: User) -> dict[str, object]:
    """What the statements ask about the reader."""
    may_hold = user.has_right(Right.REVIEW_ORDERS)
    return {"user": user.pk, "may_hold": may_hold, "midnight": _midnight()}


def _midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


# --- around the rows ----------------------------------------------------------------------------
def links(
    current: Tab | None, user: User, counts: Mapping[Tab, int | str], refills: int | str
) -> list[dict[str, object]]:
    """For components/tabs.html; the first tab is the plain address. Refills have a page of their
    own, where `current` is None."""
    place = reverse("queue:list")
    orders: list[dict[str, object]] = [
        {
            "label": label(tab, user),
            "url": place if tab is Tab.ACTIONABLE else f"{place}?tab={tab}",
            "count": counts[tab],
            "current": tab is current,
        }
        for tab in Tab
    ]
    own: dict[str, object] = {
        "label": "Refills",
        "url": reverse("queue:refills"),
        "count": refills,
        "current": current is None,
    }
    return [*orders[:-1], own, orders[-1]]


def empty(tab: Tab, counts: Mapping[Tab, int | str]) -> dict[str, object]:
    """For components/empty_state.html: why a list shows no row, and where to look instead."""
    place = reverse("queue:list")
    if counts[tab]:
        return {
            "kind": "none",
            "title": "No rows on this page any more",
            "text": "Its orders were decided or have moved on meanwhile.",
            "action_url": f"{place}?tab={tab}",
            "action_text": "Go to the first page",
        }
    if tab is not Tab.ACTIONABLE:
        title, text = _EMPTY[tab]
        to_all = {"action_url": place, "action_text": "See what waits for review"}
        return {"kind": "none", "title": title, "text": text, **to_all}
    return _nothing_waits(counts[Tab.WAITING], place)


_EMPTY = {
    Tab.MINE: ("Nothing is held", "Claimed orders stand here until they are decided or lapse."),
    Tab.WAITING: ("No question is open", "Orders stand here until the prescriber answers."),
    Tab.HOLD: ("Nothing is on hold", "Orders stand here until their day of review."),
    Tab.DONE: ("Nothing decided yet today", "Decisions stand here until midnight."),
}


def _nothing_waits(waiting: int | str, place: str) -> dict[str, object]:
    submitted = Event.objects.filter(kind="order.submitted").order_by("-pk")
    last = submitted.values_list("at", flat=True).first()
    if last is None:
        text = "Orders appear here once a prescriber signs one, urgent ones first."
        return {"kind": "never", "title": "No order has come in yet", "text": text}
    at = timezone.localtime(last)
    found: dict[str, object] = {
        "kind": "none",
        "title": "Nothing waiting",
        "text": f"The last order came in on {at:%b} {at.day}, {at:%H:%M} {at.tzname()}.",
    }
    if waiting:
        found["action_url"] = f"{place}?tab={Tab.WAITING}"
        found["action_text"] = f"See {waiting} waiting on a prescriber"
    return found


# --- what comes after a decision ----------------------------------------------------------------
def next_after(order: Order, user: User) -> tuple[str, str]:
    """The reference of the row to go on with, and the token of the page it is on.

    Both are empty when nothing is left. The first page has no token.
    """
    fields = queue_sql.SORTS[Tab.ACTIONABLE].fields
    mine = orders_of(Tab.ACTIONABLE, user).order_by(*fields)
    here = {"is_urgent": order.is_urgent, "submitted_at": order.submitted_at, "pk": order.pk}
    start = token(fields, here)
    later = mine.filter(beyond(fields, key(fields, start) or ()))
    following = later.values_list("reference", flat=True).first()
    first_page = list(mine.values_list("reference", flat=True)[:PER_PAGE])
    if following is None:
        return (first_page[0], "") if first_page else ("", "")
    return following, "" if following in first_page else start
