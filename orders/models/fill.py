from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from events.triggers import never_truncated
from formulary.models import Reason
from orders.models.order import Order
from orders.querysets import FillQuerySet
from orders.status import FillState


class Fill(models.Model):
    """One fill of a verified order. Number 1 dispenses the whole titration, each refill the last
    step alone; a supply longer than its beyond-use date goes out in `parts` of so many days."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="fills")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=FillState.choices)
    days = models.PositiveSmallIntegerField()
    # Days of each part, and product code → amount in capsules or mL, as signed.
    parts = models.JSONField(default=list)
    quantities = models.JSONField(default=dict)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    asked_at = models.DateTimeField(null=True)
    # A refill's answers and what the rules said of them, with the reason given for each warning.
    answers = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    early_reason = models.ForeignKey(Reason, on_delete=models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    refusal = models.ForeignKey(Reason, on_delete=models.PROTECT, null=True, related_name="+")
    refusal_text = models.CharField(max_length=300, blank=True)
    # When the practice was told that this, the last fill, is about to end.
    end_noticed_at = models.DateTimeField(null=True)

    objects = FillQuerySet.as_manager()

    class Meta:
        ordering = ["order", "number", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "number"],
                condition=Q(state__in=["requested", "released"]),
                name="a_fill_stands_once",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=12), name="fills_are_1_to_12"
            ),
            models.CheckConstraint(
                condition=~Q(state="released")
                | Q(starts_on__isnull=False, ends_on__gte=F("starts_on")),
                name="a_released_fill_has_its_days",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | Q(refusal__isnull=False),
                name="a_refused_fill_has_a_coded_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["asked_at"], name="fill_asked", condition=Q(state="requested")),
            models.Index(fields=["ends_on"], name="fill_ends", condition=Q(state="released")),
        ]
        triggers = [never_truncated("fill")]

    def __str__(self) -> str:
        return f"{self.order_id} fill {self.number}"
