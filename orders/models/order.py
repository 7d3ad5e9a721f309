from __future__ import annotations

from datetime import datetime, timedelta

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Location, Practice, Prescriber, Supervision
from events.references import new_reference
from events.triggers import never_truncated
from formulary.models import Indication, Product, Reason
from orders.models.patient import Patient
from orders.querysets import OrderQuerySet
from orders.status import (
    ALLOWED_MOVES,
    Allergies,
    BillTo,
    Caution,
    Decision,
    OpioidKind,
    OpioidUse,
    SeenWhere,
    ShipTo,
    Status,
    TreatmentStatus,
)


def order_reference() -> str:
    return new_reference("RX")


# The columns of what a prescriber signs: frozen once the order has left draft.
CLINICAL_COLUMNS = (
    "reference", "practice_id", "patient_id", "prescriber_id", "product_id", "indication_id",
    "icd_code", "reason_id", "reason_text", "days_supply", "refills", "treatment_status",
    "allergies", "allergies_text", "opioid_use", "opioid_kind", "opioid_last_use", "medicines",
    "is_urgent", "urgent_reason_id", "ship_to", "ship_to_location_id", "note", "form_token", "form_sha256",
    "icd_label", "rationale", "seen_where", "seen_location_id", "seen_state", "effective_on", "cautions",
    "cautions_on", "procedure_on", "naltrexone_last_dose", "obstruction_excluded", "weight_kg",
    "height_cm", "avoid", "bill_to", "supervision_id", "revises_id", "revision", "reorder_of_id",
)  # fmt: skip
# Set by the signature, never after.
SIGNED_COLUMNS = ("written_on", "expires_on")
_UNSIGNED = "('draft', 'awaiting_signature')"
_SIGNING_CHANGED = pgtrigger.Condition(
    f"OLD.status NOT IN {_UNSIGNED} AND ("
    + " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in SIGNED_COLUMNS)
    + ")"
)
_SIGNED_AND_CHANGED = pgtrigger.Condition(
    "NOT (OLD.status = 'draft' AND NEW.status = 'draft') AND ("
    + " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in CLINICAL_COLUMNS)
    + ")"
)


