"""What stands in a patient's record, in words: on its page, in its history, beside its double."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from accounts.house_dates import MONTHS
from formulary.amounts import amount
from orders.models import Patient
from orders.services.patient_merging import PARTS
from orders.status import Allergies, Caution, OpioidKind, OpioidUse, Sex

NOT_RECORDED = "Not recorded"
_NBSP = "\u00a0"

LABELS_OF_PARTS = {
    "family_name": "Family name",
    "given_name": "Given name",
    "birth_date": "Date of birth",
    "sex": "Sex",
    "address": "Address",
    "phone": "Phone",
    "allergies": "Allergies",
    "medicines": "Current medicines",
    "opioid_use": "Opioids",
    "cautions": "Conditions",
    "weight_kg": "Weight and height",
}

LABELS = {
    **LABELS_OF_PARTS,
    "address": "Street address",
    "city": "City",
    "state": "State",
    "zip_code": "ZIP code",
    "allergies_text": "Which allergies",
    "allergies_on": "Allergies asked on",
    "medicines_on": "Medicines asked on",
    "opioid_kind": "Kind of opioid",
    "opioid_last_use": "Last opioid taken",
    "opioids_on": "Opioids asked on",
    "cautions_on": "Conditions asked on",
    "procedure_on": "Planned procedure",
    "weight_kg": "Weight",
    "height_cm": "Height",
    "measured_on": "Measured on",
    "merged_into_id": "Merged into",
}
_CHOICES: dict[str, Any] = {
    "sex": Sex, "allergies": Allergies, "opioid_use": OpioidUse, "opioid_kind": OpioidKind,
}  # fmt: skip


def day_words(day: date | None) -> str:
    return f"{MONTHS[day.month - 1]}{_NBSP}{day.day}, {day.year}" if day else ""


def value_words(name: str, value: Any, references: dict[int, str] | None = None) -> str:
    """One column's value; what is not there is not recorded, an empty list is none."""
    if value is None or (value == "" and name != "medicines"):
        return NOT_RECORDED
    if name == "merged_into_id":
        return (references or {}).get(value, "another record")
    if name in _CHOICES:
        return str(_CHOICES[name](value).label)
    if name == "cautions":
        return cautions_words(value)
    return _plain(name, value)


def _plain(name: str, value: Any) -> str:
    if isinstance(value, Decimal):
        return amount(value, "kg" if name == "weight_kg" else "cm")
    if isinstance(value, date):
        return day_words(value)
    return str(value) or "None"


def cautions_words(cautions: list[str] | None) -> str:
    if not cautions:
        return NOT_RECORDED if cautions is None else "None of those asked"
    return "\n".join(str(one.label) for one in Caution if one in cautions)


def part_words(part: str, patient: Patient) -> str:
    """One part of a record as a whole, such as the address in one line."""
    if part == "address":
        place = f"{patient.city}, {patient.state} {patient.zip_code}"
        return f"{patient.address}, {place}"
    if part == "allergies" and patient.allergies == Allergies.LISTED:
        return patient.allergies_text
    first = PARTS[part][0]
    words = value_words(first, getattr(patient, first)).replace("\n", ", ")
    more = [
        value_words(name, value)
        for name in PARTS[part][1:]
        if not name.endswith("_on") and (value := getattr(patient, name)) not in ("", None)
    ]
    if first == "weight_kg" and getattr(patient, first) is None and more:
        return ", ".join(more)
    return ", ".join([words, *more]) if words != NOT_RECORDED else words


def asked_words(day: date | None) -> str:
    """The line under an answer: when it was given."""
    return f"asked {day_words(day)}" if day else ""
