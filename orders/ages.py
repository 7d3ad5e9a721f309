"""How much of its service time an order has used. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from events.ages import Age, paused, running, stopped


class Clock(Protocol):
    """The times of an order. `due_at` moves on with `waited`, but only once an answer came."""

    @property
    def submitted_at(self) -> datetime | None: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def paused_at(self) -> datetime | None: ...
    @property
    def decided_at(self) -> datetime | None: ...
    @property
    def waited(self) -> timedelta: ...


def age_of(order: Clock, now: datetime) -> Age | None:
    """None for an order that was never sent."""
    if order.submitted_at is None or order.due_at is None:
        return None
    at_rest = order.decided_at or order.paused_at
    used = (at_rest or now) - order.submitted_at - order.waited
    left = order.due_at - order.submitted_at - order.waited - used
    if order.decided_at:
        return stopped(used, left)
    return paused(used, left) if order.paused_at else running(used, left)
