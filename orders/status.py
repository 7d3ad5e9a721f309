"""The states of an order and who may make which move; the database holds the same table."""

from __future__ import annotations

from django.db import models

from accounts.permissions import Right


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    AWAITING_SIGNATURE = "awaiting_signature", "Needs your signature"
    SUBMITTED = "submitted", "Received by pharmacy"
    IN_REVIEW = "in_review", "Pharmacist reviewing"
    NEEDS_CLARIFICATION = "needs_clarification", "Action needed"
    ON_HOLD = "on_hold", "On hold"
    APPROVED = "approved", "Verified"
    REJECTED = "rejected", "Rejected"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"


# (from, to) → the right it takes; None: the system itself moves it, such as a lapsed claim.
ALLOWED_MOVES: dict[tuple[Status, Status], Right | None] = {
    (Status.DRAFT, Status.SUBMITTED): Right.SIGN_ORDERS,
    (Status.DRAFT, Status.CANCELLED): Right.PREPARE_ORDERS,
    (Status.DRAFT, Status.AWAITING_SIGNATURE): Right.PREPARE_ORDERS,
    (Status.AWAITING_SIGNATURE, Status.DRAFT): Right.PREPARE_ORDERS,
    (Status.AWAITING_SIGNATURE, Status.SUBMITTED): Right.SIGN_ORDERS,
    (Status.AWAITING_SIGNATURE, Status.CANCELLED): Right.PREPARE_ORDERS,
    (Status.SUBMITTED, Status.IN_REVIEW): Right.REVIEW_ORDERS,
    (Status.SUBMITTED, Status.CANCELLED): Right.CANCEL_ORDERS,
    (Status.IN_REVIEW, Status.SUBMITTED): None,
    (Status.IN_REVIEW, Status.NEEDS_CLARIFICATION): Right.REVIEW_ORDERS,
    (Status.IN_REVIEW, Status.APPROVED): Right.REVIEW_ORDERS,
    (Status.IN_REVIEW, Status.REJECTED): Right.REVIEW_ORDERS,
    (Status.IN_REVIEW, Status.CANCELLED): Right.CANCEL_ORDERS,
    (Status.NEEDS_CLARIFICATION, Status.SUBMITTED): Right.ANSWER_QUESTIONS,
    (Status.NEEDS_CLARIFICATION, Status.CANCELLED): Right.CANCEL_ORDERS,
    (Status.IN_REVIEW, Status.ON_HOLD): Right.REVIEW_ORDERS,
    (Status.ON_HOLD, Status.SUBMITTED): Right.REVIEW_ORDERS,
    (Status.ON_HOLD, Status.CANCELLED): Right.CANCEL_ORDERS,
    (Status.APPROVED, Status.CANCELLED): Right.CANCEL_ORDERS,
    # The validity of the prescription passed.
    (Status.SUBMITTED, Status.EXPIRED): None,
    (Status.IN_REVIEW, Status.EXPIRED): None,
    (Status.NEEDS_CLARIFICATION, Status.EXPIRED): None,
    (Status.ON_HOLD, Status.EXPIRED): None,
}

# Answers that tell no clinical decision: all that somebody without a signature may give.
FACTUAL_ANSWERS = frozenset({"information_given"})

AT_THE_PHARMACY = (Status.SUBMITTED, Status.IN_REVIEW)
OPEN = (*AT_THE_PHARMACY, Status.NEEDS_CLARIFICATION, Status.ON_HOLD)
# Not signed yet: the practice's own business.
UNSIGNED = (Status.DRAFT, Status.AWAITING_SIGNATURE)
DONE = (Status.APPROVED, Status.REJECTED, Status.CANCELLED, Status.EXPIRED)


def can_move(here: str, there: Status) -> bool:
    return (Status(here), there) in ALLOWED_MOVES


class Urgency(models.TextChoices):
    ROUTINE = "routine", "Routine"
    URGENT = "urgent", "Urgent"


# Service time by urgency, in hours, counted round the clock (domain: order states).
SERVICE_HOURS = {Urgency.ROUTINE: 24, Urgency.URGENT: 4}


class Sex(models.TextChoices):
    FEMALE = "female", "Female"
    MALE = "male", "Male"
    OTHER = "other", "Other"
    UNKNOWN = "unknown", "Unknown"


