"""The day at the pharmacy: what "from today" means for the formulary."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def pharmacy_today() -> date:
    return timezone.now().astimezone(ZoneInfo(settings.PHARMACY_TIME_ZONE)).date()
