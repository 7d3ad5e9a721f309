from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from events.models import Event
from notifications.querysets import DeliveryQuerySet
from notifications.status import Category, Channel, State


def new_message_id() -> str:
    """A Message-ID without its brackets; the part before the @ also names the file of a mail."""
    return f"{uuid.uuid4()}@{urlsplit(settings.PUBLIC_URL).hostname}"


class Delivery(models.Model):
    """One event told to one recipient through one channel. The row owns its retries."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="deliveries"
    )
    # For somebody without an account; empty when there is a recipient.
    address = models.EmailField(max_length=254, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    woken_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    # The class of the error and the server's reply code; never an address or a text.
    last_error = models.CharField(max_length=80, blank=True)
    # The same at every attempt, so that a second copy can be recognised.
    message_id = models.CharField(max_length=120, default=new_message_id)
    sent_at = models.DateTimeField(null=True)

    # Of the bell: the list was opened; the notice was opened, or its order was dealt with.
    seen_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.CheckConstraint(
                condition=Q(recipient=None) ^ Q(address=""),
                name="delivery_goes_to_a_user_or_an_address",
            ),
            models.UniqueConstraint(
                fields=["event", "recipient", "channel"],
                condition=Q(recipient__isnull=False),
                name="a_user_is_told_once_per_channel",
            ),
            models.UniqueConstraint(
                fields=["event", "address", "channel"],
                condition=Q(recipient=None),
                name="an_address_is_told_once_per_channel",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=State.SENDING, lease_until__isnull=False, lease_token__isnull=False
                )
                | (~Q(state=State.SENDING) & Q(lease_until=None, lease_token=None)),
                name="delivery_is_leased_while_being_sent",
            ),
            models.CheckConstraint(
                condition=Q(state=State.SENT, sent_at__isnull=False)
                | (~Q(state=State.SENT) & Q(sent_at=None)),
                name="delivery_is_sent_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(channel=Channel.BELL) | Q(state=State.SENT, recipient__isnull=False),
                name="a_bell_rings_at_once_and_for_a_user",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(state=State.QUEUED)),
            models.Index(
                fields=["lease_until"], name="delivery_leased", condition=Q(state=State.SENDING)
            ),
            models.Index(fields=["id"], name="delivery_dead", condition=Q(state=State.DEAD)),
            models.Index(
                fields=["sent_at"], name="delivery_mailed", condition=Q(channel=Channel.EMAIL)
            ),
            models.Index(
                fields=["recipient", "-id"], name="bell_list", condition=Q(channel=Channel.BELL)
            ),
            models.Index(
                fields=["recipient", "-id"],
                name="bell_unseen",
                condition=Q(channel=Channel.BELL, seen_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}, {self.state}"


class MailChoice(models.Model):
    """Whether a person wants the e-mails of one category. Without a row, they do."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_choices"
    )
    category = models.CharField(max_length=20, choices=Category.choices)
    wanted = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "category"], name="a_person_chooses_once_per_category"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.category}: {'yes' if self.wanted else 'no'}"


class Heartbeat(models.Model):
    """When a process last showed that it works."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
