from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User
from orders import demo
from orders.models import Order


class Command(BaseCommand):
    help = "Create the demo people and orders once, on the embedded stack only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError("Demo data belongs on the embedded stack only.")
        if not User.objects.filter(email=demo.PEOPLE[0][1]).exists():
            if Order.objects.exists():
                self.stdout.write("There are orders already: no demo data is mixed with them.")
                return
            with transaction.atomic():
                demo.build()
        self.stdout.write("Demo accounts (password of all: " + demo.PASSWORD + ")")
        for _, email, role, _, _ in demo.PEOPLE:
            self.stdout.write(f"  {role.label:<14} {email}")
