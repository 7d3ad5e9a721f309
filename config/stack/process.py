"""One child process: started in its own session, logged to a file, stopped for good."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.stack import CHECKOUT
from config.stack.identity import OURSELVES, Identity


@dataclass
class Child:
    """A program we started. `stop_signal` is its polite end, also sent by the kernel if we die."""

    name: str
    command: Sequence[str | Path]
    log: Path
    env: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    identity: Identity = OURSELVES
    cwd: Path = CHECKOUT
    pass_fds: tuple[int, ...] = ()
    output: Path | None = None
    started: float = field(default=0.0, init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _cleared: bool = field(default=False, init=False)

    def start(self) -> None:
        with self.log.open("ab") as log, (self.output or self.log).open("ab") as output:
            self._process = subprocess.Popen(
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                env=dict(self.env),
                cwd=self.cwd,
                pass_fds=self.pass_fds,
                **self.identity.popen(self.stop_signal),  # type: ignore[call-overload]
            )
        self.started, self._cleared = time.monotonic(), False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def exit_code(self) -> int | None:
        """None while it runs; a dead leader's group is cleared away as soon as it is seen."""
        if self._process is None:
            return 0
        code = self._process.poll()
        if code is not None and not self._cleared:
            # Once: later the number may belong to somebody else's group.
            self._cleared = True
            self._signal_group(signal.SIGKILL)
        return code

    def ask_to_stop(self) -> None:
        """To the leader alone: a signal to the group would cut the work of pool processes."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(self.stop_signal)

    def kill(self) -> None:
        """End the whole group and wait for the leader."""
        if self._process is None:
            return
        self._signal_group(signal.SIGKILL)
        self._process.wait()

    def how(self) -> str:
        code = self.exit_code() or 0
        return f"by signal {-code}" if code < 0 else f"with exit code {code}"

    def last_words(self) -> str:
        """The last line of its log that says something, for the one line a person reads."""
        with suppress(OSError):
            lines = self.log.read_text(errors="replace").splitlines()[-40:]
            said = [line.strip() for line in lines if line.strip()]
            return said[-1][:300] if said else ""
        return ""

    def _signal_group(self, number: signal.Signals) -> None:
        if self._process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def stop_all(children: Sequence[Child], deadline: float) -> None:
    """Ask each in the order given, wait until `deadline` (monotonic), then kill what is left."""
    for child in children:
        child.ask_to_stop()
    while time.monotonic() < deadline and any(c.exit_code() is None for c in children):
        time.sleep(0.05)
    for child in children:
        child.kill()
