"""Publishing a task as a mere wake-up: quickly, or not at all. The relay repeats what was missed.

Nobody waits for a broken Redis: every step has a time-out of TIMEOUT, nothing is tried twice, and
after a failure this process leaves Redis alone for PAUSE.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from celery import current_app
from kombu.exceptions import ChannelError
from kombu.pools import producers

if TYPE_CHECKING:
    from celery import Task
    from kombu import Producer

log = logging.getLogger(__name__)

TIMEOUT = 0.4
PAUSE = 3.0
_OPTIONS = {
    "socket_timeout": TIMEOUT,
    "socket_connect_timeout": TIMEOUT,
    # kombu's own: without it a lost connection is tried again for ever.
    "max_retries": 0,
}


class Breaker:
    """Keeps a process away from Redis for a while after a failure."""

    def __init__(self) -> None:
        self._closed_until = 0.0

    @property
    def is_closed(self) -> bool:
        return time.monotonic() < self._closed_until

    def trip(self) -> None:
        self._closed_until = time.monotonic() + PAUSE

    def reset(self) -> None:
        self._closed_until = 0.0


breaker = Breaker()


def publish(task: Task[..., None], pk: int, task_id: str) -> bool:
    """Publish `task(pk)`; False when Redis did not take it."""
    if breaker.is_closed:
        return False
    try:
        with _producer() as producer:
            task.apply_async((pk,), task_id=task_id, producer=producer, retry=False)
    except Exception as error:
        # Anything at all: the change is committed, and the person waiting must not pay for it.
        breaker.trip()
        log.warning("%s not published: %s", task.name, type(error).__name__)
        return False
    return True


def backlog() -> int | None:
    """How many messages wait in the queue; None when Redis does not say."""
    if breaker.is_closed:
        return None
    try:
        with _producer() as producer:
            queue = current_app.conf.task_default_queue
            channel: Any = producer.channel
            return int(channel.queue_declare(queue, passive=True).message_count)
    except ChannelError:
        # A Redis that came back empty does not know the queue.
        return 0
    except Exception as error:
        breaker.trip()
        log.warning("queue not read: %s", type(error).__name__)
        return None


def answers() -> bool:
    """Whether Redis takes messages, or did a moment ago; known within TIMEOUT."""
    return backlog() is not None


@contextmanager
def _producer() -> Iterator[Producer]:
    """From a pool of its own: the app's pool has the workers' longer time-outs."""
    connection = current_app.connection_for_write(transport_options=_OPTIONS)
    with producers[connection].acquire(block=True, timeout=TIMEOUT) as producer:
        yield producer
