"""`manage.py verify_signatures`: compare everything that was signed with its hash and its rows."""

from __future__ import annotations

import sys
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand

from orders.services.verifying import damaged


class Command(BaseCommand):
    help = "Verify every signature; exit 1, naming the orders, when one does not match."

    def handle(self, *args: Any, **options: Any) -> None:
        start, count, broken = perf_counter(), 0, 0
        for reference, is_broken in damaged():
            count += 1
            if is_broken:
                broken += 1
                self.stderr.write(f"{reference} does not match what was signed")
        rate = count / max(perf_counter() - start, 1e-9)
        self.stdout.write(f"{count} signatures, {broken} broken, {rate:.0f} a second")
        if broken:
            sys.exit(1)
