"""How fresh a look at a primary source has to be before something rests on it."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from intake.services.review import LOOKED_UP_WITHIN

TOO_OLD = f"Look it up anew: the date has to lie within the last {LOOKED_UP_WITHIN.days} days."


def is_recent(looked_up_on: date) -> bool:
    return timezone.localdate() - looked_up_on <= LOOKED_UP_WITHIN
