"""What the queue page shows, read in three statements however long the queue is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

from django.db.models import F, IntegerField, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right
from events.models import Event
from formulary.dosing import Product, Step, Timing
from orders.ages import Age, age_of
from orders.keyset import beyond, key, token, turned
from orders.models import DoseStep, Order, OrderFinding, Review
from orders.prescription import DoseSummary, summary
from orders.querysets import OrderQuerySet
from orders.status import DONE, Decision, Status

PER_PAGE = 25
COUNTED_TO = 99


class Tab(StrEnum):
    ACTIONABLE = "actionable"
    MINE = "mine"
    WAITING = "waiting"
    DONE = "done"


_QUEUE = ("-is_urgent", "submitted_at", "pk")
_ORDER_BY: dict[Tab, tuple[str, ...]] = {
    Tab.ACTIONABLE: _QUEUE,
    Tab.MINE: _QUEUE,
    Tab.WAITING: ("paused_at", "pk"),
    Tab.DONE: ("-decided_at", "-pk"),
}


def tab_named(name: str | None) -> Tab:
    """Anything unknown is the first tab: an old or broken link still opens the queue."""
    return Tab(name) if name in set(Tab) else Tab.ACTIONABLE


def label(tab: Tab, user: User) -> str:
    if tab is Tab.MINE:
        return "Mine" if user.has_right(Right.REVIEW_ORDERS) else "In review"
    labels = {Tab.WAITING: "Waiting on prescriber", Tab.DONE: "Done today"}
    return labels.get(tab, "Actionable")


def orders_of(tab: Tab, user: User) -> OrderQuerySet:
    """The rows behind a tab, unsorted. Who cannot hold an order sees what everybody holds."""
    visible = Order.objects.visible_to(user)
    if tab is Tab.MINE:
        may_hold = user.has_right(Right.REVIEW_ORDERS)
        return visible.held_by(user) if may_hold else visible.in_review()
    if tab is Tab.WAITING:
        return visible.action_needed()
    if tab is Tab.DONE:
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        return visible.decided_since(midnight)
    return visible.actionable_for(user)


# --- the tabs' counts ---------------------------------------------------------------------------
class _CountOf(Subquery):
    """How many rows the subquery has; a slice of it bounds the work."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class Counts:
    """`since` is the newest event about an order: a page that polls asks for what came later."""

    shown: Mapping[Tab, int | str]
    since: int


def counts(user: User) -> Counts:
    """All tabs' counts, each up to COUNTED_TO, in one statement."""
    few = {
        tab.value: _CountOf(orders_of(tab, user).order_by().values("pk")[: COUNTED_TO + 1])
        for tab in Tab
    }
    newest = Event.objects.filter(subject="order").order_by("-pk").values("pk")[:1]
    asked = User.objects.filter(pk=user.pk).values(newest=Subquery(newest), **few)
    row: Mapping[str, Any] = asked.get()
    shown = {tab: row[tab] if row[tab] <= COUNTED_TO else f"{COUNTED_TO}+" for tab in Tab}
    return Counts(shown, row["newest"] or 0)


def links(current: Tab, user: User, counted: Counts) -> list[dict[str, object]]:
    """For components/tabs.html; the first tab is the plain address."""
    place = reverse("queue:list")
    return [
        {
            "label": label(tab, user),
            "url": place if tab is Tab.ACTIONABLE else f"{place}?tab={tab}",
            "count": counted.shown[tab],
            "current": tab is current,
        }
        for tab in Tab
    ]


def empty(tab: Tab, counted: Counts) -> dict[str, object]:
    """For components/empty_state.html: why a list shows no row, and where to look instead."""
    place = reverse("queue:list")
    if counted.shown[tab]:
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
    return _nothing_waits(counted, place)


_EMPTY = {
    Tab.MINE: ("Nothing is held", "Claimed orders stand here until they are decided or lapse."),
    Tab.WAITING: ("No question is open", "Orders stand here until the prescriber answers."),
    Tab.DONE: ("Nothing decided yet today", "Decisions stand here until midnight."),
}


