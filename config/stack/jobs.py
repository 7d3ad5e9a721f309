"""Waiting that a signal can cut short: everything the supervisor waits for goes through here."""

from __future__ import annotations

import signal
import time
from types import FrameType

from config.stack import StackError
from config.stack.process import Child

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TICK = 0.05


class StopRequested(Exception):  # noqa: N818
    """Somebody asked for the end by a signal, or the process that started us is gone."""


class Stop:
    """Remembers the first wish to end; a second one changes nothing."""

    def __init__(self) -> None:
        self.requested = False

    def listen(self) -> None:
        for number in STOPPING:
            signal.signal(number, self._request)

    def _request(self, number: int, frame: FrameType | None) -> None:
        self.requested = True

    def pause(self, seconds: float) -> None:
        """Sleep, but raise StopRequested as soon as the end is wished for."""
        until = time.monotonic() + seconds
        while not self.requested:
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(_TICK, left))
        raise StopRequested


def run(job: Child, stop: Stop, failure: str) -> None:
    """Run `job` to its end; StackError with its last words when it fails."""
    job.start()
    try:
        while (code := job.exit_code()) is None:
            stop.pause(_TICK)
    finally:
        job.kill()
    if code != 0:
        raise StackError(f"{failure}: {job.last_words()}")
