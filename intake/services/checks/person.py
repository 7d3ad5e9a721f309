"""Who is checked: an applicant by the answers, a prescriber by the account and what was applied
with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from accounts.models import Prescriber
from accounts.status import Role
from intake import names
from intake.facts import ApplicantFacts, applicant_facts, practice_facts
from intake.models import Applicant


@dataclass(frozen=True, slots=True)
class LicenceToCheck:
    state: str
    number: str
    expires_on: date | None

    @property
    def subject(self) -> str:
        return f"{self.state} {self.number}"[:60]


@dataclass(frozen=True, slots=True)
class Person:
    """What the checks need of a person, and nothing else.

    `states` are those of the licences and of the practices.
    """

    given_name: str
    middle_name: str
    family_name: str
    former_names: tuple[str, ...]
    birth_date: date | None
    npi: str
    dea: str
    dea_expires_on: date | None
    specialty: str
    states: frozenset[str]
    licences: tuple[LicenceToCheck, ...]

    @property
    def families(self) -> frozenset[str]:
        """The family names the person may be known by, as names.letters writes them."""
        return names.variants(self.family_name) | names.former(self.former_names)[0]

    @property
    def givens(self) -> frozenset[str]:
        """The given names the person may be known by; some go by the middle name."""
        own = names.given_variants(self.given_name) | names.former(self.former_names)[1]
        middle = names.letters(self.middle_name)
        return own | {middle} if len(middle) > 1 else own


def of_applicant(applicant: Applicant) -> Person:
    """The applicant as the answers stand now."""
    facts = applicant_facts(applicant)
    application = applicant.application
    practice = application.practice or practice_facts(application)
    licences = tuple(LicenceToCheck(x.state, x.number, x.expires_on) for x in facts.licences)
    return _person(facts, licences, {practice.state})


def of_prescriber(prescriber: Prescriber) -> Person:
    """The prescriber as the account stands; what only an application tells is of the newest one."""
    licences = tuple(
        LicenceToCheck(x.state, x.number, x.expires_on) for x in prescriber.licences.all()
    )
    practising = prescriber.user.memberships.open().filter(role=Role.PRESCRIBER)
    states = set(practising.values_list("practice__state", flat=True))
    applied = prescriber.applications.order_by("-pk").first()
    facts = applicant_facts(applied or Applicant())
    person = _person(facts, licences, states)
    return replace(
        person,
        given_name=prescriber.given_name,
        family_name=prescriber.family_name,
        npi=prescriber.npi,
        dea=prescriber.dea,
        dea_expires_on=prescriber.dea_expires_on,
    )


def _person(
    facts: ApplicantFacts, licences: tuple[LicenceToCheck, ...], practices: set[str]
) -> Person:
    by_subject = {licence.subject: licence for licence in licences}
    return Person(
        given_name=facts.given_name,
        middle_name=facts.middle_name,
        family_name=facts.family_name,
        former_names=facts.former_names,
        birth_date=facts.birth_date,
        npi=facts.npi,
        dea=facts.dea,
        dea_expires_on=facts.dea_expires_on,
        specialty=facts.specialty,
        states=frozenset({x.state for x in licences} | practices) - {""},
        licences=tuple(by_subject.values()),
    )
