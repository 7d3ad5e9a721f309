from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from accounts.querysets import LocationQuerySet, PracticeQuerySet
from accounts.status import AccountStatus, BillTo, Reach, ShipTo
from accounts.triggers import account_moves_by_the_table


def validate_time_zone(name: str) -> None:
    """Raise ValidationError for a name that is in no time zone database."""
    if name not in available_timezones():
        raise ValidationError(f"{name} is no time zone: write it as America/New_York.")


class Practice(models.Model):
    """A tenant: its members see its patients and orders, and nobody else's."""

    name = models.CharField(max_length=120)
    trade_name = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    group_npi = models.CharField(max_length=10, blank=True)
    tax_id = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=20)
    fax = models.CharField(max_length=20, blank=True)
    website = models.URLField(max_length=200, blank=True)
    # Where patients are seen: never a PO box.
    address = models.CharField(max_length=120)
    city = models.CharField(max_length=60)
    state = models.CharField(max_length=2)
    zip_code = models.CharField(max_length=10)
    mailing_address = models.CharField(max_length=250, blank=True)
    time_zone = models.CharField(
        max_length=40, default="America/New_York", validators=[validate_time_zone]
    )
    # [{"role": "office_manager", "name": …, "email": …, "phone": …}]
    contacts = models.JSONField(default=list, blank=True)
    reach_by = models.CharField(max_length=10, choices=Reach.choices, default=Reach.PORTAL)
    default_ship_to = models.CharField(
        max_length=10, choices=ShipTo.choices, default=ShipTo.PATIENT
    )
    signature_required = models.BooleanField(default=False)
    bill_to = models.CharField(max_length=10, choices=BillTo.choices, default=BillTo.PATIENT)
    status = models.CharField(
        max_length=20, choices=AccountStatus.choices, default=AccountStatus.APPROVED
    )
    status_reason = models.CharField(max_length=300, blank=True)

    objects = PracticeQuerySet.as_manager()

    class Meta:
        triggers = [account_moves_by_the_table("practice")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        """Whether the pharmacy takes new orders from the practice."""
        return self.status == AccountStatus.APPROVED

    @property
    def is_closed(self) -> bool:
        """Whether the practice has left: nobody sees its records through it any more."""
        return self.status == AccountStatus.DEACTIVATED

    @property
    def today(self) -> date:
        """The calendar day where the patient is seen: wash-outs and licences count in its days."""
        return timezone.localdate(timezone=ZoneInfo(self.time_zone))


class Location(models.Model):
    """A further address of a practice: where patients are seen, where orders are shipped, or both."""

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="locations")
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=120)
    city = models.CharField(max_length=60)
    state = models.CharField(max_length=2)
    zip_code = models.CharField(max_length=10)
    phone = models.CharField(max_length=20, blank=True)
    sees_patients = models.BooleanField(default=False)
    takes_deliveries = models.BooleanField(default=False)
    active = models.BooleanField(default=True)

    objects = LocationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sees_patients=True) | models.Q(takes_deliveries=True),
                name="location_serves_patients_or_deliveries",
            ),
        ]

    def __str__(self) -> str:
        return self.name
