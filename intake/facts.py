"""What an application says, as typed values: read by checks, review and activation alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.status import SUPERVISED, BillTo, Credential, Duty, Reach, ShipTo
from intake.models import Applicant, Application

_Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """`authority` is the prescriptive-authority number, where the state gives one."""

    state: str
    kind: str
    number: str
    expires_on: date | None
    authority: str = ""


@dataclass(frozen=True, slots=True)
class SupervisionFacts:
    """The physician who supervises; `needed` None: not answered yet."""

    needed: bool | None
    name: str = ""
    npi: str = ""
    licence_state: str = ""
    licence_number: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class ApplicantFacts:
    """One prescriber, as given. `birth_date` is for the exclusion check and reviewers alone."""

    given_name: str
    middle_name: str
    family_name: str
    suffix: str
    former_names: tuple[str, ...]
    birth_date: date | None
    credential: str
    other_credential: str
    npi: str
    specialty: str
    dea: str
    dea_expires_on: date | None
    email: str
    mobile: str
    licences: tuple[LicenceFacts, ...]
    supervision: SupervisionFacts

    @property
    def full_name(self) -> str:
        parts = (self.given_name, self.middle_name, self.family_name, self.suffix)
        return " ".join(part for part in parts if part)

    @property
    def printed_credential(self) -> str:
        is_other = self.credential == Credential.OTHER
        return self.other_credential if is_other else self.credential

    @property
    def is_supervised_kind(self) -> bool:
        """Whether people of this credential prescribe under supervision in some states."""
        return self.credential in SUPERVISED


@dataclass(frozen=True, slots=True)
class AddressFacts:
    name: str
    address: str
    city: str
    state: str
    zip_code: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class DelegateFacts:
    name: str
    email: str
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """`role` in words: Office manager."""

    role: str
    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class PracticeFacts:
    """The practice, as given."""

    name: str
    trade_name: str
    kind: str
    group_npi: str
    tax_id: str
    website: str
    address: str
    city: str
    state: str
    zip_code: str
    mailing_address: str
    phone: str
    fax: str
    time_zone: str
    contacts: tuple[ContactFacts, ...]
    reach_by: str
    clarifiers: str
    default_ship_to: str
    signature_required: bool
    bill_to: str
    ship_to: tuple[AddressFacts, ...]
    delegates: tuple[DelegateFacts, ...]


CONTACTS = (
    ("office_manager", "Office manager"),
    ("clinical", "Clinical contact"),
    ("payable", "Accounts payable"),
)


def applicant_facts(applicant: Applicant) -> ApplicantFacts:
    """The prescriber as the answers stand; what was not answered is empty."""
    person, credentials = _part(applicant, "person"), _part(applicant, "credentials")
    former = _text(person, "former_names").replace(";", ",").split(",")
    return ApplicantFacts(
        **{name: _text(person, name) for name in _PERSON},
        former_names=tuple(name.strip() for name in former if name.strip()),
        birth_date=_day(person, "birth_date"),
        **{name: _text(credentials, name) for name in _CREDENTIALS},
        dea_expires_on=_day(credentials, "dea_expires_on"),
        licences=tuple(_licence(row) for row in _rows(applicant, "licences")),
        supervision=_supervision(_part(applicant, "supervision")),
    )


def practice_facts(application: Application) -> PracticeFacts:
    """The practice as the answers stand; what was not answered is empty."""
    own, place = _part(application, "practice"), _part(application, "address")
    contacts, delivery = _part(application, "contacts"), _part(application, "delivery")
    return PracticeFacts(
        **{name: _text(own, name) for name in _OWN},
        **{name: _text(place, name) for name in _PLACE},
        contacts=_contacts(contacts),
        reach_by=_text(contacts, "reach_by") or Reach.PORTAL,
        clarifiers=_text(contacts, "clarifiers"),
        default_ship_to=_text(delivery, "default_ship_to") or ShipTo.PATIENT,
        signature_required=delivery.get("signature_required") is True,
        bill_to=_text(delivery, "bill_to") or BillTo.PATIENT,
        ship_to=tuple(_address(row) for row in _rows(application, "ship_to")),
        delegates=tuple(_delegate(row) for row in _rows(application, "delegates")),
    )


_PERSON = ("given_name", "middle_name", "family_name", "suffix")
_CREDENTIALS = (
    "credential", "other_credential", "npi", "specialty", "dea", "email", "mobile",
)  # fmt: skip
_OWN = ("name", "trade_name", "kind", "group_npi", "tax_id", "website")
_PLACE = (
    "address", "city", "state", "zip_code", "mailing_address", "phone", "fax", "time_zone",
)  # fmt: skip


def _licence(row: _Answers) -> LicenceFacts:
    names = ("state", "kind", "number", "authority")
    return LicenceFacts(**{n: _text(row, n) for n in names}, expires_on=_day(row, "expires_on"))


def _supervision(row: _Answers) -> SupervisionFacts:
    names = ("name", "npi", "licence_state", "licence_number", "phone", "address")
    needed = {"yes": True, "no": False}.get(_text(row, "needed"))
    return SupervisionFacts(needed, **{name: _text(row, name) for name in names})


def _address(row: _Answers) -> AddressFacts:
    names = ("name", "address", "city", "state", "zip_code", "phone")
    return AddressFacts(**{name: _text(row, name) for name in names})


def _delegate(row: _Answers) -> DelegateFacts:
    known = set(Duty.values)
    duties = tuple(Duty(one) for one in row.get("duties") or () if one in known)
    return DelegateFacts(_text(row, "name"), _text(row, "email"), duties)


def _contacts(row: _Answers) -> tuple[ContactFacts, ...]:
    found = (
        ContactFacts(role, *(_text(row, f"{code}_{part}") for part in ("name", "email", "phone")))
        for code, role in CONTACTS
    )
    return tuple(one for one in found if one.name or one.email or one.phone)


def _part(owner: Application | Applicant, section: str) -> _Answers:
    part = owner.answers.get(section)
    return part if isinstance(part, dict) else {}


def _rows(owner: Application | Applicant, section: str) -> list[_Answers]:
    rows = owner.answers.get(section)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _text(part: _Answers, name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""


def _day(part: _Answers, name: str) -> date | None:
    try:
        return date.fromisoformat(_text(part, name))
    except ValueError:
        return None
