"""The pages of the account form in their order: which form, about whom, and when they apply.

The one list that the form, requests for information and the review read. Used from views and forms;
services take what they need from these.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from accounts.status import SUPERVISED
from intake.forms.base import SectionForm
from intake.forms.person import CredentialsForm, LicenceForm, PersonForm, SupervisionForm
from intake.forms.practice import (
    AddressForm,
    ContactsForm,
    DelegateForm,
    DeliveryForm,
    PracticeForm,
    ShipToForm,
)
from intake.models import Applicant, Application
from intake.status import Kind


class Scope(enum.Enum):
    """Whose answers a section holds: Application.answers or Applicant.answers."""

    APPLICATION = "application"
    APPLICANT = "applicant"


def _always(application: Application, applicant: Applicant | None) -> bool:
    return True


def _supervised(application: Application, applicant: Applicant | None) -> bool:
    answers = applicant.answers.get("credentials") if applicant else None
    return isinstance(answers, dict) and answers.get("credential") in SUPERVISED


@dataclass(frozen=True)
class Section:
    """One page, or with `many` a list of rows each on a page of its own (`one` names a row).

    `least` is how many rows there must be; `lead` stands under the title.
    """

    slug: str
    title: str
    form: type[SectionForm]
    scope: Scope
    many: bool = False
    one: str = ""
    least: int = 0
    most: int = 1
    lead: str = ""
    applies: Callable[[Application, Applicant | None], bool] = _always

    @property
    def fields(self) -> list[str]:
        return list(self.form.base_fields)

    def label(self, field: str) -> str:
        """A field's name as people read it; the code itself for one that is no more."""
        found = self.form.base_fields.get(field)
        return str(found.label) if found else field


_FOR, _OF = Scope.APPLICANT, Scope.APPLICATION
SECTIONS: tuple[Section, ...] = (
    Section("person", "Name and date of birth", PersonForm, _FOR,
            lead="As the state licence has it."),
    Section("credentials", "Credentials and contact", CredentialsForm, _FOR),
    Section("licences", "State licences", LicenceForm, _FOR, many=True, one="licence",
            least=1, most=60,
            lead="Every state whose patients you want to order for."),
    Section("supervision", "Supervision", SupervisionForm, _FOR, applies=_supervised),
    Section("practice", "Practice", PracticeForm, _OF),
    Section("address", "Address", AddressForm, _OF),
    Section("contacts", "Contacts", ContactsForm, _OF,
            lead="People besides the prescribers. Leave out whom you do not have."),
    Section("delivery", "Delivery and billing", DeliveryForm, _OF,
            lead="Never type a card number on this site: nothing here asks for one."),
    Section("ship_to", "Further delivery addresses", ShipToForm, _OF, many=True,
            one="delivery address", most=20,
            lead="Only if parcels go to places besides the practice and the patient’s home."),
    Section("delegates", "Delegates", DelegateForm, _OF, many=True, one="delegate", most=30,
            lead="Staff who prepare orders or answer our questions. They get an invitation once "
            "the account is open."),
)  # fmt: skip
BY_SLUG = {section.slug: section for section in SECTIONS}


def sections_of(application: Application, applicant: Applicant | None) -> list[Section]:
    """The sections that apply: the prescriber's own, or with None the practice's."""
    if applicant is None and application.kind == Kind.FURTHER:
        return []
    scope = Scope.APPLICANT if applicant else Scope.APPLICATION
    return [s for s in SECTIONS if s.scope is scope and s.applies(application, applicant)]
