"""`manage.py check_regimen`: JSON lines in, one JSON line out for each. No database, no DATA."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand

from formulary.lines import MAX_LINE_BYTES, answer
from formulary.shipped import shipped_formulary


class Command(BaseCommand):
    help = "Check regimens: JSON lines on standard input, one JSON line of findings each."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        formulary = shipped_formulary()
        out = sys.stdout.buffer
        try:
            for line in bounded_lines(sys.stdin.buffer):
                said = answer(line, formulary, on=datetime.now(UTC).date())
                out.write(json.dumps(said).encode("ascii") + b"\n")
                out.flush()
        except BrokenPipeError:
            # The reader went away: nothing more to tell, and no traceback when Python flushes.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def bounded_lines(source: BinaryIO) -> Iterator[bytes]:
    """Lines without their end, each cut just past the longest that is read."""
    while line := source.readline(MAX_LINE_BYTES + 2):
        rest = line
        while not rest.endswith(b"\n"):
            rest = source.readline(MAX_LINE_BYTES)
            if not rest:
                break
        yield line.removesuffix(b"\n")
