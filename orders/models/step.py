from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from events.triggers import never_truncated
from formulary.dosing import Timing
from formulary.models import Product
from orders.models.order import Order


class _FrozenWithItsOrder(pgtrigger.Trigger):
    """Refuse changes to rows whose order was signed."""

    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    declare = [("status_now", "text"), ("order_now", "bigint")]
    func = """
        order_now := CASE WHEN TG_OP = 'DELETE' THEN OLD.order_id ELSE NEW.order_id END;
        SELECT status INTO status_now FROM orders_order WHERE id = order_now FOR SHARE;
        IF status_now <> 'draft' THEN
            RAISE EXCEPTION 'pgtrigger: order % is signed, its steps are frozen', order_now;
        END IF;
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    """


class DoseStep(models.Model):
    """One step of a regimen: a dose, how often and for how many days (null: until the end)."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    dose_mg = models.DecimalField(max_digits=9, decimal_places=3)
    times_per_day = models.PositiveSmallIntegerField()
    timing = models.CharField(
        max_length=20, choices=[(timing.value, timing.name) for timing in Timing]
    )
    days = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="steps_stand_in_one_order"),
            models.CheckConstraint(condition=Q(dose_mg__gt=0), name="dose_is_more_than_nothing"),
            models.CheckConstraint(
                condition=Q(times_per_day__gte=1, times_per_day__lte=24),
                name="times_per_day_is_1_to_24",
            ),
            models.CheckConstraint(
                condition=Q(days=None) | Q(days__gte=1, days__lte=365), name="days_are_1_to_365"
            ),
        ]
        triggers = [
            _FrozenWithItsOrder(name="steps_are_frozen_with_their_order"),
            never_truncated("dosestep"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} step {self.position}"
