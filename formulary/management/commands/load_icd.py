"""`manage.py load_icd FILE`: load a release of ICD-10-CM, published each October and April."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from formulary.icd_file import NotARelease, release_of, shipped
from formulary.icd_release import Loaded, load
from formulary.models import DiagnosisCode


class Command(BaseCommand):
    help = "Load the diagnosis codes of an ICD-10-CM release, in one go; what is gone ends."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, nargs="?", metavar="FILE",
            help="tabular list (icd10cm_tabular_*.xml) or order file (icd10cm-order-*.txt)",
        )  # fmt: skip
        parser.add_argument("--shipped", action="store_true", help="the release that comes along")
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing when codes are loaded already"
        )
        parser.add_argument("--release", help="its name, such as 2026-04")
        parser.add_argument(
            "--from", dest="starts", type=date.fromisoformat, metavar="DAY",
            help="the first day it is in force, such as 2026-04-01",
        )  # fmt: skip
        parser.add_argument(
            "--force", action="store_true", help="take a file that ends a tenth of the codes"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["file"] is None) != options["shipped"]:
            raise CommandError("Name a FILE, or --shipped for the release that comes along.")
        if options["if_empty"] and DiagnosisCode.objects.exists():
            return
        try:
            path = shipped() if options["shipped"] else options["file"]
            release, starts = _release(path, options["release"], options["starts"])
            done = load(path, release=release, starts=starts, force=options["force"])
        except (NotARelease, OSError) as error:
            raise CommandError(f"{error} The codes there were stay.") from None
        if options["verbosity"]:
            self.stdout.write(_report(done, release, starts))


def _release(path: Path, release: str | None, starts: date | None) -> tuple[str, date]:
    """What was given, otherwise what the file's name tells."""
    told = release_of(path.name)
    if starts is None and told is None:
        raise NotARelease("The file’s name tells no release: give --from, and perhaps --release.")
    day = starts or (told[1] if told else date.min)
    name = release or f"{day:%Y-%m}"
    if not re.fullmatch(r"20[0-9]{2}-[01][0-9]", name):
        raise NotARelease("A release is named by its year and month, such as 2026-04.")
    return name, day


def _report(done: Loaded, release: str, starts: date) -> str:
    first = (
        f"ICD-10-CM {release}, in force from {starts}: "
        f"{done.codes} codes, {done.billable} of them billable."
    )
    counts = (
        (done.added, "added"),
        (done.returned, "back again"),
        (done.turned, "now or no longer a header"),
        (done.ended, "ended"),
        (done.relabelled, "with another title or other names"),
    )
    told = ", ".join(f"{count} {words}" for count, words in counts if count)
    return f"{first}\nChanged: {told}." if told else f"{first} Nothing was changed."
