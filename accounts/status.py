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


class PrescriberStatus(models.TextChoices):
    APPROVED = "approved", "Approved"
    SUSPENDED = "suspended", "Suspended"
    DEACTIVATED = "deactivated", "Deactivated"
