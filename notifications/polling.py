"""What a page that stays open asks every five seconds, in three statements at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from accounts.permissions import Right
from events.models import Event
from intake.models import Application
from notifications.models import Delivery
from orders.models import Order
from orders.status import Status

# The badge says "99+" and a page that missed more events than this is better loaded anew.
MOST_NOTICES = 100
MOST_EVENTS = 500
_NO_NEWS: dict[str, object] = {"new": 0, "changed": []}


@dataclass(frozen=True)
class Queue:
    """A list that a page watches: the events about its rows, who may see it, what comes (back) in."""

    subject: str
    right: Right
    enters: frozenset[str]
    rows: Callable[[User], QuerySet[Any]]


_ORDERS = Queue(
    "order",
    Right.VIEW_QUEUE,
    frozenset(
        {
            "order.submitted",
            "order.given_back",
            "order.claim_released",
            "order.claim_lapsed",
            "order.clarification_answered",
        }
    ),
    Order.objects.visible_to,
)
_APPLICATIONS = Queue(
    "application",
    Right.REVIEW_APPLICATIONS,
    frozenset(
        {
            "application.submitted",
            "application.given_back",
            "application.claim_released",
            "application.claim_lapsed",
            "application.info_given",
        }
    ),
    Application.objects.reviewable_by,
)


def queue_named(name: str | None) -> Queue:
    """Anything unknown is the queue of orders, as for pages that name none."""
    return _APPLICATIONS if name == "applications" else _ORDERS


@dataclass(frozen=True)
class Bell:
    unread: int
    newest: int

    @property
    def stamp(self) -> str:
        return f"{self.newest}.{self.unread}"


@dataclass(frozen=True)
class Happened:
    """One event: about which row, and what."""

    pk: int
    row: int
    kind: str


def bell(user: User) -> Bell:
    """Unseen notices, counted up to MOST_NOTICES."""
    newest_first = Delivery.objects.visible_to(user).unseen().newest_first()
    pks = newest_first.values_list("pk", flat=True)[:MOST_NOTICES]
    found = list(pks)
    return Bell(unread=len(found), newest=found[0] if found else 0)


def queue_stamp() -> int:
    """The newest event about an order. A page of the queue asks for what came after it."""
    newest = Event.objects.filter(subject="order").order_by("-pk")
    return newest.values_list("pk", flat=True).first() or 0


@dataclass(frozen=True)
class Look:
    """One look at what a page may have missed. `happened` is None for those without a queue."""

    user: User
    bell: Bell
    queue: Queue
    since: int
    happened: list[Happened] | None

    @property
    def stamp(self) -> str:
        """Changes whenever anything in the answer may have."""
        if self.happened is None:
            return self.bell.stamp
        return f"{self.bell.stamp}.{self._newest}.{len(self.happened)}"

    @property
    def _newest(self) -> int:
        return self.happened[0].pk if self.happened else self.since

    def answer(self) -> dict[str, object]:
        found: dict[str, object] = {"stamp": self.stamp, "unread": self.bell.unread}
        if self.happened is not None:
            news = _queue_news(self.user, self.queue, self.happened) if self.happened else _NO_NEWS
            found["queue"] = {"stamp": self._newest, **news}
        return found


def look(user: User, *, queue_since: int | None, queue: str | None = None) -> Look:
    watched = queue_named(queue)
    asks = queue_since is not None and user.has_right(watched.right)
    happened = _happened_since(watched, queue_since or 0) if asks else None
    return Look(user, bell(user), watched, queue_since or 0, happened)


def _happened_since(queue: Queue, stamp: int) -> list[Happened]:
    """Newest first. The page keeps its own stamp, so a late commit shows in the next answer."""
    later = Event.objects.filter(subject=queue.subject, pk__gt=stamp).order_by("-pk")
    rows = later.values_list("pk", "subject_id", "kind")[:MOST_EVENTS]
    return [Happened(*row) for row in rows]


def _queue_news(user: User, queue: Queue, happened: Iterable[Happened]) -> dict[str, object]:
    """How many rows came (back) into the queue, and how each touched row stands now."""
    entered = {one.row for one in happened if one.kind in queue.enters}
    touched = {one.row for one in happened}
    rows = queue.rows(user).filter(pk__in=touched).select_related("holder")
    found = list(rows.only("reference", "status", "holder__name"))
    new = [one for one in found if one.pk in entered and one.status == Status.SUBMITTED]
    return {"new": len(new), "changed": [_row(one, user) for one in found]}


def _row(row: Order | Application, user: User) -> dict[str, str]:
    """Whatever somebody holds is in review, in both queues' words for the page's script."""
    holder = row.holder.name if row.holder else ""
    return {
        "reference": row.reference,
        "state": str(Status.IN_REVIEW) if holder else row.status,
        "label": row.get_status_display(),
        "holder": "you" if row.holder_id == user.pk else holder,
    }
