from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Prescriber
from events.triggers import append_only, never_truncated
from formulary.models import Reason
from intake.models.application import Applicant
from intake.querysets import CheckPlanQuerySet, CredentialCheckQuerySet
from intake.status import BoardStanding, CheckKind, Outcome

_OF_ONE = Q(applicant__isnull=False, prescriber=None) | Q(applicant=None, prescriber__isnull=False)


class CredentialCheck(models.Model):
    """One check as it was made: what was asked, of whom, what came back. Never changed.

    `run` is shared by the checks made together; the newest of each kind counts.
    """

    applicant = models.ForeignKey(
        Applicant, on_delete=models.CASCADE, null=True, related_name="checks"
    )
    prescriber = models.ForeignKey(
        Prescriber, on_delete=models.PROTECT, null=True, related_name="checks"
    )
    run = models.UUIDField(default=uuid.uuid4)
    kind = models.CharField(max_length=20, choices=CheckKind.choices)
    # Of several licences each has its own row: "NC S-1". Empty for the other kinds.
    subject = models.CharField(max_length=60, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    # Our sentence on the outcome: what agrees, what differs, why it could not be checked.
    text = models.CharField(max_length=500)
    query = models.JSONField(default=dict)
    matches = models.JSONField(default=list)
    source = models.CharField(max_length=200)
    at = models.DateTimeField(db_default=Now())

    objects = CredentialCheckQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["applicant", "kind", "subject", "-id"], name="check_of_applicant"),
            models.Index(
                fields=["prescriber", "kind", "subject", "-id"], name="check_of_prescriber"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=_OF_ONE, name="check_is_about_one_person"),
        ]
        triggers = [
            pgtrigger.Protect(name="check_never_changes", operation=pgtrigger.Update),
            never_truncated("credentialcheck"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}"


class Settlement(models.Model):
    """A reviewer's own look at a primary source that settles what a check left open."""

    check_row = models.OneToOneField(
        CredentialCheck, on_delete=models.PROTECT, related_name="settlement"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    primary_source = models.CharField(max_length=200)
    looked_up_on = models.DateField()
    reason = models.ForeignKey(Reason, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = append_only("settlement")

    def __str__(self) -> str:
        return f"settles {self.check_row_id}"


class LicenceVerification(models.Model):
    """A reviewer's look at the state board's own record of one licence of an applicant."""

    applicant = models.ForeignKey(
        Applicant, on_delete=models.PROTECT, related_name="licence_verifications"
    )
    state = models.CharField(max_length=2)
    number = models.CharField(max_length=30)
    primary_source = models.CharField(max_length=200)
    # The last day that was given when somebody looked: a look says nothing about another one.
    expires_on = models.DateField(null=True)
    standing = models.CharField(max_length=20, choices=BoardStanding.choices)
    looked_up_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["pk"]
        triggers = append_only("licenceverification")

    def __str__(self) -> str:
        return f"{self.state} {self.number}"


class CheckPlan(models.Model):
    """When a person's credentials are next to be checked; the database owns the retry."""

    applicant = models.OneToOneField(
        Applicant, on_delete=models.CASCADE, null=True, related_name="check_plan"
    )
    prescriber = models.OneToOneField(
        Prescriber, on_delete=models.CASCADE, null=True, related_name="check_plan"
    )
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    checked_at = models.DateTimeField(null=True)

    objects = CheckPlanQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="checks_due", condition=Q(due_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=_OF_ONE, name="check_plan_is_for_one_person"),
        ]

    def __str__(self) -> str:
        return f"checks due {self.due_at}"


class Exclusion(models.Model):
    """One row of the OIG's list of excluded individuals and entities, as published.

    Dates are YYYYMMDD; 00000000 and an empty text both say none, as 0000000000 does for the NPI.
    """

    last_name = models.TextField(blank=True)
    first_name = models.TextField(blank=True)
    middle_name = models.TextField(blank=True)
    business_name = models.TextField(blank=True)
    general = models.TextField(blank=True)
    specialty = models.TextField(blank=True)
    upin = models.TextField(blank=True)
    npi = models.TextField(blank=True)
    born = models.TextField(blank=True)
    address = models.TextField(blank=True)
    city = models.TextField(blank=True)
    state = models.TextField(blank=True)
    zip_code = models.TextField(blank=True)
    exclusion_type = models.TextField(blank=True)
    excluded_on = models.TextField(blank=True)
    reinstated_on = models.TextField(blank=True)
    waived_on = models.TextField(blank=True)
    waiver_state = models.TextField(blank=True)
    # Family and given names as they are searched (intake.names), one key for each way to write them.
    name_keys = ArrayField(models.CharField(max_length=130), default=list)

    class Meta:
        indexes = [
            models.Index(fields=["npi"], name="exclusion_by_npi"),
            GinIndex(fields=["name_keys"], name="exclusion_by_name"),
        ]

    def __str__(self) -> str:
        return f"exclusion {self.pk}"


class ExclusionList(models.Model):
    """The list as it was last loaded; without one, exclusions could not be checked."""

    loaded_at = models.DateTimeField(db_default=Now())
    file_name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    bad_npis = models.PositiveIntegerField()
    malformed = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.file_name
