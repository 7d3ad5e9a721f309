"""What a page that stays open asks every five seconds, in three statements at most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from accounts.permissions import Right
from events.models import Event
from notifications.models import Delivery
from orders.models import Order
from orders.status import Status

# The badge says "99+" and a page that missed more events than this is better loaded anew.
MOST_NOTICES = 100
MOST_EVENTS = 500
_NO_NEWS: dict[str, object] = {"new": 0, "changed": []}
_ENTERS_THE_QUEUE = {
    "order.submitted",
    "order.given_back",
    "order.claim_released",
    "order.claim_lapsed",
    "order.clarification_answered",
}


@dataclass(frozen=True)
class Bell:
    unread: int
    newest: int

    @property
    def stamp(self) -> str:
        return f"{self.newest}.{self.unread}"


@dataclass(frozen=True)
class Happened:
    """One event: which order, and what."""

    pk: int
    order: int
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
            news = _queue_news(self.user, self.happened) if self.happened else _NO_NEWS
            found["queue"] = {"stamp": self._newest, **news}
        return found


def look(user: User, *, queue_since: int | None) -> Look:
    asks = queue_since is not None and user.has_right(Right.VIEW_QUEUE)
    happened = _happened_since(queue_since or 0) if asks else None
    return Look(user, bell(user), queue_since or 0, happened)


def _happened_since(stamp: int) -> list[Happened]:
    """Newest first. The page keeps its own stamp, so a late commit shows in the next answer."""
    later = Event.objects.filter(subject="order", pk__gt=stamp).order_by("-pk")
    rows = later.values_list("pk", "subject_id", "kind")[:MOST_EVENTS]
    return [Happened(*row) for row in rows]


def _queue_news(user: User, happened: Iterable[Happened]) -> dict[str, object]:
    """How many orders came (back) into the queue, and how each touched order stands now."""
    entered = {one.order for one in happened if one.kind in _ENTERS_THE_QUEUE}
    touched = {one.order for one in happened}
    orders = Order.objects.visible_to(user).filter(pk__in=touched).select_related("holder")
    found = list(orders.only("reference", "status", "holder__name"))
    new = [one for one in found if one.pk in entered and one.status == Status.SUBMITTED]
    return {"new": len(new), "changed": [_row(one, user) for one in found]}


def _row(order: Order, user: User) -> dict[str, str]:
    holder = order.holder.name if order.holder else ""
    return {
        "reference": order.reference,
        "state": order.status,
        "label": order.get_status_display(),
        "holder": "you" if order.holder_id == user.pk else holder,
    }
