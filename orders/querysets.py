from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.permissions import Right
from orders.status import (
    AT_THE_PHARMACY,
    DONE,
    OPEN,
    UNSIGNED,
    FillState,
    ImportState,
    SignatureKind,
    Status,
)

if TYPE_CHECKING:
    from accounts.models import User
    from orders.models import Fill, Order, Patient, PatientImport, PatientImportRow  # noqa: F401


class PatientQuerySet(models.QuerySet["Patient"]):
    def visible_to(self, user: User) -> PatientQuerySet:
        """A practice's own patients; nobody else lists patients."""
        if user.has_right(Right.VIEW_PRACTICE_ORDERS) and user.practice_id:
            return self.filter(practice_id=user.practice_id)
        return self.none()

    def kept(self) -> PatientQuerySet:
        """Without the records that were merged into another."""
        return self.filter(merged_into=None)

    def same_person(self, family: str, given: str, born: date) -> PatientQuerySet:
        """By name, in capitals or not, and birth date; the index patient_by_person finds them."""
        return self.filter(
            family_name__iexact=family, given_name__iexact=given, birth_date=born
        ).order_by("pk")

    def like(self, patient: Patient) -> PatientQuerySet:
        """Perhaps the same person: one name of two and the birth date, or both names."""
        names = Q(family_name__iexact=patient.family_name, given_name__iexact=patient.given_name)
        one = Q(family_name__iexact=patient.family_name) | Q(given_name__iexact=patient.given_name)
        born = Q(birth_date=patient.birth_date)
        return self.filter(names | (one & born)).order_by("family_name", "given_name", "pk")

    def named(self, words: str) -> PatientQuerySet:
        """Patients in whose name every one of the words begins a part."""
        found = self
        for word in words.split():
            found = found.filter(Q(family_name__istartswith=word) | Q(given_name__istartswith=word))
        return found


class PatientImportQuerySet(models.QuerySet["PatientImport"]):
    def visible_to(self, user: User) -> PatientImportQuerySet:
        """The practice's own, for those who may keep its patients."""
        if user.has_right(Right.PREPARE_ORDERS) and user.practice_id:
            return self.filter(practice_id=user.practice_id)
        return self.none()

    def open(self) -> PatientImportQuerySet:
        """Not at its end: rows of patients are still kept."""
        ended = [ImportState.DONE, ImportState.FAILED, ImportState.DROPPED]
        return self.exclude(state__in=ended)

    def in_hand(self) -> PatientImportQuerySet:
        """What a worker may take up now: nobody works on it, or whoever did has gone."""
        return self.filter(
            Q(busy_until=None) | Q(busy_until__lte=Now()),
            state__in=[ImportState.READING, ImportState.IMPORTING],
        )

    def light(self) -> PatientImportQuerySet:
        """Without the file."""
        return self.defer("content")


class PatientImportRowQuerySet(models.QuerySet["PatientImportRow"]):
    def wrong(self) -> PatientImportRowQuerySet:
        return self.exclude(errors={})

    def twins(self) -> PatientImportRowQuerySet:
        """Right, but the same person as a record of the practice or an earlier line."""
        return self.filter(errors={}).exclude(twin=None, twin_line=None)

    def ready(self) -> PatientImportRowQuerySet:
        return self.filter(errors={}, twin=None, twin_line=None)


