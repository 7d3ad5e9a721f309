from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper

from accounts.models import Practice
from events.history import tracked
from events.references import new_reference
from events.triggers import never_truncated
from orders.querysets import PatientQuerySet
from orders.status import Allergies, Caution, OpioidKind, OpioidUse, Sex


def patient_reference() -> str:
    return new_reference("PT")


@tracked("patient")
class Patient(models.Model):
    """A person treated by one practice; never shown to another."""

    reference = models.CharField(max_length=12, unique=True, default=patient_reference)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="patients")
    family_name = models.CharField(max_length=60)
    given_name = models.CharField(max_length=60)
    birth_date = models.DateField()
    sex = models.CharField(max_length=10, choices=Sex.choices)
    address = models.CharField(max_length=120)
    city = models.CharField(max_length=60)
    state = models.CharField(max_length=2)
    zip_code = models.CharField(max_length=10)
    phone = models.CharField(max_length=20)
    # As last answered; blank reads "Not recorded", never "none".
    allergies = models.CharField(max_length=20, choices=Allergies.choices, blank=True)
    allergies_text = models.CharField(max_length=300, blank=True)
    allergies_on = models.DateField(null=True)
    # One medicine a line; null is not recorded, empty is none.
    medicines = models.TextField(max_length=1000, null=True)
    medicines_on = models.DateField(null=True)
    opioid_use = models.CharField(max_length=20, choices=OpioidUse.choices, blank=True)
    opioid_kind = models.CharField(max_length=20, choices=OpioidKind.choices, blank=True)
    opioid_last_use = models.DateField(null=True)
    opioids_on = models.DateField(null=True)
    # What calls for caution; null was never asked, empty is none of them.
    cautions = ArrayField(models.CharField(max_length=30, choices=Caution.choices), null=True)
    cautions_on = models.DateField(null=True)
    procedure_on = models.DateField(null=True)
    weight_kg = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    height_cm = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    measured_on = models.DateField(null=True)
    # Of two records of one person, the one that is kept.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="merged"
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())

    objects = PatientQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["practice", "family_name", "given_name"], name="patient_by_name"),
            # The same person at another practice, for the pharmacist.
            models.Index(
                Upper("family_name"), Upper("given_name"), F("birth_date"), name="patient_by_person"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(merged_into=F("id")), name="a_patient_is_not_merged_into_itself"
            ),
            models.CheckConstraint(
                condition=Q(cautions=None, cautions_on=None)
                | Q(cautions__isnull=False, cautions_on__isnull=False),
                name="answers_on_cautions_are_dated",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="patient_is_never_deleted", operation=pgtrigger.Delete),
            never_truncated("patient"),
        ]

    def __str__(self) -> str:
        return self.reference
