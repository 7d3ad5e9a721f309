"""Waiting that a signal can cut short: everything the supervisor waits for goes through here."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from types import FrameType

from config.stack import StackError
from config.stack.process import Child

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TICK = 0.1


class StopRequested(Exception):
    """Somebody asked for the end by a signal, or the process that started us is gone."""


class Stop:
    """Remembers the first wish to end; a second one changes nothing."""

    def __init__(self, *, under_make: bool = False) -> None:
        self.requested = False
        self._make = os.getppid() if under_make else None
        self._caught = _caught_by(self._make) if self._make else 0

    def listen(self) -> None:
        for number in STOPPING:
            # nohup asks for this one to be ignored. A script's `&` does so too with SIGINT,
            # without being asked.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._request)

    def _request(self, number: int, frame: FrameType | None) -> None:
        self.requested = True

    def pause(self, seconds: float) -> None:
        """Sleep, but raise StopRequested as soon as the end is wished for."""
        until = time.monotonic() + seconds
        while not (self.requested or self._make_is_ending()):
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(_TICK, left))
        raise StopRequested

    def _make_is_ending(self) -> bool:
        """make passes SIGTERM on, but neither SIGINT nor SIGHUP: it just stops catching them."""
        if self._make is None:
            return False
        if os.getppid() != self._make:
            return True
        return _caught_by(self._make) != self._caught


def _caught_by(pid: int) -> int:
    """Those of STOPPING that another process has a handler for, as a bit mask."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    wanted = sum(1 << (number - 1) for number in STOPPING)
    return int(status.partition("SigCgt:")[2].split()[0], 16) & wanted


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
