from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Licence
from intake.querysets import LicenceRenewalQuerySet


class LicenceNotice(models.Model):
    """That a prescriber was told of a licence's end `days` ahead (0: it has ended); told once."""

    licence = models.ForeignKey(Licence, on_delete=models.CASCADE, related_name="notices")
    expires_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["licence", "expires_on", "days"], name="licence_notice_goes_out_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.licence_id}: {self.days} days"


class LicenceRenewal(models.Model):
    """A licence, new or with a new date, given by the practice; counts once a reviewer accepted it."""

    prescriber = models.ForeignKey(
        "accounts.Prescriber", on_delete=models.PROTECT, related_name="renewals"
    )
    licence = models.ForeignKey(
        Licence, on_delete=models.PROTECT, null=True, related_name="renewals"
    )
    state = models.CharField(max_length=2)
    kind = models.CharField(max_length=40)
    number = models.CharField(max_length=30)
    expires_on = models.DateField()
    # Prescriptive-authority number, of a licence that is not on file yet.
    authority = models.CharField(max_length=30, blank=True)
    upload = models.ForeignKey(
        "intake.Upload", on_delete=models.PROTECT, null=True, related_name="+"
    )
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    given_at = models.DateTimeField(db_default=Now())
    # How it ended: accepted or refused, by whom, after which look at the primary source.
    accepted = models.BooleanField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    primary_source = models.CharField(max_length=200, blank=True)
    looked_up_on = models.DateField(null=True)
    text = models.CharField(max_length=300, blank=True)

    objects = LicenceRenewalQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted=None, decided_at=None, decided_by=None)
                | Q(accepted__isnull=False, decided_at__isnull=False, decided_by__isnull=False),
                name="licence_renewal_is_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.number}"
