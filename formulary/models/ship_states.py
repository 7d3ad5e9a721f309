from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.house_fields import STATES
from events.history import tracked
from formulary import reference
from formulary.querysets import ShipStateQuerySet
from formulary.triggers import stamps_version


@tracked("ship_state")
class ShipState(models.Model):
    """A state into which the pharmacy may send medicines, and the licence that says so."""

    # No choices here: a newer list of states must not ask for a migration.
    state = models.CharField(max_length=2, unique=True)
    source = models.CharField(max_length=200, help_text="The licence, in words.")
    since = models.DateField(help_text="The first day on which it holds.")
    active = models.BooleanField(default=True)
    objects = ShipStateQuerySet.as_manager()

    class Meta:
        ordering = ["state"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__regex=r"^[A-Z]{2}$"), name="ship_state_is_a_two_letter_code"
            )
        ]
        triggers = [stamps_version()]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return dict(STATES).get(self.state, self.state)

    def as_value(self) -> reference.ShipState:
        return reference.ShipState(
            state=self.state, source=self.source, since=self.since, active=self.active
        )
