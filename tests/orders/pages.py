"""What a browser without scripts would send from the order pages."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from accounts.models import User
from orders.models import Patient
from tests.conftest import Cast
from tests.factories import PASSWORD, PatientFactory

STEPS = [("1.5", "1", "bedtime", "14"), ("3", "1", "bedtime", "14"), ("4.5", "1", "bedtime", "")]


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def step_data(steps: list[tuple[str, str, str, str]]) -> dict[str, str]:
    """dose, times a day, when, days of each step, all from the order's product."""
    names = ("dose", "times_per_day", "timing", "days")
    sent: dict[str, str] = {}
    for number, step in enumerate(steps):
        sent |= {f"steps-{number}-{name}": v for name, v in zip(names, step, strict=True)}
        sent[f"steps-{number}-product"] = ""
    return sent


def order_data(cast: Cast, patient: Patient | None = None, **more: Any) -> dict[str, Any]:
    """A complete order: 1.5, 3, then 4.5 mg at bedtime for 90 days, nothing to confirm."""
    patient = patient or PatientFactory(practice=cast.practice)
    steps = step_data(more.pop("steps", STEPS))
    return {
        "patient_kind": "existing",
        "patient": patient.reference,
        "product": "LDN-CAP-1.5",
        **steps,
        "days_supply": "90",
        "refills": "2",
        "diagnosis": "psoriasis|L40.0",
        "icd_code": "",
        "reason": "strength_not_marketed",
        "reason_text": "",
        "treatment_status": "new_start",
        "allergies": "none_known",
        "allergies_text": "",
        "medicines_answer": "none",
        "medicines": "",
        "opioid_use": "never",
        "opioid_kind": "",
        "opioid_last_use_0": "",
        "opioid_last_use_1": "",
        "opioid_last_use_2": "",
        "ship_to": "patient",
        "urgency": "routine",
        "urgent_reason": "",
        "note": "",
    } | more


def hidden(page: Any, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.content.decode())
    assert found, f"no hidden {name}"
    return found[1]


def signing_data(page: Any, **more: str) -> dict[str, str]:
    """What the review page sends: its hidden fields and the password."""
    names = ("token", "seen_sha256")
    return {name: hidden(page, name) for name in names} | {"password": PASSWORD} | more
