from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from events.triggers import append_only
from orders.models.order import Order


class DraftReading(models.Model):
    """That a prescriber was shown a draft whole, with the reasons given for its warnings: what lets
    several be signed in one go. It counts while the draft still has this content."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="readings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    content_sha256 = models.CharField(max_length=64)
    # Finding key → [reason code, words].
    reasons = models.JSONField(default=dict)
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "user"], name="a_draft_is_read_once_by_each")
        ]

    def __str__(self) -> str:
        return f"{self.order_id} by {self.user_id}"


class Countersignature(models.Model):
    """The prescriber's own signature under a verbal order, asked for and never waited for."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="countersignature")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    content_sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        triggers = append_only("countersignature")

    def __str__(self) -> str:
        return f"{self.order_id} by {self.by_id}"
