"""Loading an exclusion list of 100,000 rows: seconds, and the most memory the command held."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from pathlib import Path

from intake.leie import HEADER

ROWS = 100_000
BAR_SECONDS, BAR_MB = 30, 200


def run() -> None:
    """Twice, as the second load also has to take the first one's rows away."""
    with tempfile.TemporaryDirectory() as folder:
        for name, seed in (("first exclusion list", 1), ("exclusion list, next month", 2)):
            file = Path(folder) / f"{seed}.csv"
            write(file, seed)
            _report(name, *_timed(file))


def write(file: Path, seed: int, rows: int = ROWS) -> None:
    """An invented list of the published shape; one row in a thousand has an NPI that is none."""
    luck = random.Random(seed)
    with file.open("w", encoding="utf-8", newline="\r\n") as out:
        out.write(HEADER + "\n")
        out.writelines(_row(luck, number) for number in range(rows))


def _row(luck: random.Random, number: int) -> str:
    family = "".join(luck.choices("ABCDEFGHIJKLMNOPRSTUVWYZ", k=luck.randint(4, 12)))
    given = luck.choice(("ADA", "BEN", "MARY ANN", "NILS", "PHIL", "PETRA", "TESS", "ROOT"))
    name = f'"{family}","{given}","Q",""' if number % 8 else f'"","","","{family} HEALTH, INC"'
    npi = f"1{luck.randrange(10**9):09d}" if number % 1000 == 0 else "0000000000"
    born = f"19{luck.randint(30, 99)}{luck.randint(1, 12):02d}{luck.randint(1, 28):02d}"
    return (
        f'{name},"IND- LIC HC SERV PRO","NURSE/NURSES AIDE","","{npi}","{born}",'
        f'"{number} SAMPLE STREET","SAMPLETON","NC","27514","1128a1","20260{luck.randint(1, 9)}20",'
        '"00000000","00000000",""\n'
    )


def _timed(file: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of the whole command, the start of Python included."""
    command = [sys.executable, "manage.py", "import_leie", str(file)]
    quiet = os.open(os.devnull, os.O_WRONLY)
    begin = time.perf_counter()
    child = os.posix_spawn(
        command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, quiet, 1)]
    )
    _, status, usage = os.wait4(child, 0)
    os.close(quiet)
    if status:
        raise AssertionError("the exclusion list was not loaded")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def _report(name: str, seconds: float, megabytes: float) -> None:
    mark = "within" if seconds <= BAR_SECONDS and megabytes <= BAR_MB else "OVER"
    print(
        f"{name:<34} {seconds:8.1f} s    {megabytes:6.0f} MB   for {ROWS} rows   "
        f"({mark} {BAR_SECONDS} s, {BAR_MB} MB)",
        flush=True,
    )
