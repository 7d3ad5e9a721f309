"""The net under Celery: finds in the database what is undispatched, due or left behind.

Events are expanded right here, so the bell rings without Redis. Sending is left to the workers,
who are woken through Redis; while that is away nothing is put off: rows stay due.
"""

from __future__ import annotations

import logging

from events.models import Event
from notifications import sending, services, tasks, wake
from notifications.models import Delivery

log = logging.getLogger(__name__)

BATCH = 200
# Messages in the queue beyond which more of them would only be repetitions.
ENOUGH = 400


class Relay:
    """Remembers how far it came, so that events that fail never keep the others from their turn."""

    def __init__(self) -> None:
        self._after = 0

    def tick(self) -> None:
        """One look at the table."""
        self._expand()
        if sending.bury_exhausted():
            log.error("deliveries were given up")
        self._wake()

    def _expand(self) -> None:
        waiting = Event.objects.undispatched().filter(pk__gt=self._after)
        pks = list(waiting.values_list("pk", flat=True)[:BATCH])
        self._after = pks[-1] if len(pks) == BATCH else 0
        for pk in pks:
            try:
                services.expand(pk)
            except Exception as error:
                # This one event; a lost database shows at the next statement.
                log.error("event %d not expanded: %s", pk, type(error).__name__)

    def _wake(self) -> None:
        # Nobody waits for the relay: it asks Redis at every look.
        wake.breaker.reset()
        due = list(Delivery.objects.to_wake().values_list("pk", flat=True)[:BATCH])
        if due and (waiting := wake.backlog()) is not None and waiting < ENOUGH:
            tasks.wake_sends(due)
