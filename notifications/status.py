"""Channels and states of a delivery; stored by value."""

from __future__ import annotations

from datetime import timedelta

from django.db import models


class Channel(models.TextChoices):
    BELL = "bell", "Bell"
    EMAIL = "email", "E-mail"


class State(models.TextChoices):
    QUEUED = "queued", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    DEAD = "dead", "Given up"
    # The recipient left, lost the right or switched the e-mail off before it went out.
    SUPPRESSED = "suppressed", "Not wanted any more"


# A sender owns the row for LEASE and is cut off at CUT_OFF, so that it can still write the result.
LEASE = timedelta(seconds=10)
CUT_OFF = 8.0
# Published but not started: Redis may have lost the message, so it is published again.
WAKE_AGAIN_AFTER = timedelta(seconds=8)

# Waits after the first, second … attempt: ten attempts in about 24 hours, close together at first.
WAITS = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=9),
)
MAX_ATTEMPTS = len(WAITS) + 1
JITTER = 0.15
