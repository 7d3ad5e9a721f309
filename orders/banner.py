"""Who a page is about, for components/patient_banner.html."""

from __future__ import annotations

import json
from datetime import date

from orders.models import Order, Patient
from orders.status import Sex


def banner(patient: Patient) -> dict[str, object]:
    """From the record as it stands."""
    return {
        "family": patient.family_name,
        "given": patient.given_name,
        "born": patient.birth_date,
        "sex": Sex(patient.sex).label,
        "record_no": patient.reference,
        "allergy_status": patient.allergies,
        "allergies": patient.allergies_text,
    }


def banner_of(order: Order) -> dict[str, object]:
    """The person as the order was signed; before that the record, with the order's own allergies."""
    return _as_signed(order) or banner(order.patient) | {
        "allergy_status": order.allergies,
        "allergies": order.allergies_text,
    }


def _as_signed(order: Order) -> dict[str, object] | None:
    """None for an order that nobody signed, or whose signed text cannot be read: its page says so."""
    signature = getattr(order, "signature", None)
    if signature is None:
        return None
    try:
        signed = json.loads(signature.content)["order"]
        person = signed["patient"]
        return {
            "family": person["family_name"],
            "given": person["given_name"],
            "born": date.fromisoformat(person["birth_date"]),
            "sex": Sex(person["sex"]).label,
            "record_no": person["reference"],
            "allergy_status": signed["allergies"],
            "allergies": signed["allergies_text"],
        }
    except (ValueError, KeyError, TypeError):
        return None
