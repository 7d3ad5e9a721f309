from __future__ import annotations

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Prescriber
from intake.models.application import Applicant, Application
from intake.querysets import UploadQuerySet
from intake.status import SERVED, Scan, UploadKind


def private_storage() -> Storage:
    """Where papers lie: never below a folder that the web server hands out."""
    return storages["private"]


class Upload(models.Model):
    """One paper, under a random name. Belongs to an application, or to a prescriber on file."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, null=True, related_name="uploads"
    )
    applicant = models.ForeignKey(
        Applicant, on_delete=models.CASCADE, null=True, related_name="uploads"
    )
    prescriber = models.ForeignKey(
        Prescriber, on_delete=models.PROTECT, null=True, related_name="uploads"
    )
    kind = models.CharField(max_length=20, choices=UploadKind.choices)
    # As the sender called it, made printable; never a path.
    name = models.CharField(max_length=120)
    file = models.FileField(storage=private_storage, max_length=200)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    pages = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(db_default=Now())
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    scan = models.CharField(max_length=20, choices=Scan.choices)
    scanned_at = models.DateTimeField(null=True)
    # When the scanner is to be asked, again or for the first time; null: nothing to ask.
    scan_due_at = models.DateTimeField(null=True)
    scan_attempts = models.PositiveSmallIntegerField(default=0)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["scan_due_at"],
                name="upload_to_scan",
                condition=Q(scan_due_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(application__isnull=False, prescriber=None)
                | Q(application=None, applicant=None, prescriber__isnull=False),
                name="upload_belongs_to_an_application_or_a_prescriber",
            ),
            models.CheckConstraint(
                condition=~Q(scan="held") | Q(scan_due_at__isnull=False),
                name="held_upload_is_asked_about_again",
            ),
        ]

    def __str__(self) -> str:
        return f"upload {self.pk}"

    @property
    def is_served(self) -> bool:
        """Whether the file may leave the house."""
        return self.scan in SERVED