def _nothing_waits(counted: Counts, place: str) -> dict[str, object]:
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
    if waiting := counted.shown[Tab.WAITING]:
        found["action_url"] = f"{place}?tab={Tab.WAITING}"
        found["action_text"] = f"See {waiting} waiting on a prescriber"
    return found


# --- a page of rows -----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Place:
    """Where an order is: `Held by Petra`, until when, and what the reader may do about it."""

    words: str = ""
    until: datetime | None = None
    at: datetime | None = None
    is_mine: bool = False
    can_claim: bool = False
    holder: str = ""

    @property
    def is_held(self) -> bool:
        return bool(self.holder)


@dataclass(frozen=True, slots=True)
class Row:
    reference: str
    family: str
    given: str
    age: Age | None
    dose: DoseSummary
    is_urgent: bool
    flags: tuple[str, ...]
    prescriber: str
    practice: str
    place: Place


@dataclass(frozen=True, slots=True)
class Page:
    """Tokens of the pages beside this one; empty where there is none."""

    rows: tuple[Row, ...]
    newer: str = ""
    older: str = ""


_COLUMNS = (
    "pk", "reference", "status", "status_at", "status_reason", "is_urgent", "submitted_at",
    "due_at", "paused_at", "waited", "decided_at", "holder_id", "held_until", "reserved_for_id",
    "reserved_until",
)  # fmt: skip


def page(tab: Tab, user: User, *, after: str | None = None, before: str | None = None) -> Page:
    """At most PER_PAGE rows after or before a token; without a readable one, the first page."""
    fields = _ORDER_BY[tab]
    found = _with_columns(orders_of(tab, user), tab)
    if end := key(fields, before):
        order = turned(fields)
        rows = list(found.filter(beyond(order, end)).order_by(*order)[: PER_PAGE + 1])
        if len(rows) > PER_PAGE:  # otherwise it is the first page, which may have grown
            rows = rows[:PER_PAGE][::-1]
            return Page(_rows(rows, user), token(fields, rows[0]), token(fields, rows[-1]))
    start = None if end else key(fields, after)
    if start:
        found = found.filter(beyond(fields, start))
    rows = list(found.order_by(*fields)[: PER_PAGE + 1])
    shown = rows[:PER_PAGE]
    return Page(
        _rows(shown, user),
        newer=token(fields, shown[0]) if start and shown else "",
        older=token(fields, shown[-1]) if len(rows) > PER_PAGE else "",
    )


def row(reference: str, user: User) -> Row:
    """One order's row as it stands now, in whatever tab. Raises Order.DoesNotExist."""
    found = _with_columns(Order.objects.visible_to(user), Tab.ACTIONABLE)
    return _rows([found.get(reference=reference)], user)[0]


def _with_columns(orders: OrderQuerySet, tab: Tab) -> Any:
    findings = OrderFinding.objects.filter(order=OuterRef("pk")).order_by().values("pk")
    named = {
        "family": F("patient__family_name"),
        "given": F("patient__given_name"),
        "by_given": F("prescriber__given_name"),
        "by_family": F("prescriber__family_name"),
        "credential": F("prescriber__credential"),
        "practice_name": F("practice__name"),
        "holder_name": F("holder__name"),
        "reserved_name": F("reserved_for__name"),
        "warnings": _CountOf(findings.filter(level="warn")),
        "unchecked": _CountOf(findings.filter(level="not_checked")),
    }
    if tab is Tab.DONE:
        final = (Decision.APPROVED, Decision.REJECTED)
        reviews = Review.objects.filter(order=OuterRef("pk"), decision__in=final)
        named["decided_by"] = Subquery(reviews.values("pharmacist__name")[:1])
    return orders.values(*_COLUMNS, **named)


def _rows(found: Iterable[Mapping[str, Any]], user: User) -> tuple[Row, ...]:
    found = list(found)
    steps = _steps([row["pk"] for row in found])
    now = timezone.now()
    reviews = user.has_right(Right.REVIEW_ORDERS)
    return tuple(
        Row(
            reference=row["reference"],
            family=row["family"],
            given=row["given"],
            age=age_of(SimpleNamespace(**row), now),
            dose=summary(steps[row["pk"]]),
            is_urgent=row["is_urgent"],
            flags=_flags(row),
            prescriber=f"{row['by_given']} {row['by_family']}, {row['credential']}",
            practice=row["practice_name"],
            place=_place(row, user, now, may_claim=reviews),
        )
        for row in found
    )


