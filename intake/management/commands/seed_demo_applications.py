from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from intake import demo
from intake.models import Application


class Command(BaseCommand):
    help = "Create the demo application and question once, on the embedded stack only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError("Demo data belongs on the embedded stack only.")
        if not Application.objects.exists():
            with transaction.atomic():
                demo.build()