class Order(models.Model):
    """One prescription order, from draft to decision. Its clinical part is frozen once signed."""

    reference = models.CharField(max_length=12, unique=True, default=order_reference)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="orders")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="orders")
    prescriber = models.ForeignKey(Prescriber, on_delete=models.PROTECT, related_name="orders")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # The token of the form that made the draft, with the hash of what it sent.
    form_token = models.UUIDField()
    form_sha256 = models.CharField(max_length=64)

    # What is prescribed
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="orders")
    # Empty: another diagnosis than those of the formulary, told by its code alone.
    indication = models.ForeignKey(
        Indication, on_delete=models.PROTECT, null=True, related_name="+"
    )
    icd_code = models.CharField(max_length=8)
    icd_label = models.CharField(max_length=300, blank=True)
    # Why, for a condition that is not documented.
    rationale = models.CharField(max_length=300, blank=True)
    reason = models.ForeignKey(Reason, on_delete=models.PROTECT, related_name="+")
    reason_text = models.CharField(max_length=300, blank=True)
    days_supply = models.PositiveSmallIntegerField()
    refills = models.PositiveSmallIntegerField()
    treatment_status = models.CharField(max_length=20, choices=TreatmentStatus.choices, blank=True)
    allergies = models.CharField(max_length=20, choices=Allergies.choices, blank=True)
    allergies_text = models.CharField(max_length=300, blank=True)
    opioid_use = models.CharField(max_length=20, choices=OpioidUse.choices, blank=True)
    opioid_kind = models.CharField(max_length=20, choices=OpioidKind.choices, blank=True)
    opioid_last_use = models.DateField(null=True)
    # One medicine a line; null is unanswered, empty is none.
    medicines = models.TextField(max_length=1000, null=True)
    is_urgent = models.BooleanField(default=False)
    urgent_reason = models.ForeignKey(Reason, on_delete=models.PROTECT, null=True, related_name="+")
    ship_to = models.CharField(max_length=10, choices=ShipTo.choices)
    # One of the practice's further addresses; empty: its main one, or the patient's.
    ship_to_location = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, related_name="+"
    )
    note = models.CharField(max_length=210, blank=True)
    bill_to = models.CharField(max_length=10, choices=BillTo.choices, blank=True)
    # Where the patient was when prescribed for.
    seen_where = models.CharField(max_length=12, choices=SeenWhere.choices, blank=True)
    seen_location = models.ForeignKey(
        Location, on_delete=models.PROTECT, null=True, related_name="+"
    )
    seen_state = models.CharField(max_length=2, blank=True)
    # The first day on which a dose may be taken; empty: on receipt.
    effective_on = models.DateField(null=True)
    # The answers on cautions as they stood, and the day they were given.
    cautions = ArrayField(models.CharField(max_length=30, choices=Caution.choices), null=True)
    cautions_on = models.DateField(null=True)
    procedure_on = models.DateField(null=True)
    naltrexone_last_dose = models.DateField(null=True)
    obstruction_excluded = models.BooleanField(null=True)
    weight_kg = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    height_cm = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    # Excipients to leave out.
    avoid = models.CharField(max_length=200, blank=True)
    supervision = models.ForeignKey(
        Supervision, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # The order that this one stands in for, once signed; each revision counts one up.
    revises = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="revisions"
    )
    revision = models.PositiveSmallIntegerField(default=1)
    # The earlier order that this one was prefilled from.
    reorder_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="reorders"
    )

    # Where it stands
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.DRAFT)
    status_at = models.DateTimeField(default=timezone.now)
    status_reason = models.CharField(max_length=120, blank=True)
    # What the pharmacist wrote to the practice with a hold or a cancellation.
    status_text = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    handed_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    handed_over_at = models.DateTimeField(null=True)
    # The day of the signature at the practice, and the last day on which a fill may start; None:
    # the state sets no end.
    written_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    # The order that replaced this one after it was verified, and so ended its refills.
    refills_ended_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="ended_refills_of"
    )
    # The day on which an order on hold comes back by itself.
    review_on = models.DateField(null=True)
    submitted_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    waited = models.DurationField(default=timedelta)
    decided_at = models.DateTimeField(null=True)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    held_until = models.DateTimeField(null=True)
    reserved_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reserved_until = models.DateTimeField(null=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                F("is_urgent").desc(), F("submitted_at"), F("id"),
                name="order_queue",
                condition=Q(status__in=["submitted", "in_review"]),
            ),
            models.Index(
                fields=["paused_at"],
                name="order_waiting",
                condition=Q(status="needs_clarification"),
            ),
            models.Index(fields=["holder"], name="order_held", condition=Q(status="in_review")),
            models.Index(
                fields=["review_on"], name="order_on_hold", condition=Q(status="on_hold")
            ),
            models.Index(
                fields=["expires_on"],
                name="order_expires",
                condition=Q(
                    status__in=[
                        "submitted", "in_review", "needs_clarification", "on_hold", "approved"
                    ]
                ),
            ),
            models.Index(fields=["decided_at"], name="order_decided"),
            models.Index(fields=["practice", "status", "-status_at"], name="order_of_practice"),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                fields=["prepared_by", "form_token"], name="a_form_makes_one_order"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "awaiting_signature"], submitted_at=None)
                | Q(status="cancelled")
                | (
                    ~Q(status__in=["draft", "awaiting_signature"])
                    & Q(submitted_at__isnull=False, due_at__isnull=False)
                ),
                name="order_is_signed_before_it_leaves_draft",
            ),
            models.CheckConstraint(
                condition=Q(status="in_review", holder__isnull=False, held_until__isnull=False)
                | (~Q(status="in_review") & Q(holder=None, held_until=None)),
                name="order_in_review_has_one_holder",
            ),
            models.CheckConstraint(
                condition=Q(status="needs_clarification", paused_at__isnull=False)
                | (~Q(status="needs_clarification") & Q(paused_at=None)),
                name="order_clock_rests_while_waiting",
            ),
            models.CheckConstraint(
                condition=Q(status="on_hold", review_on__isnull=False)
                | (~Q(status="on_hold") & Q(review_on=None)),
                name="order_on_hold_has_a_day_of_review",
            ),
            models.CheckConstraint(
                condition=~Q(status="awaiting_signature")
                | Q(handed_over_at__isnull=False, handed_over_by__isnull=False),
                name="order_awaiting_a_signature_was_handed_over",
            ),
            models.CheckConstraint(
                condition=Q(cautions=None, cautions_on=None)
                | Q(cautions__isnull=False, cautions_on__isnull=False),
                name="cautions_of_an_order_are_dated",
            ),
            models.CheckConstraint(
                condition=Q(seen_where="", seen_state="") | ~Q(seen_where=""),
                name="order_says_where_the_patient_was_seen",
            ),
            models.CheckConstraint(
                condition=Q(revises=None, revision=1) | Q(revises__isnull=False, revision__gt=1),
                name="a_revision_names_what_it_revises",
            ),
            models.UniqueConstraint(
                fields=["revises"],
                condition=Q(revises__isnull=False) & ~Q(status="cancelled"),
                name="an_order_has_one_revision_in_hand",
            ),
            models.CheckConstraint(
                condition=Q(is_urgent=False, urgent_reason=None)
                | Q(is_urgent=True, urgent_reason__isnull=False),
                name="urgent_order_has_a_coded_reason",
            ),
            models.CheckConstraint(
                condition=Q(ship_to_location=None) | Q(ship_to="practice"),
                name="order_to_a_further_address_goes_to_the_practice",
            ),
            models.CheckConstraint(
                condition=Q(days_supply__gte=1, days_supply__lte=365),
                name="days_supply_is_1_to_365",
            ),
            models.CheckConstraint(condition=Q(refills__lte=11), name="refills_are_0_to_11"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="order_moves_by_the_table",
                field="status",
                transitions=[(str(here), str(there)) for here, there in ALLOWED_MOVES],
            ),
            pgtrigger.Protect(name="order_is_never_deleted", operation=pgtrigger.Delete),
            never_truncated("order"),
            pgtrigger.Protect(
                name="order_begins_as_a_draft",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.status <> 'draft'"),
            ),
            pgtrigger.Trigger(
                name="order_leaves_draft_with_a_signature",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(
                    old__status__in=["draft", "awaiting_signature"], new__status="submitted"
                ),
                func="""
                    IF NOT EXISTS (SELECT 1 FROM orders_signature WHERE order_id = NEW.id) THEN
                        RAISE EXCEPTION 'pgtrigger: order % is not signed', NEW.reference;
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                # A draft written while its patient's record is merged waits for the end of that.
                name="an_unsigned_order_is_for_the_record_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("patient_id"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(new__status__in=["draft", "awaiting_signature"]),
                declare=[("kept_record", "bigint")],
                func="""
                    SELECT merged_into_id INTO kept_record
                        FROM orders_patient WHERE id = NEW.patient_id FOR SHARE;
                    NEW.patient_id := COALESCE(kept_record, NEW.patient_id);
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(
                name="signed_order_is_frozen",
                operation=pgtrigger.Update,
                condition=_SIGNED_AND_CHANGED,
            ),
            pgtrigger.Protect(
                name="what_the_signature_set_is_frozen",
                operation=pgtrigger.Update,
                condition=_SIGNING_CHANGED,
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def diagnosis(self) -> str:
        """The condition's name; of another diagnosis the words of its code."""
        return self.indication.name if self.indication else self.icd_label or self.icd_code

    @property
    def medicine_list(self) -> tuple[str, ...] | None:
        """Current medicines, one each; None when the question was not answered."""
        if self.medicines is None:
            return None
        return tuple(line.strip() for line in self.medicines.splitlines() if line.strip())

    @property
    def decision_words(self) -> str:
        """What the pharmacist wrote to the prescriber when rejecting; empty otherwise."""
        if self.status != Status.REJECTED:
            return ""
        return self.reviews.filter(decision=Decision.REJECTED).values_list("text", flat=True)[0]

    def age(self, now: datetime) -> timedelta:
        """Service time used so far; the clock rests while the prescriber is asked."""
        if self.submitted_at is None:
            return timedelta()
        return (self.decided_at or self.paused_at or now) - self.submitted_at - self.waited

    def is_held_now(self, now: datetime) -> bool:
        return bool(self.holder_id and self.held_until and self.held_until > now)

    def is_reserved_now(self, now: datetime) -> bool:
        return bool(self.reserved_for_id and self.reserved_until and self.reserved_until > now)
