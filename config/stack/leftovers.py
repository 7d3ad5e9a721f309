"""Programs that outlived a killed supervisor: found by the state file, ended before a new start."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from config.stack.process import Child


def record(children: Iterable[Child], temporary: Iterable[Path]) -> dict[str, Any]:
    """Pid and start time of each running child: a pid alone may belong to a stranger later."""
    running = [[c.pid, _start_time(c.pid)] for c in children if c.pid and c.exit_code() is None]
    return {"children": running, "temporary": [str(place) for place in temporary]}


def end(state: Mapping[str, Any], seconds: float = 5) -> None:
    """Wait for them to follow the kernel's signal, then kill the groups that did not."""
    recorded = [(int(pid), start) for pid, start in state.get("children", [])]
    groups = [pid for pid, start in recorded if _start_time(pid) == start]
    until = time.monotonic() + seconds
    while groups and time.monotonic() < until:
        time.sleep(0.1)
        groups = [pid for pid in groups if _start_time(pid)]
    for pid in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    for place in state.get("temporary", []):
        shutil.rmtree(place, ignore_errors=True)


def _start_time(pid: int) -> int:
    """Field 22 of /proc/PID/stat, 0 when the process is gone or only waits to be reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] in "ZX" else int(fields[19])
