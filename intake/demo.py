"""An application and a question that wait for the staff, so that a first look has something to see."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from intake import journey
from intake.models import Applicant, Application
from intake.services import agreeing, drafts, questions, submitting
from intake.services.questions import Asked
from intake.status import Category, FilledBy

# Plainly fictional; the NPI's digits fit, and nobody has it.
CONTACT = "cleo@example.org"


def build() -> None:
    """An application sent by its prescriber, and a stranger's question."""
    application = drafts.start(filled_by=FilledBy.PRESCRIBER, name="Cleo Newcomer", email=CONTACT)
    for section, value in _PRACTICE.items():
        drafts.save(application, section, value)
    applicant = application.applicants.get()
    for section, value in _prescriber().items():
        drafts.save(applicant, section, value)
    agreeing.accept(Applicant.objects.get(pk=applicant.pk), typed_name="Cleo Newcomer", ip=None)
    application = Application.objects.get(pk=application.pk)
    submitting.submit(application, version=application.version, judge=journey.problems)
    questions.ask(_QUESTION, token=uuid.uuid4(), by=None)


def _prescriber() -> dict[str, Any]:
    expires = timezone.localdate() + timedelta(days=45)
    return {
        "person": {
            "given_name": "Cleo",
            "middle_name": "",
            "family_name": "Newcomer",
            "suffix": "",
            "former_names": "",
            "birth_date": "1981-02-14",
        },
        "credentials": {
            "credential": "MD",
            "other_credential": "",
            "npi": "1990000030",
            "specialty": "Dermatology",
            "dea": "",
            "dea_expires_on": "",
            "email": CONTACT,
            "mobile": "",
        },
        "licences": [
            {
                "state": "NC",
                "kind": "Medical",
                "number": "DEMO-0030",
                "expires_on": expires.isoformat(),
                "authority": "",
            }
        ],
    }


_PRACTICE: dict[str, Any] = {
    "practice": {
        "name": "Samplewood Skin Clinic",
        "trade_name": "",
        "kind": "Solo practice",
        "group_npi": "",
        "tax_id": "",
        "website": "",
    },
    "address": {
        "address": "40 Sample Street",
        "city": "Sampleton",
        "state": "NC",
        "zip_code": "27514",
        "mailing_address": "",
        "phone": "(555) 555-0161",
        "fax": "",
        "time_zone": "America/New_York",
    },
    "contacts": {"reach_by": "portal", "clarifiers": ""},
    "delivery": {"default_ship_to": "patient", "signature_required": False, "bill_to": "patient"},
}
_QUESTION = Asked(
    category=Category.OTHER_COMPOUND,
    name="Quentin Sample",
    email="quentin@example.org",
    text="Do you make this without dyes?",
    drug="tacrolimus",
    form="ointment",
    strength="0.1 percent",
    area="face and neck",
)
