"""After a new key was put in front of MFA_KEYS: encrypt everything anew, so that the old one can go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.security import reencrypt_factors


class Command(BaseCommand):
    help = "Encrypt stored second factors under the first key of MFA_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{reencrypt_factors()} second factors now lie under the first key.")
