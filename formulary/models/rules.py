from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from events.history import tracked
from events.triggers import append_only
from formulary import reference
from formulary.models.choices import choices
from formulary.reference import PortalOrders
from formulary.triggers import stamps_version


@tracked("state_rule")
class StateRule(models.Model):
    """What a state asks of a prescription; of a state without a row the usual rule holds."""

    state = models.CharField(max_length=2, unique=True)
    portal_orders = models.CharField(
        max_length=20, choices=choices(PortalOrders), default=PortalOrders.ACCEPTED
    )
    exception = models.CharField(
        max_length=300, blank=True, help_text="In which cases an order from this site is taken."
    )
    validity_months = models.PositiveSmallIntegerField(
        null=True, blank=True, default=12, help_text="From the date written; empty: no end."
    )
    needs_supervisor = models.BooleanField(default=False)
    unlicensed_ship_to_stops = models.BooleanField(default=False)
    source = models.CharField(max_length=200)
    # Retired: the usual rule holds again.
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["state"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__regex=r"^[A-Z]{2}$"), name="state_rule_is_of_a_two_letter_state"
            ),
            models.CheckConstraint(
                condition=~Q(portal_orders="with_exception") | ~Q(exception=""),
                name="an_exception_is_said_in_words",
                violation_error_message="Say in which cases an order from this site is taken.",
            ),
        ]
        triggers = [stamps_version()]

    def __str__(self) -> str:
        return self.state

    def as_value(self) -> reference.StateRule:
        return reference.StateRule(
            state=self.state,
            source=self.source,
            portal_orders=PortalOrders(self.portal_orders),
            exception=self.exception,
            validity_months=self.validity_months,
            needs_supervisor=self.needs_supervisor,
            unlicensed_ship_to_stops=self.unlicensed_ship_to_stops,
        )


@tracked("rule_figure")
class RuleFigure(models.Model):
    """One figure that rules compare with; `key` is the field of `reference.Figures`."""

    key = models.SlugField(max_length=60, unique=True)
    value = models.DecimalField(max_digits=9, decimal_places=3)
    unit = models.CharField(max_length=30, blank=True)
    label = models.CharField(max_length=200)
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(value__gte=0), name="rule_figure_is_not_negative")
        ]
        triggers = [stamps_version()]

    def __str__(self) -> str:
        return self.key


class FormularyEdition(models.Model):
    """The formulary as it stood under one stamp, in the spelling of the shipped file: what an order
    that was signed then is compared with at approval."""

    stamp = models.UUIDField(unique=True)
    content = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = append_only("formularyedition")

    def __str__(self) -> str:
        return str(self.stamp)
