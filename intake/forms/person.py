"""The pages about one prescriber."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.house_dates import MONTHS, HouseDate
from accounts.house_fields import Named, UsPhone
from accounts.status import SUPERVISED, Credential
from intake.forms.base import SectionForm
from intake.forms.fields import (
    DeaField,
    FutureDate,
    LicenceNumber,
    MailField,
    NpiField,
    StateField,
)

# From here on a licence that ends soon is told of; it is taken all the same.
WARN_DAYS = 60
_YOUNGEST = 18
LICENCE_KINDS = (
    "Medical", "Osteopathic", "Nursing", "Physician assistant", "Podiatric", "Dental", "Optometric",
    "Naturopathic", "Other",
)  # fmt: skip


class PersonForm(SectionForm):
    own_tokens: ClassVar[Mapping[str, str]] = {
        "given_name": "given-name", "middle_name": "additional-name", "family_name": "family-name",
        "suffix": "honorific-suffix", "birth_date": "bday",
    }  # fmt: skip
    widths: ClassVar[Mapping[str, str]] = {"suffix": "w-10"}

    given_name = Named(label="First name", max_length=60)
    middle_name = Named(label="Middle name", max_length=60, required=False)
    family_name = Named(label="Last name", max_length=60)
    suffix = Named(label="Suffix", max_length=20, required=False, help_text="Such as Jr or III")
    former_names = Named(
        label="Former names",
        max_length=200,
        required=False,
        help_text="Names on older licences, with commas between them",
    )
    birth_date = HouseDate(
        label="Date of birth",
        help_text="For the check against the federal exclusions list; only our reviewers see it. "
        "For example Nov 22 1980",
    )

    def clean_birth_date(self) -> date:
        born: date = self.cleaned_data["birth_date"]
        today = timezone.localdate()
        if (today.year - born.year - ((today.month, today.day) < (born.month, born.day))) < (
            _YOUNGEST
        ):
            raise ValidationError("The date of birth is too recent for a prescriber: check it.")
        return born


class CredentialsForm(SectionForm):
    conditional: ClassVar[frozenset[str]] = frozenset({"other_credential", "dea_expires_on"})
    own_tokens: ClassVar[Mapping[str, str]] = {"email": "email", "mobile": "tel"}
    widths: ClassVar[Mapping[str, str]] = {"npi": "w-16", "dea": "w-16", "mobile": "w-24"}
    together: ClassVar[tuple[frozenset[str], ...]] = (
        frozenset({"credential", "other_credential"}),
        frozenset({"dea", "dea_expires_on"}),
    )
    shown_for: ClassVar[Mapping[str, str]] = {
        "other_credential": f"credential={Credential.OTHER}",
        "dea_expires_on": "dea=*",
    }

    credential = forms.ChoiceField(
        label="Credential", choices=[("", "Choose a credential"), *Credential.choices]
    )
    other_credential = Named(label="Name of the credential", max_length=60, required=False)
    npi = NpiField(label="Individual NPI", help_text="Ten digits; spaces and hyphens are dropped")
    specialty = Named(
        label="Specialty",
        max_length=80,
        help_text="As the NPI registry has it, such as Dermatology",
    )
    dea = DeaField(
        label="DEA number",
        required=False,
        help_text="Not needed to order naltrexone: it is not a controlled drug",
    )
    dea_expires_on = FutureDate(label="DEA registration’s last day", required=False)
    email = MailField(
        label="Professional e-mail address",
        help_text="Becomes the sign-in name. Private links go to it, so nobody else may read it.",
    )
    mobile = UsPhone(label="Mobile phone", required=False, help_text="US number with area code")

    def clean(self) -> dict[str, Any]:
        if self.answer("credential") == Credential.OTHER:
            self.need("other_credential")
        else:
            self.drop("other_credential")
        if self.answer("dea") or "dea" in self.errors:
            self.need("dea_expires_on")
        elif self.answer("dea_expires_on"):
            self.add_error("dea", "Enter the DEA number too, or clear its last day.")
        return self.cleaned_data


class LicenceForm(SectionForm):
    conditional: ClassVar[frozenset[str]] = frozenset({"authority"})
    widths: ClassVar[Mapping[str, str]] = {"number": "w-24", "authority": "w-24"}

    state = StateField(label="State")
    kind = forms.ChoiceField(
        label="Type of licence",
        choices=[("", "Choose a type"), *((kind, kind) for kind in LICENCE_KINDS)],
    )
    number = LicenceNumber(label="Licence number")
    expires_on = FutureDate(label="Licence’s last day")
    authority = LicenceNumber(
        label="Prescriptive-authority number",
        required=False,
        help_text="Where the state gives no separate number, type None",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.part("credentials").get("credential") not in SUPERVISED:
            del self.fields["authority"]

    def clean(self) -> dict[str, Any]:
        if "authority" in self.fields:
            self.need("authority")
        here = (self.answer("state"), str(self.answer("number") or "").casefold())
        known = {(row.get("state"), str(row.get("number")).casefold()) for row in self.others}
        if all(here) and here in known:
            self.add_error("number", "This licence is on the list already: change that one.")
        return self.cleaned_data

    def stored(self) -> dict[str, Any]:
        return {"authority": "", **super().stored()}

    def notes(self) -> list[str]:
        words = ends_soon(self.cleaned_data["state"], self.cleaned_data["expires_on"])
        return [words] if words else []


def ends_soon(state: str, day: date | None) -> str:
    """Words about a licence that ends within WARN_DAYS; "" for every other."""
    if day is None or day > timezone.localdate() + timedelta(days=WARN_DAYS):
        return ""
    said = f"{MONTHS[day.month - 1]} {day.day}, {day.year}"
    return (
        f"The {state} licence ends on {said}. We take it, but no orders after that day: "
        "send the renewed one as soon as you have it."
    )


class SupervisionForm(SectionForm):
    """The physician who supervises or collaborates, where the state asks for one."""

    PHYSICIAN: ClassVar[tuple[str, ...]] = (
        "name", "npi", "licence_state", "licence_number", "phone", "address",
    )  # fmt: skip
    conditional: ClassVar[frozenset[str]] = frozenset(PHYSICIAN)
    together: ClassVar[tuple[frozenset[str], ...]] = (frozenset({"needed", *PHYSICIAN}),)
    shown_for: ClassVar[Mapping[str, str]] = dict.fromkeys(PHYSICIAN, "needed=yes")
    widths: ClassVar[Mapping[str, str]] = {
        "npi": "w-16", "licence_number": "w-24", "phone": "w-24",
    }  # fmt: skip

    needed = forms.ChoiceField(
        label="Does the state require a supervising or collaborating physician?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
    )
    name = Named(label="Physician’s name", max_length=120, required=False)
    npi = NpiField(label="Physician’s NPI", required=False)
    licence_state = StateField(label="State of the physician’s licence", required=False)
    licence_number = LicenceNumber(label="Physician’s licence number", required=False)
    phone = UsPhone(label="Physician’s phone", required=False)
    address = Named(
        label="Physician’s address", max_length=250, required=False, multiline=True,
        help_text="Street, city, state and ZIP code",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        if self.answer("needed") == "yes":
            for name in self.PHYSICIAN:
                self.need(name)
            npi = self.answer("npi")
            if npi and npi == self.part("credentials").get("npi"):
                self.add_error("npi", "This is the prescriber’s own NPI: enter the physician’s.")
        else:
            self.drop(*self.PHYSICIAN)
        return self.cleaned_data
