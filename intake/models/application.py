from __future__ import annotations

from datetime import timedelta

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Practice, Prescriber
from events.references import new_reference
from events.triggers import append_only, never_truncated
from formulary.models import Reason
from intake.querysets import ApplicationQuerySet
from intake.status import ALLOWED_MOVES, Decision, FilledBy, Kind, Status


def application_reference() -> str:
    return new_reference("NA")


class Application(models.Model):
    """One new-account form, from its first page to the decision.

    `answers` holds what was accepted of each page that concerns the practice: section → field →
    value as typed, lists for pages that repeat. intake.sections reads and writes it.
    """

    reference = models.CharField(max_length=12, unique=True, default=application_reference)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.NEW_ACCOUNT)
    filled_by = models.CharField(max_length=20, choices=FilledBy.choices)
    contact_name = models.CharField(max_length=120)
    contact_email = models.EmailField(max_length=254)
    # The member who asks for a further prescriber, and their practice; else made at approval.
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    practice = models.ForeignKey(
        Practice, on_delete=models.PROTECT, null=True, related_name="applications"
    )
    answers = models.JSONField(default=dict)

    status = models.CharField(max_length=20, choices=Status.choices, default=Status.DRAFT)
    status_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    saved_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    waited = models.DurationField(default=timedelta)
    decided_at = models.DateTimeField(null=True)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    held_until = models.DateTimeField(null=True)
    # After an answer the application waits for who asked, for a while.
    reserved_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reserved_until = models.DateTimeField(null=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                F("submitted_at"), F("id"),
                name="application_queue",
                condition=Q(status__in=["submitted", "under_review"]),
            ),
            models.Index(
                fields=["paused_at"],
                name="application_waiting",
                condition=Q(status="info_requested"),
            ),
            models.Index(
                fields=["holder"], name="application_held", condition=Q(status="under_review")
            ),
            models.Index(fields=["decided_at"], name="application_decided"),
            models.Index(fields=["saved_at"], name="application_drafts", condition=Q(status="draft")),
            models.Index(fields=["contact_email"], name="application_by_mail"),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(
                condition=Q(status="draft", submitted_at=None)
                | (~Q(status="draft") & Q(submitted_at__isnull=False)),
                name="application_is_dated_once_it_was_sent",
            ),
            models.CheckConstraint(
                condition=Q(status="under_review", holder__isnull=False, held_until__isnull=False)
                | (~Q(status="under_review") & Q(holder=None, held_until=None)),
                name="application_in_review_has_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(status="info_requested", paused_at__isnull=False)
                | (~Q(status="info_requested") & Q(paused_at=None)),
                name="application_clock_rests_while_waiting",
            ),
            models.CheckConstraint(
                condition=Q(kind="new_account", started_by=None)
                | Q(kind="further", started_by__isnull=False, practice__isnull=False),
                name="further_prescriber_is_asked_for_by_a_practice",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["approved", "rejected"], decided_at__isnull=False)
                | (~Q(status__in=["approved", "rejected"]) & Q(decided_at=None)),
                name="decided_application_says_when",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="application_moves_by_the_table",
                field="status",
                transitions=[(str(here), str(there)) for here, there in ALLOWED_MOVES],
            ),
            pgtrigger.Protect(
                name="sent_application_is_never_deleted",
                operation=pgtrigger.Delete,
                condition=~pgtrigger.Q(old__status="draft"),
            ),
            never_truncated("application"),
            pgtrigger.Protect(
                name="sent_application_is_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__answers__df=pgtrigger.F("new__answers"))
                & ~pgtrigger.Q(old__status__in=["draft", "info_requested"]),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_writable(self) -> bool:
        """Whether the applicant may change answers now."""
        return self.status in (Status.DRAFT, Status.INFO_REQUESTED)


class Applicant(models.Model):
    """One prescriber of an application: their own answers, their own decision.

    `npi` and `email` repeat what the answers say, so that they can be looked up.
    """

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="applicants"
    )
    position = models.PositiveSmallIntegerField()
    answers = models.JSONField(default=dict)
    npi = models.CharField(max_length=10, blank=True, db_index=True)
    email = models.EmailField(max_length=254, blank=True, db_index=True)
    decision = models.CharField(max_length=20, choices=Decision.choices, default=Decision.PENDING)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.ForeignKey(Reason, on_delete=models.PROTECT, null=True, related_name="+")
    reason_text = models.CharField(max_length=500, blank=True)
    # Made, or found by the NPI, at approval.
    prescriber = models.ForeignKey(
        Prescriber, on_delete=models.PROTECT, null=True, related_name="applications"
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "position"], name="applicants_stand_in_one_order"
            ),
            models.CheckConstraint(
                condition=Q(decision="pending", decided_at=None, decided_by=None, prescriber=None)
                | Q(
                    decision="approved",
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    prescriber__isnull=False,
                )
                | Q(
                    decision="rejected",
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    prescriber=None,
                    reason__isnull=False,
                ),
                name="applicant_is_decided_by_somebody",
            ),
        ]
        triggers = [
            # FOR SHARE: an answer and a decision about it wait for each other.
            pgtrigger.Trigger(
                name="applicant_of_a_sent_application_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__answers__df=pgtrigger.F("new__answers"))
                | pgtrigger.Q(old__npi__df=pgtrigger.F("new__npi"))
                | pgtrigger.Q(old__email__df=pgtrigger.F("new__email")),
                declare=[("status_now", "text")],
                func="""
                    SELECT status INTO status_now FROM intake_application
                    WHERE id = NEW.application_id FOR SHARE;
                    IF status_now NOT IN ('draft', 'info_requested') THEN
                        RAISE EXCEPTION 'pgtrigger: application % was sent', NEW.application_id;
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} prescriber {self.position}"


class Acceptance(models.Model):
    """One agreement, accepted by the applicant in person: which text, when, from where, under
    which typed name."""

    applicant = models.ForeignKey(Applicant, on_delete=models.CASCADE, related_name="acceptances")
    agreement = models.CharField(max_length=40)
    agreement_version = models.CharField(max_length=20)
    text_sha256 = models.CharField(max_length=64)
    typed_name = models.CharField(max_length=120)
    ip = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["applicant", "agreement", "agreement_version", "typed_name"],
                name="agreement_is_accepted_once_under_a_name",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="acceptance_never_changes", operation=pgtrigger.Update),
            never_truncated("acceptance"),
        ]

    def __str__(self) -> str:
        return f"{self.applicant} {self.agreement} {self.agreement_version}"


class InfoRequest(models.Model):
    """What a reviewer asked the applicant for, once; its items name the fields to correct."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="info_requests"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(db_default=Now())
    text = models.CharField(max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(answered_at=None),
                name="one_request_is_open_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} request {self.pk}"


class InfoItem(models.Model):
    """One thing asked for: a coded reason and the fields of one section that may be corrected.

    `applicant` is empty for a section of the practice. `fields` empty: the whole section. `before`
    keeps what those fields said when they were asked about.
    """

    request = models.ForeignKey(InfoRequest, on_delete=models.PROTECT, related_name="items")
    applicant = models.ForeignKey(Applicant, on_delete=models.PROTECT, null=True, related_name="+")
    section = models.CharField(max_length=40)
    fields = ArrayField(models.CharField(max_length=60), default=list)
    reason = models.ForeignKey(Reason, on_delete=models.PROTECT, related_name="+")
    before = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]
        triggers = append_only("infoitem")

    def __str__(self) -> str:
        return f"{self.request} {self.section}"
