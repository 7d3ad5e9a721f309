from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from events.triggers import append_only
from formulary.models import Reason
from orders.models.order import Order
from orders.models.signature import OrderFinding
from orders.status import Decision


class Review(models.Model):
    """A pharmacist's decision on an order."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="reviews")
    pharmacist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decision = models.CharField(max_length=20, choices=Decision.choices)
    reason = models.ForeignKey(Reason, on_delete=models.PROTECT, null=True, related_name="+")
    text = models.CharField(max_length=1000, blank=True)
    checklist = models.JSONField(default=list)
    content_sha256 = models.CharField(max_length=64)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="approved", reason=None)
                | (~Q(decision="approved") & Q(reason__isnull=False)),
                name="what_is_not_approved_has_a_coded_reason",
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(decision__in=["approved", "rejected"]),
                name="an_order_is_decided_once",
            ),
        ]
        triggers = append_only("review")

    def __str__(self) -> str:
        return f"{self.decision} {self.order_id}"


class FindingReview(models.Model):
    """A finding that the pharmacist went through; one not checked is cleared with a reason."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="findings")
    finding = models.ForeignKey(OrderFinding, on_delete=models.PROTECT, related_name="reviews")
    reason = models.ForeignKey(Reason, on_delete=models.PROTECT, null=True, related_name="+")
    text = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "finding"], name="a_finding_is_reviewed_once_a_decision"
            )
        ]
        triggers = append_only("findingreview")

    def __str__(self) -> str:
        return f"{self.finding_id} in {self.review_id}"


class Message(models.Model):
    """A question from the pharmacist or the prescriber's answer."""

    class Kind(models.TextChoices):
        QUESTION = "question", "Question"
        ANSWER = "answer", "Answer"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.ForeignKey(Reason, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=1000)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        triggers = append_only("message")

    def __str__(self) -> str:
        return f"{self.kind} {self.order_id}"


class ChecklistDraft(models.Model):
    """A pharmacist's ticks on an order under review, kept when the claim lapses."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="checklists")
    pharmacist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    ticks = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "pharmacist"], name="a_pharmacist_has_one_checklist_an_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id} by {self.pharmacist_id}"
