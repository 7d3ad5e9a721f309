from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from events.models import Event  # noqa: F401


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, subject: str, subject_id: int) -> EventQuerySet:
        """The history of one record, oldest first."""
        return self.filter(subject=subject, subject_id=subject_id).order_by("id")

    def undispatched(self) -> EventQuerySet:
        """What nobody has been told of yet, oldest first."""
        return self.filter(dispatched_at=None).order_by("id")
