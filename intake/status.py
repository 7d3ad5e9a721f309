"""Words that applications, their checks, uploads and questions are described with; stored by value."""

from __future__ import annotations

from django.db import models

from accounts.permissions import Right


class Kind(models.TextChoices):
    """What is applied for: an account, or one more prescriber in a practice that has one."""

    NEW_ACCOUNT = "new_account", "New account"
    FURTHER = "further", "Further prescriber"


class FilledBy(models.TextChoices):
    PRESCRIBER = "prescriber", "I am the prescriber"
    STAFF = "staff", "I complete this for one or more prescribers of one practice"


class Status(models.TextChoices):
    """Where an application stands, in the reviewer's words; see APPLICANT_SEES for the applicant's."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waiting for review"
    UNDER_REVIEW = "under_review", "In review"
    INFO_REQUESTED = "info_requested", "Waiting on applicant"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"


APPLICANT_SEES: dict[Status, str] = {
    Status.DRAFT: "Not sent yet",
    Status.SUBMITTED: "Received by the pharmacy",
    Status.UNDER_REVIEW: "Being reviewed",
    Status.INFO_REQUESTED: "We need something from you",
    Status.APPROVED: "Approved",
    Status.REJECTED: "Not approved",
}

# Who may move an application from one state to another; None: the holder of its private link, or
# the system. Guarded again in the database.
ALLOWED_MOVES: dict[tuple[Status, Status], Right | None] = {
    (Status.DRAFT, Status.SUBMITTED): None,
    (Status.SUBMITTED, Status.UNDER_REVIEW): Right.REVIEW_APPLICATIONS,
    (Status.UNDER_REVIEW, Status.SUBMITTED): None,
    (Status.UNDER_REVIEW, Status.INFO_REQUESTED): Right.REVIEW_APPLICATIONS,
    (Status.INFO_REQUESTED, Status.SUBMITTED): None,
    (Status.UNDER_REVIEW, Status.APPROVED): Right.REVIEW_APPLICATIONS,
    (Status.UNDER_REVIEW, Status.REJECTED): Right.REVIEW_APPLICATIONS,
}
OPEN = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.INFO_REQUESTED)
DONE = (Status.APPROVED, Status.REJECTED)
# The applicant may write in these states only.
WRITABLE = (Status.DRAFT, Status.INFO_REQUESTED)


class Decision(models.TextChoices):
    """What was decided about one prescriber of an application."""

    PENDING = "pending", "Not decided"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"


class CheckKind(models.TextChoices):
    NPI_DIGITS = "npi_digits", "NPI check digit"
    DEA_DIGITS = "dea_digits", "DEA number against the name"
    REGISTRY = "registry", "NPPES registry"
    EXCLUSION = "exclusion", "OIG exclusions"
    LICENCE = "licence", "Licence dates"


class Outcome(models.TextChoices):
    """Only PASS is a pass. POSSIBLE and HIT are of the exclusions list alone."""

    PASS = "pass", "Pass"
    MISMATCH = "mismatch", "Mismatch"
    POSSIBLE = "possible", "Possible match"
    HIT = "hit", "Hit"
    UNCHECKED = "unchecked", "Could not check"


# What a reviewer may settle with a primary source; a hit can only be rejected.
SETTLEABLE = (Outcome.MISMATCH, Outcome.POSSIBLE, Outcome.UNCHECKED)


class BoardStanding(models.TextChoices):
    """What the state board says of a licence, as the reviewer read it there."""

    ACTIVE = "active", "Active"
    RESTRICTED = "restricted", "Active, with restrictions"
    NOT_ACTIVE = "not_active", "Not active: expired, suspended or revoked"
    NOT_FOUND = "not_found", "Not found"


# What an account may be opened on; restrictions are for the reviewer to weigh.
GOOD_STANDING = (BoardStanding.ACTIVE, BoardStanding.RESTRICTED)


class UploadKind(models.TextChoices):
    LICENCE = "licence", "Licence"
    SUPERVISION = "supervision", "Supervision agreement"
    DEA = "dea", "DEA certificate"
    OTHER = "other", "Other paper that a reviewer asked for"


class Scan(models.TextChoices):
    """HELD until the scanner has answered; only CLEAN and NOT_SCANNED files are served."""

    NOT_SCANNED = "not_scanned", "Not scanned"
    HELD = "held", "Waiting for the virus scan"
    CLEAN = "clean", "No virus found"
    INFECTED = "infected", "Virus found"


SERVED = (Scan.NOT_SCANNED, Scan.CLEAN)


class Category(models.TextChoices):
    """What a question to the pharmacist is about."""

    CONDITION = "condition", "A condition or its documentation"
    DOSING = "dosing", "Dose, titration or form"
    ACCOUNT = "account", "Opening an account or ordering"
    OTHER_COMPOUND = "other_compound", "Another custom compound"
    OTHER = "other", "Something else"


class CloseReason(models.TextChoices):
    """Why a question is closed without an answer."""

    PATIENT_DATA = "patient_data", "It holds patient data"
    NOT_A_PRESCRIBER = "not_a_prescriber", "Asked by a patient or for personal advice"
    NOT_OURS = "not_ours", "Not a question for a pharmacy"
    DUPLICATE = "duplicate", "Asked before, and answered there"
    UNWANTED = "unwanted", "Advertising or nonsense"
    SETTLED = "settled", "Settled by telephone"


class QuestionStatus(models.TextChoices):
    WAITING = "waiting", "Waiting for an answer"
    HELD = "held", "Being answered"
    ANSWERED = "answered", "Answered"
    CLOSED = "closed", "Closed without an answer"
