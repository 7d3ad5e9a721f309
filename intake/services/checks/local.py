"""Checks that need nobody's answer: the digits of the numbers, and the dates of the licences."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from intake.digits import dea_error, dea_letter_fits, npi_error
from intake.services.checks.person import LicenceToCheck, Person
from intake.services.checks.result import Query, Result
from intake.status import CheckKind, Outcome

SOON = timedelta(days=60)
_OWN = "Our own arithmetic"
_GIVEN = "The dates given in the application"


def npi_query(person: Person) -> Query:
    return {"npi": person.npi}


def check_npi(person: Person) -> Result:
    error = npi_error(person.npi)
    return Result(
        kind=CheckKind.NPI_DIGITS,
        outcome=Outcome.MISMATCH if error else Outcome.PASS,
        text=error or "Ten digits, and the check digit fits.",
        query=npi_query(person),
        source=_OWN,
    )


def dea_query(person: Person) -> Query:
    expires = person.dea_expires_on
    return {
        "dea": person.dea,
        "family_name": person.family_name,
        "former_names": list(person.former_names),
        "expires_on": expires.isoformat() if expires else "",
    }


def check_dea(person: Person) -> Result:
    """The digits, the letter against the name, the date; what differs is for the reviewer."""
    found = _dea_differences(person)
    return Result(
        kind=CheckKind.DEA_DIGITS,
        outcome=Outcome.MISMATCH if found else Outcome.PASS,
        text=" ".join(found) or "The check digit fits, and the letter is that of the name.",
        query=dea_query(person),
        matches=[{"differs": text} for text in found],
        source=_OWN,
    )


def licence_query(licence: LicenceToCheck) -> Query:
    ends = licence.expires_on
    return {
        "state": licence.state,
        "number": licence.number,
        "expires_on": ends.isoformat() if ends else "",
    }


def check_licence(licence: LicenceToCheck) -> Result:
    outcome, text = _licence_dates(licence.expires_on)
    return Result(
        kind=CheckKind.LICENCE,
        subject=licence.subject,
        outcome=outcome,
        text=text,
        query=licence_query(licence),
        source=_GIVEN,
    )


def today() -> date:
    """The pharmacy's day."""
    return timezone.localdate(timezone=ZoneInfo(settings.PHARMACY_TIME_ZONE))


def in_words(day: date) -> str:
    """As the pages write days: Nov 22, 2026."""
    return f"{day:%b} {day.day}, {day.year}"


def _dea_differences(person: Person) -> list[str]:
    if error := dea_error(person.dea):
        return [error]
    found = []
    known_as = (person.family_name, *person.former_names)
    if not any(dea_letter_fits(person.dea, name) for name in known_as):
        found.append(f"The second letter, {person.dea[1]}, is not that of the family name.")
    if person.dea_expires_on and person.dea_expires_on < today():
        found.append(f"The registration ended on {in_words(person.dea_expires_on)}.")
    return found


def _licence_dates(expires_on: date | None) -> tuple[Outcome, str]:
    if expires_on is None:
        return Outcome.UNCHECKED, "No expiry date was given."
    if expires_on < today():
        return Outcome.MISMATCH, f"Expired on {in_words(expires_on)}."
    if expires_on <= today() + SOON:
        return Outcome.PASS, f"Expires on {in_words(expires_on)}, within {SOON.days} days."
    return Outcome.PASS, f"Expires on {in_words(expires_on)}."
