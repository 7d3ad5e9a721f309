from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.status import LinkPurpose


class PrivateLink(models.Model):
    """A link sent by e-mail that opens one thing for whoever holds it; its token is never stored."""

    purpose = models.CharField(max_length=10, choices=LinkPurpose.choices)
    subject_id = models.BigIntegerField()
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    # When it was used, or when it was taken back.
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["purpose", "subject_id"],
                name="private_link_open",
                condition=Q(used_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.subject_id}"
