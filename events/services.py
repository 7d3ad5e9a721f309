"""Recording what happened, and telling those who listen once it is committed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from django.db import connection, transaction

from events.models import Event

if TYPE_CHECKING:
    from accounts.models import User

Listener = Callable[[int], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call `listener` with the event's id after each commit that wrote one."""
    if listener not in _listeners:
        _listeners.append(listener)


def record(
    kind: str,
    *,
    subject: str,
    subject_id: int,
    reference: str,
    by: User | None,
    data: Mapping[str, object] | None = None,
) -> Event:
    """Write what happened in the caller's transaction; the outbox and the timeline are this row.

    Raises RuntimeError outside a transaction: an event without its change would be a lie.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An event is written in the transaction of its change.")
    event = Event.objects.create(
        kind=kind,
        subject=subject,
        subject_id=subject_id,
        reference=reference,
        actor=by,
        data=dict(data or {}),
    )
    for listener in _listeners:
        # robust: the change is committed; a listener's failure must not reach the person waiting.
        transaction.on_commit(lambda tell=listener: tell(event.pk), robust=True)  # type: ignore[misc]
    return event