def _flags(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What makes the order unlike the next, in words; urgency stands apart."""
    warnings, unchecked = row["warnings"], row["unchecked"]
    words = (
        (warnings, f"{warnings} warning{'s' * (warnings > 1)}"),
        (unchecked, f"{unchecked} not checked"),
        (row["waited"] and row["status"] == Status.SUBMITTED, "Answered"),
    )
    return tuple(text for there, text in words if there)


def _place(row: Mapping[str, Any], user: User, now: datetime, *, may_claim: bool) -> Place:
    status = row["status"]
    if status == Status.IN_REVIEW:
        return _held(row, user, now, may_claim=may_claim)
    if status == Status.NEEDS_CLARIFICATION:
        return Place(f"Asked: {row['status_reason']}")
    if status in DONE:
        by = row.get("decided_by")
        words = Status(status).label + (f" by {by}" if by else "")
        return Place(words, at=row["decided_at"])
    reserved = row["reserved_for_id"] and row["reserved_until"] > now
    if reserved and row["reserved_for_id"] != user.pk:
        return Place(f"Reserved for {row['reserved_name']}", row["reserved_until"])
    until = row["reserved_until"] if reserved else None
    return Place("Reserved for you" if reserved else "", until, can_claim=may_claim)


def _held(row: Mapping[str, Any], user: User, now: datetime, *, may_claim: bool) -> Place:
    mine = row["holder_id"] == user.pk
    if row["held_until"] <= now:
        whose = "Your" if mine else f"{row['holder_name']}’s"
        return Place(f"{whose} claim lapsed", can_claim=may_claim)
    if mine:
        return Place("Held by you", row["held_until"], is_mine=True)
    name = row["holder_name"]
    return Place(f"Held by {name}", at=row["status_at"], holder=name)


# --- doses --------------------------------------------------------------------------------------
_PRODUCT = {
    "code": F("product__code"),
    "drug": F("product__drug__name"),
    "form": F("product__form"),
    "route": F("product__route__code"),
    "route_words": F("product__route__words"),
    "unit": F("product__unit"),
    "strength_mg": F("product__strength_mg"),
    "increment": F("product__increment"),
    "beyond_use_days": F("product__beyond_use_days"),
}


def _steps(orders: list[int]) -> dict[int, list[Step]]:
    """The orders' steps as typed values, in one statement."""
    found: dict[int, list[Step]] = {order: [] for order in orders}
    products: dict[str, Product] = {}
    rows = DoseStep.objects.filter(order__in=orders).order_by("order_id", "position")
    own = ("order_id", "dose_mg", "times_per_day", "timing", "days")
    row: Mapping[str, Any]
    for row in rows.values(*own, **_PRODUCT):
        code = row["code"]
        if code not in products:
            products[code] = Product(**{name: row[name] for name in _PRODUCT})
        timing = Timing(row["timing"])
        step = Step(products[code], row["dose_mg"], row["times_per_day"], row["days"], timing)
        found[row["order_id"]].append(step)
    return found


# --- what comes after a decision ----------------------------------------------------------------
def next_after(order: Order, user: User) -> tuple[str, str]:
    """The reference of the row to go on with, and the token of the page it is on.

    Both are empty when nothing is left. The first page has no token.
    """
    fields = _QUEUE
    mine = orders_of(Tab.ACTIONABLE, user).order_by(*fields)
    here = {"is_urgent": order.is_urgent, "submitted_at": order.submitted_at, "pk": order.pk}
    start = token(fields, here)
    later = mine.filter(beyond(fields, key(fields, start) or ()))
    following = later.values_list("reference", flat=True).first()
    first_page = list(mine.values_list("reference", flat=True)[:PER_PAGE])
    if following is None:
        return (first_page[0], "") if first_page else ("", "")
    return following, "" if following in first_page else start
