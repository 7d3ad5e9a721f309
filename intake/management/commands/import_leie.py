"""`manage.py import_leie FILE`: load the OIG's list of exclusions (UPDATED.csv), published monthly."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from intake.leie import NotTheList, Tally
from intake.services.exclusion_list import AlreadyLoaded, load

_A_WHILE = timedelta(days=90)


class Command(BaseCommand):
    help = "Replace the list of OIG exclusions by the CSV file, in one go; checks are made anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="UPDATED.csv of the OIG")
        parser.add_argument(
            "--force", action="store_true", help="take a file with less than half the rows"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tally = load(options["file"], force=options["force"])
        except AlreadyLoaded as since:
            self.stdout.write(f"This file was loaded on {since} already. Nothing was changed.")
        except (NotTheList, OSError) as error:
            raise CommandError(f"{error} The list there was stays.") from None
        else:
            self.stdout.write(_report(tally))


def _report(tally: Tally) -> str:
    lines = [f"Exclusions loaded: {tally.rows} rows, the newest of {tally.newest or 'no day'}."]
    if tally.newest and tally.newest < f"{timezone.now() - _A_WHILE:%Y%m%d}":
        lines.append("That is a while ago. Is this the list of this month?")
    if tally.bad_npis:
        lines.append(f"NPIs that are none: {tally.bad_npis}. Those rows are found by name.")
    if tally.malformed:
        told = ", ".join(map(str, tally.malformed_lines))
        more = " …" if tally.malformed > len(tally.malformed_lines) else ""
        lines.append(f"Left out, not readable: {tally.malformed} (lines {told}{more}).")
    return "\n".join(lines)
