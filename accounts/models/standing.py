from __future__ import annotations

from django.db import models

from events.models import Event
from events.triggers import append_only


class StandingReason(models.Model):
    """Why an account was suspended, reinstated or deactivated: the words beside its event."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="standing_reason")
    text = models.CharField(max_length=300)

    class Meta:
        triggers = append_only("standingreason")

    def __str__(self) -> str:
        return f"reason of event {self.event_id}"
