from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Prescriber
from accounts.permissions import Right
from accounts.status import Role
from intake.status import DONE, OPEN, SERVED, Decision, QuestionStatus, Status

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User
    from intake.models import (  # noqa: F401
        Application,
        CheckPlan,
        CredentialCheck,
        LicenceRenewal,
        Question,
        Upload,
    )


class ApplicationQuerySet(models.QuerySet["Application"]):
    def reviewable_by(self, user: User) -> ApplicationQuerySet:
        """What was sent, for who reviews; for everybody else nothing."""
        if not user.has_right(Right.REVIEW_APPLICATIONS):
            return self.none()
        return self.exclude(status=Status.DRAFT)

    def opened_by(self, keys: object) -> ApplicationQuerySet:
        """The applications whose private links this browser opened: their ids in its session."""
        pks = [key for key in keys if isinstance(key, int)] if isinstance(keys, list) else []
        return self.filter(pk__in=pks)

    def of_practice(self, user: User) -> ApplicationQuerySet:
        """Applications that the user's present practice asked for."""
        return self.filter(practice_id=user.practice_id) if user.practice_id else self.none()

    def free_for(self, user: User) -> ApplicationQuerySet:
        """What `user` may claim now: free, lapsed, or reserved for nobody else."""
        unreserved = Q(reserved_for=None) | Q(reserved_for=user) | Q(reserved_until__lte=Now())
        lapsed = Q(status=Status.UNDER_REVIEW, held_until__lte=Now())
        return self.filter((Q(status=Status.SUBMITTED) & unreserved) | lapsed)

    def actionable_for(self, user: User) -> ApplicationQuerySet:
        """Unclaimed, lapsed, and one's own."""
        mine = Q(holder=user) | Q(held_until__lte=Now())
        return self.filter(Q(status=Status.SUBMITTED) | Q(status=Status.UNDER_REVIEW) & mine)

    def held_by(self, user: User) -> ApplicationQuerySet:
        return self.filter(status=Status.UNDER_REVIEW, holder=user)

    def lapsed(self) -> ApplicationQuerySet:
        return self.filter(status=Status.UNDER_REVIEW, held_until__lte=Now())

    def waiting_on_applicant(self) -> ApplicationQuerySet:
        return self.filter(status=Status.INFO_REQUESTED)

    def decided_since(self, moment: datetime) -> ApplicationQuerySet:
        return self.filter(status__in=DONE, decided_at__gte=moment)

    def open(self) -> ApplicationQuerySet:
        return self.filter(status__in=OPEN)

    def oldest_first(self) -> ApplicationQuerySet:
        return self.order_by("submitted_at", "pk")

    def returnable(self, email: str, *, since: datetime) -> ApplicationQuerySet:
        """What was started with this address and is open, or was decided since then."""
        recent = Q(decided_at=None) | Q(decided_at__gte=since)
        return self.filter(recent, contact_email=email)

    def abandoned_since(self, moment: datetime) -> ApplicationQuerySet:
        """Drafts that nobody has saved since then."""
        return self.filter(status=Status.DRAFT, saved_at__lt=moment)


class UploadQuerySet(models.QuerySet["Upload"]):
    def reviewable_by(self, user: User) -> UploadQuerySet:
        """Papers of what was sent, for who reviews."""
        if not user.has_right(Right.REVIEW_APPLICATIONS):
            return self.none()
        return self.exclude(application__status=Status.DRAFT)

    def of_practice(self, user: User) -> UploadQuerySet:
        """Papers on file of those who prescribe in the practice that the user works for now."""
        return self.filter(prescriber__in=Prescriber.objects.visible_to(user))

    def served(self) -> UploadQuerySet:
        """Those that may leave the house: not held, not infected."""
        return self.filter(scan__in=SERVED)

    def to_scan(self) -> UploadQuerySet:
        return self.filter(scan_due_at__lte=Now()).order_by("scan_due_at")


