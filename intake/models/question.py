from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from events.references import new_reference
from intake.querysets import QuestionQuerySet
from intake.status import Category, CloseReason, QuestionStatus


def question_reference() -> str:
    return new_reference("QU")


class Question(models.Model):
    """A question to the pharmacist, its answer, and what of both was published."""

    reference = models.CharField(max_length=12, unique=True, default=question_reference)
    category = models.CharField(max_length=20, choices=Category.choices)
    name = models.CharField(max_length=120)
    email = models.EmailField(max_length=254)
    # Who asked while signed in; strangers have only an address.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # One form makes one question, however often it is sent.
    token = models.UUIDField(unique=True, null=True, editable=False)
    text = models.CharField(max_length=2000)
    # Of another custom compound: what is wanted. Never an order.
    drug = models.CharField(max_length=120, blank=True)
    form = models.CharField(max_length=60, blank=True)
    strength = models.CharField(max_length=60, blank=True)
    area = models.CharField(max_length=120, blank=True)

    status = models.CharField(
        max_length=20, choices=QuestionStatus.choices, default=QuestionStatus.WAITING
    )
    status_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    asked_at = models.DateTimeField(db_default=Now())
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    held_until = models.DateTimeField(null=True)
    answer = models.CharField(max_length=4000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)
    # Why it was closed without an answer.
    close_reason = models.CharField(max_length=20, choices=CloseReason.choices, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    # What strangers read, in words of its own; the slug is its address.
    slug = models.SlugField(max_length=80, unique=True, null=True)
    public_question = models.CharField(max_length=300, blank=True)
    public_answer = models.TextField(max_length=4000, blank=True)
    sources = models.CharField(max_length=500, blank=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = QuestionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["asked_at", "id"],
                name="question_queue",
                condition=Q(status__in=["waiting", "held"]),
            ),
            models.Index(fields=["-answered_at"], name="question_answered"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="held", holder__isnull=False, held_until__isnull=False)
                | (~Q(status="held") & Q(holder=None, held_until=None)),
                name="question_being_answered_has_one_holder",
            ),
            models.CheckConstraint(
                condition=~Q(status="answered") | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="answered_question_has_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(status="closed") & ~Q(close_reason="")
                | ~Q(status="closed") & Q(close_reason=""),
                name="question_closed_without_an_answer_says_why",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None)
                | (Q(slug__isnull=False) & ~Q(public_question="") & ~Q(public_answer="")),
                name="published_question_has_its_own_words",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
