"""`manage.py seed_formulary`: store the shipped formulary. Running it again changes nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from formulary.services import seed
from formulary.shipped import shipped_formulary


class Command(BaseCommand):
    help = "Store the rows of the shipped formulary that are missing; rows that exist stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        made = seed(shipped_formulary())
        counts = ", ".join(f"{count} {name}" for name, count in made.items() if count)
        if options["verbosity"]:
            self.stdout.write(f"Formulary: added {counts}." if counts else "Formulary: up to date.")
