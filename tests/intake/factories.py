"""Applications as tests need them: whole, sent, agreed to. People are plainly fictional."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.status import Duty
from intake.models import Acceptance, Applicant, Application
from intake.status import FilledBy, Status
from tests.factories import npi

_numbers = iter(range(50000000, 58000000))


def practice_answers() -> dict[str, Any]:
    """Every section of the practice, answered."""
    return {
        "practice": {
            "name": "Pinewood Skin Sample",
            "trade_name": "",
            "kind": "Solo practice",
            "group_npi": "",
            "tax_id": "",
            "website": "",
        },
        "address": {
            "address": "7 Sample Avenue",
            "city": "Sampleton",
            "state": "NC",
            "zip_code": "27514",
            "mailing_address": "",
            "phone": "(555) 555-0150",
            "fax": "",
            "time_zone": "America/New_York",
        },
        "contacts": {
            "office_manager_name": "Olga Sample",
            "office_manager_email": "olga@example.org",
            "office_manager_phone": "(555) 555-0151",
            "reach_by": "portal",
            "clarifiers": "",
        },
        "delivery": {
            "default_ship_to": "patient",
            "signature_required": False,
            "bill_to": "patient",
        },
        "ship_to": [
            {
                "name": "Back office",
                "address": "9 Sample Avenue",
                "city": "Sampleton",
                "state": "NC",
                "zip_code": "27514",
                "phone": "",
            }
        ],
        "delegates": [
            {"name": "Dan Helper", "email": "dan.helper@example.org", "duties": [Duty.PREPARE]}
        ],
    }


def applicant_answers(**credentials: Any) -> dict[str, Any]:
    """Every section of one prescriber, answered; keywords replace parts of the credentials."""
    own = npi(next(_numbers))
    return {
        "person": {
            "given_name": "Cora",
            "middle_name": "",
            "family_name": "Newcomer",
            "suffix": "",
            "former_names": "",
            "birth_date": "1979-04-05",
        },
        "credentials": {
            "credential": "MD",
            "other_credential": "",
            "npi": own,
            "specialty": "Dermatology",
            "dea": "",
            "dea_expires_on": "",
            "email": f"cora{own[-6:]}@example.org",
            "mobile": "",
        }
        | credentials,
        "licences": [
            {
                "state": "NC",
                "kind": "Medical",
                "number": f"S-{own[-4:]}",
                "expires_on": (timezone.localdate() + timedelta(days=400)).isoformat(),
                "authority": "",
            }
        ],
    }


def draft_application(*, prescribers: int = 1, **fields: Any) -> Application:
    """A draft with every section answered and nothing agreed to yet."""
    given: dict[str, Any] = {
        "filled_by": FilledBy.PRESCRIBER if prescribers == 1 else FilledBy.STAFF,
        "contact_name": "Cora Newcomer",
        "contact_email": "cora@example.org",
        "answers": practice_answers(),
    } | fields
    application = Application.objects.create(**given)
    for position in range(1, prescribers + 1):
        add_applicant(application, position)
    return application


def add_applicant(application: Application, position: int, **credentials: Any) -> Applicant:
    answers = applicant_answers(**credentials)
    return Applicant.objects.create(
        application=application,
        position=position,
        answers=answers,
        npi=answers["credentials"]["npi"],
        email=answers["credentials"]["email"],
    )


def submitted_application(
    *, prescribers: int = 1, agreed: bool = True, **fields: Any
) -> Application:
    """Sent to the pharmacy, as the database would hold it; no event, no checks planned."""
    application = draft_application(prescribers=prescribers, **fields)
    if agreed:
        for applicant in application.applicants.all():
            agree(applicant)
    Application.objects.filter(pk=application.pk).update(
        status=Status.SUBMITTED, submitted_at=timezone.now(), status_at=timezone.now()
    )
    application.refresh_from_db()
    return application


def agree(applicant: Applicant) -> None:
    """Accept every present agreement in person."""
    from intake.agreements import CURRENT

    Acceptance.objects.bulk_create(
        Acceptance(
            applicant=applicant,
            agreement=text.slug,
            agreement_version=text.version,
            text_sha256=text.sha256,
            typed_name="Cora Newcomer",
            ip="127.0.0.1",
        )
        for text in CURRENT
    )


def with_answers(owner: Application | Applicant, section: str, **changes: Any) -> dict[str, Any]:
    """The answers with some fields of one section replaced, ready to store."""
    answers: dict[str, Any] = deepcopy(owner.answers)
    answers[section] = answers.get(section, {}) | changes
    return answers