class CredentialCheckQuerySet(models.QuerySet["CredentialCheck"]):
    def of_prescribers(self, user: User) -> CredentialCheckQuerySet:
        """Checks of prescribers on file, for who reviews accounts; for everybody else none."""
        if not user.has_right(Right.REVIEW_APPLICATIONS):
            return self.none()
        return self.filter(prescriber__isnull=False)

    def newest(self) -> CredentialCheckQuerySet:
        """The newest check of each kind and subject for each person."""
        person = ("applicant_id", "prescriber_id", "kind", "subject")
        return self.order_by(*person, "-id").distinct(*person)

    def of_same_finding(self, row: CredentialCheck) -> CredentialCheckQuerySet:
        """Rows of anybody that tell what `row` tells."""
        return self.filter(
            kind=row.kind,
            subject=row.subject,
            outcome=row.outcome,
            query=row.query,
            matches=row.matches,
        )


class CheckPlanQuerySet(models.QuerySet["CheckPlan"]):
    # Every comparison is with the database's clock.
    def claimable(self) -> CheckPlanQuerySet:
        """Due, and nobody at it: no lease, or one that ran out."""
        free = Q(lease_until=None) | Q(lease_until__lte=Now())
        return self.filter(free, due_at__lte=Now())

    def to_run(self) -> CheckPlanQuerySet:
        """Claimable; applicants wait for a decision, so they come before prescribers on file."""
        return self.claimable().order_by(
            models.F("applicant_id").asc(nulls_last=True), "due_at", "pk"
        )

    def under_review(self) -> CheckPlanQuerySet:
        """Plans of applicants that somebody is to decide on now."""
        return self.filter(
            applicant__application__status=Status.UNDER_REVIEW,
            applicant__decision=Decision.PENDING,
        )


class LicenceRenewalQuerySet(models.QuerySet["LicenceRenewal"]):
    def reviewable_by(self, user: User) -> LicenceRenewalQuerySet:
        """Every licence that practices gave, for who decides; for everybody else none."""
        return self.all() if user.has_right(Right.REVIEW_APPLICATIONS) else self.none()

    def visible_to(self, user: User) -> LicenceRenewalQuerySet:
        """Those of the people who prescribe in the practice that the user works for now."""
        if not user.practice_id:
            return self.none()
        return self.filter(
            prescriber__user__memberships__practice_id=user.practice_id,
            prescriber__user__memberships__role=Role.PRESCRIBER,
            prescriber__user__memberships__ended_at=None,
        )

    def waiting(self) -> LicenceRenewalQuerySet:
        return self.filter(accepted=None)


class QuestionQuerySet(models.QuerySet["Question"]):
    def answerable_by(self, user: User) -> QuestionQuerySet:
        """Every question, for who answers them; for everybody else none."""
        return self.all() if user.has_right(Right.ANSWER_ENQUIRIES) else self.none()

    def asked_by_user(self, user: User) -> QuestionQuerySet:
        return self.filter(asked_by=user).order_by("-asked_at", "-pk")

    def published(self) -> QuestionQuerySet:
        return self.filter(published_at__isnull=False).order_by("-published_at", "-pk")

    def waiting(self) -> QuestionQuerySet:
        return self.filter(status=QuestionStatus.WAITING)

    def actionable_for(self, user: User) -> QuestionQuerySet:
        mine = Q(holder=user) | Q(held_until__lte=Now())
        return self.filter(Q(status=QuestionStatus.WAITING) | Q(status=QuestionStatus.HELD) & mine)

    def held_by(self, user: User) -> QuestionQuerySet:
        return self.filter(status=QuestionStatus.HELD, holder=user, held_until__gt=Now())

    def lapsed(self) -> QuestionQuerySet:
        return self.filter(status=QuestionStatus.HELD, held_until__lte=Now())

    def done(self) -> QuestionQuerySet:
        """Answered, or closed without an answer."""
        return self.filter(status__in=[QuestionStatus.ANSWERED, QuestionStatus.CLOSED])

    def free_for(self, user: User) -> QuestionQuerySet:
        lapsed = Q(status=QuestionStatus.HELD, held_until__lte=Now())
        return self.filter(Q(status=QuestionStatus.WAITING) | lapsed)

    def oldest_first(self) -> QuestionQuerySet:
        return self.order_by("asked_at", "pk")
