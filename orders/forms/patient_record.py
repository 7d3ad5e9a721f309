"""A patient's own pages: name and address, what is known clinically, and the search of the list.

The fields and their rules are those of the order form: a patient is entered one way.
"""

from __future__ import annotations

import copy
from typing import Any, ClassVar

from django import forms

from accounts.house_fields import STATES, PagePart, PlainText
from accounts.models import User
from formulary.amounts import display
from formulary.services import load_formulary
from orders.forms.known import Answers
from orders.forms.patient import PatientForm
from orders.forms.safety import SafetyForm
from orders.models import Patient
from orders.services.drafts import NewPatient
from orders.services.patients import ClinicalAnswers

_VERSION = r"\A[1-9][0-9]{0,8}\Z"


def version_field() -> forms.RegexField:
    """The version of the record that the page shows; hidden."""
    return forms.RegexField(_VERSION, widget=forms.HiddenInput)


def needed(name: str) -> Any:
    """A field of the order form's new patient, here always asked for."""
    field = copy.deepcopy(PatientForm.base_fields[name])
    field.required = True
    if name == "state":
        field.choices = [("", "Choose a state"), *STATES]  # type: ignore[attr-defined]
    return field


class PersonForm(PagePart):
    """Name, birth date, sex, address and phone of a new patient."""

    family_name = needed("family_name")
    given_name = needed("given_name")
    birth_date = needed("birth_date")
    sex = needed("sex")
    address = needed("address")
    city = needed("city")
    state = needed("state")
    zip_code = needed("zip_code")
    phone = needed("phone")
    anyway = forms.BooleanField(label="This is another person: make a new record", required=False)
    conditional: ClassVar[frozenset[str]] = frozenset({"anyway"})

    def person(self) -> NewPatient:
        """Only after is_valid()."""
        return NewPatient(**{name: self.cleaned_data[name] for name in PatientForm.NEW})


class ChangeForm(PersonForm):
    """The same of a patient on file."""

    anyway = None  # type: ignore[assignment]  # Django's way to leave a field out
    version = version_field()

    @staticmethod
    def initial_of(patient: Patient) -> dict[str, Any]:
        return {name: getattr(patient, name) for name in (*PatientForm.NEW, "version")}


class AnswersForm(SafetyForm):
    """What is known of a patient; a group left blank stays not recorded."""

    changed = None  # type: ignore[assignment]
    naltrexone_last_dose = None  # type: ignore[assignment]
    version = version_field()
    asked_again = forms.BooleanField(
        label="All of these questions were asked again today", required=False
    )
    conditional: ClassVar[frozenset[str]] = SafetyForm.conditional | {"asked_again"}

    def __init__(self, *args: Any, by: User, patient: Patient, **kwargs: Any) -> None:
        super().__init__(
            *args, by=by, formulary=load_formulary(), known=None, sex=patient.sex, stored=None,
            **kwargs,
        )  # fmt: skip
        self.fields["weight_kg"].help_text = ""

    def answers(self) -> ClinicalAnswers:
        """Only after is_valid()."""
        said, of = self.said, self.cleaned_data
        return ClinicalAnswers(
            allergies=said.allergies,
            allergies_text=said.allergies_text,
            medicines=said.medicines,
            opioid_use=of["opioid_use"],
            opioid_kind=of["opioid_kind"],
            opioid_last_use=of["opioid_last_use"],
            cautions=said.cautions,
            procedure_on=said.procedure_on,
            weight_kg=of["weight_kg"],
            height_cm=of["height_cm"],
            asked_again=of["asked_again"],
        )

    @staticmethod
    def initial_from(patient: Patient) -> dict[str, Any]:
        """As it would be typed."""
        cautions = None if patient.cautions is None else tuple(patient.cautions)
        said = Answers(
            patient.allergies, patient.allergies_text, patient.medicines, cautions,
            patient.procedure_on,
        )  # fmt: skip
        names = ("opioid_use", "opioid_kind", "opioid_last_use", "version")
        measured = {
            name: display(value) if (value := getattr(patient, name)) else ""
            for name in ("weight_kg", "height_cm")
        }
        return said.typed() | measured | {name: getattr(patient, name) for name in names}


class FindPatientForm(PagePart):
    conditional: ClassVar[frozenset[str]] = frozenset({"words"})

    words = PlainText(
        label="Find a patient",
        required=False,
        max_length=60,
        widget=forms.TextInput({"autofocus": True}),
        help_text="Family or given name, date of birth, or record number",
    )