class OrderQuerySet(models.QuerySet["Order"]):
    # --- who may see what ---
    def visible_to(self, user: User) -> OrderQuerySet:
        """The practice's own orders for its members; everything sent for the pharmacy's staff."""
        if user.has_right(Right.VIEW_QUEUE):
            return self.sent()
        if user.has_right(Right.VIEW_PRACTICE_ORDERS) and user.practice_id:
            return self.filter(practice_id=user.practice_id)
        return self.none()

    def sent(self) -> OrderQuerySet:
        """Orders that were signed; a draft is the practice's own business."""
        return self.filter(submitted_at__isnull=False)

    def of_person(self, patient: Patient) -> OrderQuerySet:
        """All orders of one person of a practice, those of merged records too."""
        kept = patient.merged_into_id or patient.pk
        return self.filter(Q(patient_id=kept) | Q(patient__merged_into_id=kept))

    def of_the_same(self, order: Order) -> OrderQuerySet:
        """The person's other orders of the same drug at the same practice."""
        same = self.filter(practice_id=order.practice_id, product__drug_id=order.product.drug_id)
        return same.of_person(order.patient).exclude(pk=order.pk)

    def replaceable_by(self, order: Order) -> OrderQuerySet:
        """Verified orders whose refills another one may end."""
        return self.of_the_same(order).filter(status=Status.APPROVED, refills_ended_by=None)

    def newer_than(self, order: Order) -> OrderQuerySet:
        """What was signed later for the same treatment and still stands."""
        later = self.of_the_same(order).filter(submitted_at__gt=order.submitted_at)
        return later.filter(status__in=(*OPEN, Status.APPROVED))

    # --- the practice's tabs ---
    def action_needed(self) -> OrderQuerySet:
        return self.filter(status=Status.NEEDS_CLARIFICATION)

    def drafts(self) -> OrderQuerySet:
        return self.filter(status=Status.DRAFT)

    def awaiting_signature(self) -> OrderQuerySet:
        return self.filter(status=Status.AWAITING_SIGNATURE)

    def unsigned(self) -> OrderQuerySet:
        return self.filter(status__in=UNSIGNED)

    def waiting_for(self, user: User) -> OrderQuerySet:
        """What was handed over to this prescriber in the practice worked for now."""
        return self.visible_to(user).awaiting_signature().filter(prescriber__user_id=user.pk)

    def at_the_pharmacy(self) -> OrderQuerySet:
        return self.filter(status__in=AT_THE_PHARMACY)

    def done(self) -> OrderQuerySet:
        return self.filter(status__in=DONE)

    # --- the pharmacist's tabs ---
    def free_for(self, user: User) -> OrderQuerySet:
        """What the user may claim now: unheld or lapsed, and not reserved for a colleague."""
        return self.filter(
            Q(status=Status.SUBMITTED)
            & (Q(reserved_for=None) | Q(reserved_for=user) | Q(reserved_until__lte=Now()))
            | Q(status=Status.IN_REVIEW, held_until__lte=Now())
        )

    def not_cleared_by(self, user: User) -> OrderQuerySet:
        """Without those that wait for another pharmacist to clear what the user cleared first."""
        theirs = self.model.objects.filter(reviews__decision="cleared", reviews__pharmacist=user)
        return self.exclude(pk__in=theirs.values("pk"))

    def held_by(self, user: User) -> OrderQuerySet:
        return self.filter(status=Status.IN_REVIEW, holder=user)

    def actionable_for(self, user: User) -> OrderQuerySet:
        """Everything unheld plus one's own; a colleague's held orders are left out."""
        return self.filter(
            Q(status=Status.SUBMITTED)
            | Q(status=Status.IN_REVIEW, holder=user)
            | Q(status=Status.IN_REVIEW, held_until__lte=Now())
        )

    def on_hold(self) -> OrderQuerySet:
        return self.filter(status=Status.ON_HOLD)

    def held_to(self, day: date) -> OrderQuerySet:
        """On hold until a day or one before it, the earliest first."""
        due = self.on_hold().filter(review_on__lte=day).select_related("practice")
        return due.order_by("review_on", "id")

    def open_beyond(self, day: date) -> OrderQuerySet:
        """At the pharmacy and not decided, with a validity that ended before a day."""
        return self.filter(status__in=OPEN, expires_on__lt=day).select_related("practice")

    def ending_by(self, day: date) -> OrderQuerySet:
        """Verified, with a validity that ends by a day and refills that it would end."""
        ending = self.filter(status=Status.APPROVED, expires_on__lte=day, refills_ended_by=None)
        return ending.filter(refills__gt=0).select_related("practice")

    def to_countersign(self) -> OrderQuerySet:
        """Verbal orders that still stand and wait for their prescriber's own signature."""
        return self.filter(
            signature__kind=SignatureKind.VERBAL,
            countersignature=None,
            status__in=(*OPEN, Status.APPROVED),
        ).order_by("signature__signed_at")

    def in_review(self) -> OrderQuerySet:
        return self.filter(status=Status.IN_REVIEW)

    def decided_since(self, moment: datetime) -> OrderQuerySet:
        return self.filter(status__in=DONE, decided_at__gte=moment)

    def lapsed(self) -> OrderQuerySet:
        return self.filter(status=Status.IN_REVIEW, held_until__lte=Now())

    def urgent_first(self) -> OrderQuerySet:
        """The queue's total order: urgent, then oldest, then id."""
        return self.order_by("-is_urgent", "submitted_at", "id")

    def for_rows(self) -> OrderQuerySet:
        """With everything that a row of a list shows, in a constant number of statements."""
        return self.select_related(
            "patient",
            "prescriber",
            "practice",
            "product__drug",
            "indication",
            "holder",
            "reserved_for",
        ).prefetch_related("steps__product", "findings")

    def for_signing(self) -> OrderQuerySet:
        """With everything that is signed."""
        return self.select_related(
            "patient",
            "prescriber",
            "practice",
            "product__drug",
            "indication",
            "reason",
            "urgent_reason",
            "ship_to_location",
            "seen_location",
            "supervision",
        ).prefetch_related("steps__product")

    def for_page(self) -> OrderQuerySet:
        """With everything that one order's page shows."""
        return self.for_rows().select_related(
            "reason",
            "urgent_reason",
            "prepared_by",
            "prescriber__user",
            "signature",
            "ship_to_location",
            "seen_location",
            "supervision",
        )

    def for_paper(self) -> OrderQuerySet:
        """With everything that the prescription on paper is set from and compared with."""
        return self.for_page().select_related("signature__recorded_by", "revises", "reorder_of")


class FillQuerySet(models.QuerySet["Fill"]):
    def visible_to(self, user: User) -> FillQuerySet:
        """Every fill for the pharmacy's staff, the own orders' for a practice."""
        if user.has_right(Right.VIEW_QUEUE):
            return self
        if user.has_right(Right.VIEW_PRACTICE_ORDERS) and user.practice_id:
            return self.filter(order__practice_id=user.practice_id)
        return self.none()

    def requested(self) -> FillQuerySet:
        """Refills that a practice asked for and nobody decided."""
        return self.filter(state=FillState.REQUESTED)

    def released(self) -> FillQuerySet:
        return self.filter(state=FillState.RELEASED)

    def for_rows(self) -> FillQuerySet:
        """With what a row of a list shows, in a constant number of statements."""
        return self.select_related(
            "asked_by", "order__patient", "order__prescriber", "order__practice",
            "order__product__drug",
        ).prefetch_related("order__steps__product")  # fmt: skip

    def for_page(self) -> FillQuerySet:
        """With everything that a refill's page shows."""
        return self.for_rows().select_related(
            "decided_by", "refusal", "early_reason", "order__signature", "order__prescriber__user",
            "order__indication", "order__reason", "order__ship_to_location",
        )  # fmt: skip

    def ending_by(self, day: date) -> FillQuerySet:
        """Supplies of orders that stand, which end by a day and whose end nobody was told of."""
        return self.released().filter(
            ends_on__lte=day,
            ends_on__gte=day - timedelta(days=60),
            end_noticed_at=None,
            order__status=Status.APPROVED,
            order__refills_ended_by=None,
        )
