"""`manage.py seed_questions`: store the shipped questions and answers. Again, it changes nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from intake.services.shipped_questions import seed


class Command(BaseCommand):
    help = (
        "Store the published questions that ship with the code; those that exist stay as they are."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        made = seed()
        if options["verbosity"]:
            self.stdout.write(f"Questions: added {made}." if made else "Questions: up to date.")
