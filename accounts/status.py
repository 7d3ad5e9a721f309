"""Words the accounts are described with; stored by value."""

from __future__ import annotations

from django.db import models


class Role(models.TextChoices):
    PRESCRIBER = "prescriber", "Prescriber"
    DELEGATE = "delegate", "Delegate"
    PHARMACIST = "pharmacist", "Pharmacist"
    TECHNICIAN = "technician", "Technician"
    ADMINISTRATOR = "administrator", "Administrator"


PRACTICE_ROLES = (Role.PRESCRIBER, Role.DELEGATE)


class Duty(models.TextChoices):
    """What a delegate does for a practice; each brings its rights (permissions.DUTY_RIGHTS)."""

    PREPARE = "prepare", "Prepare orders"
    CLARIFY = "clarify", "Answer the pharmacist’s questions"
    VIEW = "view", "View orders"
    BILLING = "billing", "Delivery and billing"


class Credential(models.TextChoices):
    MD = "MD", "MD"
    DO = "DO", "DO"
    NP = "NP", "NP"
    PA = "PA", "PA"
    DPM = "DPM", "DPM"
    DDS = "DDS", "DDS"
    DMD = "DMD", "DMD"
    OD = "OD", "OD"
    ND = "ND", "ND"
    APRN = "APRN", "APRN"
    OTHER = "other", "Other"


# Who prescribes under a physician's supervision where the state asks for it.
SUPERVISED = (Credential.NP, Credential.APRN, Credential.PA)


class AccountStatus(models.TextChoices):
    """Where a prescriber's or a practice's account stands; only APPROVED orders anew."""

    APPROVED = "approved", "Approved"
    SUSPENDED = "suspended", "Suspended"
    DEACTIVATED = "deactivated", "Deactivated"


# approved ↔ suspended → deactivated, by the register.
ACCOUNT_MOVES = frozenset(
    {
        (AccountStatus.APPROVED, AccountStatus.SUSPENDED),
        (AccountStatus.SUSPENDED, AccountStatus.APPROVED),
        (AccountStatus.SUSPENDED, AccountStatus.DEACTIVATED),
    }
)
# A prescriber who was deactivated comes back by an application of their own that is approved.
PRESCRIBER_MOVES = ACCOUNT_MOVES | {(AccountStatus.DEACTIVATED, AccountStatus.APPROVED)}


class ShipTo(models.TextChoices):
    PATIENT = "patient", "Patient"
    PRACTICE = "practice", "Practice"


class BillTo(models.TextChoices):
    PATIENT = "patient", "Patient"
    PRACTICE = "practice", "Practice"


class Reach(models.TextChoices):
    """How a practice would rather hear from the pharmacy."""

    PORTAL = "portal", "This site"
    PHONE = "phone", "Phone"
    FAX = "fax", "Fax"
    EMAIL = "email", "E-mail"


class LinkPurpose(models.TextChoices):
    """What a private link opens. `subject_id` is the row named in brackets."""

    RESUME = "resume", "Return to an application (application)"
    ACCEPT = "accept", "Accept the agreements (applicant)"
    ACTIVATE = "activate", "Set the first password (user)"
    RESET = "reset", "Set a new password (user)"


class ProvedBy(models.TextChoices):
    """How somebody proved, within a binding act, who they are."""

    PASSWORD = "password", "Password"
    CODE = "code", "Code of the authenticator app"
