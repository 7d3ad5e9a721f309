"""The whole stack for real: it starts, says so, refuses clearly, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
import urllib.request
from pathlib import Path

import pytest

from tests.stack.conftest import Stack

pytestmark = pytest.mark.stack


def readyz(stack: Stack) -> dict[str, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.port}/readyz", timeout=5) as answer:
        return dict(json.load(answer))


def wait_until_gone(stack: Stack, seconds: float) -> list[str]:
    until = time.monotonic() + seconds
    while (left := stack.processes()) and time.monotonic() < until:
        time.sleep(0.2)
    return left


def test_a_stack_lives_keeps_its_data_and_leaves_nothing_behind(stack: Stack) -> None:
    stack.start()
    assert stack.wait_for("ready ") == f"ready http://127.0.0.1:{stack.port}/"
    assert f"passkeys work at http://localhost:{stack.port}/" in stack.lines
    assert any(line.startswith("second factors are optional here") for line in stack.lines)
    assert readyz(stack)["status"] == "ok"
    refused = stack.call("run")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"scruple: Scruple is already running on {stack.data}")
    assert refused.stderr.count("\n") == 1
    noted = stack.call(
        "manage",
        "shell",
        "-v0",
        text="from django.core.cache import cache\ncache.set('kept', 7, None)\n",
    )
    assert noted.returncode == 0, noted.stderr
    assert stack.call("manage", "no_such_command").returncode != 0
    assert stack.end(signal.SIGTERM) < 10
    assert wait_until_gone(stack, 1) == []
    assert "not running" in stack.call("manage", "check").stderr

    stack.start()
    stack.wait_for("ready ")
    kept = stack.call(
        "manage",
        "shell",
        "-v0",
        "-c",
        "from django.core.cache import cache; print(cache.get('kept'))",
    )
    assert kept.stdout.strip() == "7"
    assert stack.end(signal.SIGINT, signal.SIGINT, signal.SIGINT) < 10
    assert wait_until_gone(stack, 1) == []

    stack.start()
    stack.wait_for("ready ")
    assert stack.process is not None
    stack.process.kill()
    stack.process.wait()
    assert wait_until_gone(stack, 10) == [], (
        "children of a killed supervisor must end by themselves"
    )

    stack.start()
    stack.wait_for("starting")
    time.sleep(1.5)
    assert stack.end(signal.SIGHUP) < 10
    assert wait_until_gone(stack, 1) == []


def refusal(stack: Stack, **changes: str) -> str:
    """The one line of a refused start."""
    refused = stack.call("run", **changes)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1, refused.stderr
    assert stack.processes() == []
    return refused.stderr


def test_a_taken_port_is_one_clear_line(stack: Stack) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stack.port))
        taken.listen()
        assert f"Port {stack.port} on 127.0.0.1 cannot be used" in refusal(stack)


def test_a_folder_of_another_postgresql_is_one_clear_line(stack: Stack) -> None:
    (stack.data / "pg").mkdir(parents=True)
    (stack.data / "pg" / "PG_VERSION").write_text("15\n")
    assert "was written by PostgreSQL 15" in refusal(stack)


def test_a_wrong_port_is_one_clear_line(stack: Stack) -> None:
    assert "PORT must be a number" in refusal(stack, PORT="eighty")


def test_a_folder_that_cannot_be_written_is_one_clear_line(stack: Stack) -> None:
    # /proc refuses even root, who may write anywhere else.
    place = Path("/proc/scruple") if os.geteuid() == 0 else Path("/scruple")
    assert f"Cannot write to {place}" in refusal(stack, DATA=str(place))
