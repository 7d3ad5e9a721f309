"""What a signature tells the patient's record: the answers it signed, each with its date."""

from __future__ import annotations

from datetime import date

from django.db.models import F

from orders.models import Order, Patient
from orders.status import Allergies


def remember_answers(order: Order, *, on: date) -> None:
    """Called in the transaction of the signature. A record that knows newer answers keeps them, and
    an allergy on record is not forgotten because it could not be asked today."""
    kept = Patient.objects.select_for_update().get(
        pk=order.patient.merged_into_id or order.patient_id
    )
    answers = {
        **_allergies(order, kept, on),
        "medicines": order.medicines,
        "medicines_on": on,
        "opioid_use": order.opioid_use,
        "opioid_kind": order.opioid_kind,
        "opioid_last_use": order.opioid_last_use,
        "opioids_on": on,
        **_cautions(order, kept),
        **_measures(order, on),
    }
    changed = {name: value for name, value in answers.items() if getattr(kept, name) != value}
    if changed:
        Patient.objects.filter(pk=kept.pk).update(version=F("version") + 1, **changed)


def _allergies(order: Order, kept: Patient, on: date) -> dict[str, object]:
    if order.allergies in ("", Allergies.NOT_OBTAINED) and kept.allergies:
        return {}
    return {
        "allergies": order.allergies,
        "allergies_text": order.allergies_text,
        "allergies_on": on,
    }


def _cautions(order: Order, kept: Patient) -> dict[str, object]:
    if order.cautions is None or order.cautions_on is None:
        return {}
    if kept.cautions_on is not None and kept.cautions_on > order.cautions_on:
        return {}
    return {
        "cautions": order.cautions,
        "cautions_on": order.cautions_on,
        "procedure_on": order.procedure_on,
    }


def _measures(order: Order, on: date) -> dict[str, object]:
    if order.weight_kg is None:
        return {}
    height = {"height_cm": order.height_cm} if order.height_cm is not None else {}
    return {"weight_kg": order.weight_kg, "measured_on": on, **height}
