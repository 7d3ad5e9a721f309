from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from events.querysets import EventQuerySet
from events.triggers import never_truncated


class Event(models.Model):
    """One thing that happened to one record: its timeline entry and its place in the outbox.

    `data` holds codes, states and references only, never a word about a patient.
    """

    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    reference = models.CharField(max_length=20)
    # Null when the system itself acted, such as a claim that lapsed.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    data = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())
    dispatched_at = models.DateTimeField(null=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject", "subject_id", "id"], name="event_timeline"),
            models.Index(
                fields=["id"], name="event_undispatched", condition=models.Q(dispatched_at=None)
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="event_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="event_never_changes", exclude=["dispatched_at"]),
            never_truncated("event"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
