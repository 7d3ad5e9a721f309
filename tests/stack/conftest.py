"""Starts the real supervisor from the checkout, each on a data folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from config.stack import CHECKOUT

# Of the servers the tests themselves run on: the stack under test must start its own.
_FOREIGN = {
    *("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "MFA_KEYS", "REQUIRE_MFA"),
    *("EMAIL_URL", "PUBLIC_URL", "EMBEDDED"),
}
# Diagnosis codes take seconds to load, and have tests of their own.
_QUICK = {"DEMO": "1", "LOAD_ICD": "0"}


class Stack:
    """`python -m config.stack` with one data folder and one port."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.lines: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    def environ(self, **changes: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        return kept | {"DATA": str(self.data), "PORT": str(self.port)} | _QUICK | changes

    def call(
        self, *arguments: str, text: str = "", **changes: str
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end; for starts that are refused, and for management commands."""
        return subprocess.run(
            [sys.executable, "-m", "config.stack", *arguments],
            cwd=CHECKOUT,
            env=self.environ(**changes),
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def start(self, **changes: str) -> None:
        """Start it, without waiting for anything; `changes` add to its environment."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.stack", "run"],
            cwd=CHECKOUT,
            env=self.environ(**changes),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait_for(self, beginning: str) -> str:
        """The first line from now on that begins so; fails when the output ends before."""
        assert self.process is not None
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith(beginning):
                return self.lines[-1]
        pytest.fail(f"no line {beginning!r} in {self.lines}")

    def end(self, *signals: signal.Signals) -> float:
        """Send the signals, wait for the end; the seconds it took. The exit code must be 0."""
        assert self.process is not None
        begin = time.monotonic()
        for number in signals:
            self.process.send_signal(number)
            time.sleep(0.1)
        assert self.process.wait(timeout=20) == 0
        return time.monotonic() - begin

    def processes(self) -> list[str]:
        """Command lines of all processes that name our data folder in command or environment."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (folder / "cmdline").read_bytes()
                told = command + (folder / "environ").read_bytes()
                if os.fsencode(self.data) in told and int(folder.name) != os.getpid():
                    found.append(command.replace(b"\0", b" ").decode(errors="replace"))
        return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder with a path short enough for sockets, which pytest's own often is not."""
    folder = Path(tempfile.mkdtemp(prefix="scruple-t-"))
    # As root the database runs under another uid, which must get through.
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def stack(short_folder: Path) -> Iterator[Stack]:
    stack = Stack(short_folder / "var")
    yield stack
    if stack.process is not None and stack.process.poll() is None:
        stack.process.terminate()
        stack.process.wait(timeout=20)
