"""The live check of the order form against a view that renders and validates twelve fields."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from accounts.models import User
from bench.reference import FILLED
from bench.signing import Measure
from orders.models import Patient

TIMES = 150
STEPS = (("1.5", "14"), ("3", "14"), ("4.5", ""))


def _typed() -> dict[str, str]:
    """What the order form sends while a three-step titration is typed for a patient on file."""
    ada = User.objects.get(email="ada@example.org")
    sent = {
        "patient_kind": "existing",
        "patient": Patient.objects.visible_to(ada).order_by("id")[0].reference,
        "product": "LDN-CAP-1.5", "days_supply": "90", "refills": "2",
        "diagnosis_code": "L40.0", "reason": "strength_not_marketed",
        "treatment_status": "new_start", "allergies": "none_known", "medicines_answer": "listed",
        "medicines": "metformin", "cautions": "none", "opioid_use": "never",
        "seen_where": "practice", "ship_to": "patient", "bill_to": "patient",
        "urgency": "routine", "sequence": "1",
    }  # fmt: skip
    for number, (dose, days) in enumerate(STEPS):
        row = {"dose": dose, "times_per_day": "1", "timing": "bedtime", "days": days}
        sent |= {f"steps-{number}-{name}": value for name, value in row.items()}
    return sent


def run(side_by_side: Measure, report: Callable[..., None]) -> None:
    client = Client()
    client.force_login(User.objects.get(email="ada@example.org"))
    typed = _typed()
    if b"4.5" not in client.post("/orders/check/", typed).content:
        raise AssertionError("the live check must have read the titration")
    ours, bare = side_by_side(
        lambda: client.post("/orders/check/", typed),
        lambda: client.post("/bench/form", FILLED),
        TIMES,
    )
    report("live check of three steps", ours, bare, 2, "form view")
