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


class Category(models.TextChoices):
    """What an e-mail is about, as people choose by; the words of the page are in categories.py."""

    ORDER_URGENT = "order_urgent", "New urgent orders"
    ORDER_ROUTINE = "order_routine", "New routine orders"
    ORDER_ANSWER = "order_answer", "Answers to your questions about orders"
    ORDER_CANCELLED = "order_cancelled", "Orders cancelled while you work on them"
    APPLICATION = "application", "Applications and licences to review"
    CHECK = "check", "Findings of the monthly credential checks"
    QUESTION = "question", "Questions to the pharmacist"
    CLARIFICATION = "clarification", "Questions about an order"
    SIGNATURE = "signature", "Orders that need your signature"
    ORDER_REJECTED = "order_rejected", "Orders that were rejected or put on hold"
    ORDER_APPROVED = "order_approved", "Orders that were verified"
    ORDER_ENDING = "order_ending", "Prescriptions and supplies that end"
    REFILL = "refill", "Refills that a practice asks for"
    FORMULARY = "formulary", "Changes of the formulary"
    LICENCE = "licence", "Licences that end, and decisions on new ones"
    ACCOUNT = "account", "Your account, your practice and security"
    REPLY = "reply", "Answers to questions you sent to the pharmacist"
    APPLICANT = "applicant", "Your application for an account"


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
