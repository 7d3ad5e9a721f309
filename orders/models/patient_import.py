from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Practice
from events.references import new_reference
from orders.models.patient import Patient
from orders.querysets import PatientImportQuerySet, PatientImportRowQuerySet
from orders.status import ImportState


def import_reference() -> str:
    return new_reference("IM")


class PatientImport(models.Model):
    """A practice's list of patients, from the upload to the result.

    The database owns the retry: the upload is kept here until it is read, a worker takes the work
    for a while (`busy_until`), and another goes on where it stood.
    """

    reference = models.CharField(max_length=12, unique=True, default=import_reference)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    state = models.CharField(
        max_length=10, choices=ImportState.choices, default=ImportState.READING
    )
    version = models.PositiveIntegerField(default=1)
    busy_until = models.DateTimeField(null=True)
    # What was sent, until it is read.
    content = models.BinaryField(null=True)
    encoding = models.CharField(max_length=12)
    # Why the file could not be read, in words; empty when it could.
    problem = models.CharField(max_length=300, blank=True)
    # [header of the file, name of our field or ""]
    columns = models.JSONField(default=list)
    total = models.PositiveSmallIntegerField(default=0)
    # How many rows were worked on in this state.
    worked = models.PositiveSmallIntegerField(default=0)
    made = models.PositiveSmallIntegerField(default=0)
    # Lines of the file that made nobody: {"wrong": [4, 17], "skipped": [23]}
    left_out = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)

    objects = PatientImportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                name="patient_import_open",
                condition=Q(state__in=["reading", "importing"]),
            ),
            models.Index(fields=["practice", "-id"], name="patient_import_of_practice"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="reading") | Q(content__isnull=False),
                name="an_import_being_read_has_its_file",
            ),
            models.CheckConstraint(
                condition=Q(state="reading") | Q(content=None),
                name="a_file_that_was_read_is_not_kept",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class PatientImportRow(models.Model):
    """One line of the file as it reads, until it is imported or a week has passed."""

    batch = models.ForeignKey(PatientImport, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveSmallIntegerField()
    # By field as typed, and what is wrong with it.
    values = models.JSONField()
    errors = models.JSONField(default=dict)
    # The same person: a record of the practice, or an earlier line of the file.
    twin = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="+")
    twin_line = models.PositiveSmallIntegerField(null=True)
    create_anyway = models.BooleanField(default=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="+")
    is_done = models.BooleanField(default=False)

    objects = PatientImportRowQuerySet.as_manager()

    class Meta:
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "line"], name="a_line_is_read_once"),
            models.CheckConstraint(
                condition=Q(patient=None) | Q(errors={}, is_done=True),
                name="a_line_with_errors_makes_no_patient",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} line {self.line}"