class Allergies(models.TextChoices):
    LISTED = "listed", "Known allergies"
    NONE_KNOWN = "none_known", "No known allergies"
    NOT_OBTAINED = "not_obtained", "Could not be obtained: pharmacy asks"


class TreatmentStatus(models.TextChoices):
    NEW_START = "new_start", "New start"
    CONTINUING = "continuing", "Continuing"
    DOSE_CHANGE = "dose_change", "Dose change"
    RESTART = "restart", "Restart after a gap of 14 days or more"


class OpioidUse(models.TextChoices):
    NEVER = "never", "No opioid in the last 30 days"
    WITHIN_30_DAYS = "within_30_days", "Within the last 30 days, not now"
    NOW = "now", "Takes an opioid now"


class OpioidKind(models.TextChoices):
    SHORT_ACTING = "short_acting", "Short-acting (tramadol included)"
    LONG_ACTING = "long_acting", "Long-acting, patch, methadone or buprenorphine"


class ShipTo(models.TextChoices):
    PATIENT = "patient", "Patient's address"
    PRACTICE = "practice", "Practice"


class SeenWhere(models.TextChoices):
    PRACTICE = "practice", "At the practice"
    TELEHEALTH = "telehealth", "By telehealth"


class Caution(models.TextChoices):
    """Words of `formulary.facts.Caution`, in the order in which they are asked."""

    LIVER_FAILURE = "liver_failure", "Acute hepatitis or liver failure"
    LIVER_DISEASE = "liver_disease", "Other liver disease"
    RENAL_DISEASE = "renal_disease", "Severe renal disease"
    PREGNANT = "pregnant", "Pregnant"
    NURSING = "nursing", "Nursing"
    TRANSPLANT = "transplant", "Organ transplant"
    IMMUNOSUPPRESSED = "immunosuppressed", "Immunosuppressant or biologic"
    THYROID = "thyroid", "Thyroid hormone"
    DEPRESSION = "depression", "Depression"
    PROCEDURE = "procedure", "Planned procedure with opioid pain relief"
    RESCUE_KIT = "rescue_kit", "Opioid rescue kit (naloxone) at home"
    MORPHINAN_ALLERGY = "morphinan_allergy", "Hypersensitivity to another morphinan"
    WITHDRAWAL = "withdrawal", "Acute opioid withdrawal"
    FAILED_CHALLENGE = "failed_challenge", "Failed naloxone challenge"
    POSITIVE_SCREEN = "positive_screen", "Urine screen positive for opioids"


class BillTo(models.TextChoices):
    PATIENT = "patient", "Patient"
    PRACTICE = "practice", "Practice"


class SignatureKind(models.TextChoices):
    """VERBAL: the prescriber said it, a pharmacist wrote it down, read it back and signed."""

    SIGNED = "signed", "Signed by the prescriber"
    VERBAL = "verbal", "Verbal order, written by a pharmacist"


class FillState(models.TextChoices):
    """A fill of a verified order; the first comes with the approval, refills are asked for."""

    REQUESTED = "requested", "Asked for"
    RELEASED = "released", "Released"
    REFUSED = "refused", "Refused"
    CANCELLED = "cancelled", "Cancelled"


class ImportState(models.TextChoices):
    """A list of patients: being read, shown for a last look, being stored, at its end."""

    READING = "reading", "Being read"
    CHECKED = "checked", "Ready to import"
    IMPORTING = "importing", "Being imported"
    DONE = "done", "Imported"
    FAILED = "failed", "Could not be read"
    DROPPED = "dropped", "Not imported"


class Decision(models.TextChoices):
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    CLARIFICATION = "clarification", "Clarification asked"
    # What a rule that failed left open, cleared by the first of two pharmacists.
    CLEARED = "cleared", "Cleared by a first pharmacist"


class Check(models.TextChoices):
    """What a pharmacist ticks before verifying an order."""

    PATIENT = "patient", "Patient's name, birth date and address are complete"
    ALLERGIES = "allergies", "Allergies and current medicines were read"
    OPIOIDS = "opioids", "The opioid answer fits the medicines"
    DOSE = "dose", "Dose, steps and directions agree"
    QUANTITY = "quantity", "Quantity, days' supply and refills agree with the directions"
    REASON = "reason", "Diagnosis and reason for compounding are stated"
