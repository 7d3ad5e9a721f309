"""What a browser without scripts would send from the order pages."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from accounts.models import Practice, User
from orders.models import Patient
from tests.conftest import Cast
from tests.factories import PASSWORD, PatientFactory

STEPS = [("1.5", "1", "bedtime", "14"), ("3", "1", "bedtime", "14"), ("4.5", "1", "bedtime", "")]


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def patient_of(practice: Practice) -> Patient:
    return PatientFactory(practice=practice)


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
    patient = patient or patient_of(cast.practice)
    steps = step_data(more.pop("steps", STEPS))
    return {
        "patient_kind": "existing",
        "patient": patient.reference,
        "product": "LDN-CAP-1.5",
        **steps,
        "days_supply": "90",
        "refills": "2",
        "effective_on_0": "",
        "effective_on_1": "",
        "effective_on_2": "",
        "avoid": "",
        "diagnosis_search": "",
        "diagnosis": "psoriasis|L40.0",
        "icd_code": "",
        "rationale": "",
        "obstruction_excluded": "",
        "reason": "strength_not_marketed",
        "reason_text": "",
        "treatment_status": "new_start",
        "allergies": "none_known",
        "allergies_text": "",
        "medicines_answer": "none",
        "medicines": "",
        "cautions": ["none"],
        "procedure_on_0": "",
        "procedure_on_1": "",
        "procedure_on_2": "",
        "naltrexone_last_dose_0": "",
        "naltrexone_last_dose_1": "",
        "naltrexone_last_dose_2": "",
        "weight_kg": "",
        "height_cm": "",
        "opioid_use": "never",
        "opioid_kind": "",
        "opioid_last_use_0": "",
        "opioid_last_use_1": "",
        "opioid_last_use_2": "",
        "seen_where": "practice",
        "seen_state": "",
        "ship_to": "patient",
        "bill_to": "patient",
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


class Controls(HTMLParser):
    """The controls of a page, every id, and what each element with an id says."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.controls: list[dict[str, str]] = []
        self.groups: list[dict[str, str]] = []
        self.ids: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids |= {found["id"]} if "id" in found else set()
        if tag in ("input", "select", "textarea"):
            self.controls.append(found)
        if tag == "fieldset":
            self.groups.append(found)

    def named(self, name: str) -> list[dict[str, str]]:
        """A field's controls: of a date all three."""
        parts = {name, f"{name}_0", f"{name}_1", f"{name}_2"}
        return [control for control in self.controls if control.get("name") in parts]

    def is_marked(self, name: str) -> bool:
        """Whether the field is shown as wrong: its error exists and its control points to it."""
        error, own = f"id_{name}_error", self.named(name)
        described = [c.get("aria-describedby", "") for c in (*own, *self.groups)]
        return (
            error in self.ids
            and any(error in ids.split() for ids in described)
            and any(control.get("aria-invalid") == "true" for control in own)
        )


def errors_of(html: str) -> list[str]:
    """The messages of the error summary."""
    found = re.search(r'class="error-summary".*?</ul>', html, re.DOTALL)
    if found is None:
        return []
    items = re.findall(r"<li>.*?</li>", found[0], re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", item)).strip() for item in items]
