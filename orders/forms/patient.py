"""Whom the order is for: one of the practice's patients, or a new one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from accounts.house_dates import HouseDate
from accounts.house_fields import STATES, Named, PagePart, UsPhone, ZipCode
from accounts.house_forms import HouseText
from accounts.models import User
from orders.models import Patient
from orders.services.drafts import NewPatient
from orders.status import Sex

# More than this makes a list that nobody reads: then the name is asked first.
LISTED_AT_MOST = 200
_REFERENCE = re.compile(r"PT-[0-9A-Z]{8}", re.ASCII)


class PatientField(forms.ChoiceField):
    """A reference of one of the practice's patients, also when the list shows others."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[], **kwargs)
        self.by: User | None = None
        self.found: Patient | None = None

    def valid_value(self, value: str) -> bool:
        if self.by is None or not _REFERENCE.fullmatch(value):
            return False
        self.found = patient_named(value, by=self.by)
        return self.found is not None


class PatientForm(PagePart):
    NEW: ClassVar[tuple[str, ...]] = (
        "family_name", "given_name", "birth_date", "sex", "address", "city", "state", "zip_code",
        "phone",
    )  # fmt: skip
    conditional: ClassVar[frozenset[str]] = frozenset({"patient", "patient_filter", *NEW})

    patient_kind = forms.ChoiceField(
        label="Who is the order for?",
        choices=[("existing", "A patient of this practice"), ("new", "A new patient")],
        widget=forms.RadioSelect,
    )
    patient_filter = HouseText(
        label="Name begins with",
        required=False,
        max_length=60,
        help_text="Family or given name, then choose Find",
    )
    patient = PatientField(label="Patient", required=False)
    family_name = Named(label="Family name", required=False, max_length=60)
    given_name = Named(label="Given name", required=False, max_length=60)
    birth_date = HouseDate(label="Date of birth", required=False)
    sex = forms.ChoiceField(
        label="Sex", required=False, choices=Sex.choices, widget=forms.RadioSelect
    )
    address = Named(label="Street address", required=False, max_length=120)
    city = Named(label="City", required=False, max_length=60)
    state = forms.ChoiceField(label="State", required=False)
    zip_code = ZipCode(label="ZIP code", required=False)
    phone = UsPhone(label="Phone", required=False, help_text="US number with area code")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self._fields_of("state").choices = [("", "Choose a state"), *STATES]
        self._list_patients()

    def _fields_of(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  narrows the type
        return field

    def _list_patients(self) -> None:
        field = self._fields_of("patient")
        assert isinstance(field, PatientField)  # noqa: S101  narrows the type
        field.by = self.by
        mine = (
            Patient.objects.visible_to(self.by).kept().order_by("family_name", "given_name", "id")
        )
        rows = list(mine[: LISTED_AT_MOST + 1])
        self.too_many = len(rows) > LISTED_AT_MOST
        if self.too_many and (words := self._filter_words()):
            rows = list(mine.named(words)[: LISTED_AT_MOST + 1])
        self.shown = f"{min(len(rows), LISTED_AT_MOST)} patients listed"
        self.has_patients = bool(rows) or self.too_many
        rows = self._with_chosen(rows[:LISTED_AT_MOST], mine)
        field.choices = [("", "Choose a patient"), *((p.reference, _label(p)) for p in rows)]

    def _filter_words(self) -> str:
        """What was typed to narrow the list; nothing when it could not be a name."""
        typed = str(self.data.get("patient_filter", "")) if self.is_bound else ""
        return typed if typed.isprintable() and len(typed) <= 60 else ""

    def _with_chosen(self, rows: list[Patient], mine: Any) -> list[Patient]:
        """The patient chosen before stays in the list when the list shows others."""
        source = self.data if self.is_bound else self.initial
        chosen = str(source.get("patient", ""))
        if not _REFERENCE.fullmatch(chosen) or any(p.reference == chosen for p in rows):
            return rows
        return [*mine.filter(reference=chosen), *rows]

    def clean(self) -> dict[str, Any]:
        """Only the chosen half counts; the other half is neither asked for nor judged."""
        new = self.cleaned_data.get("patient_kind") == "new"
        wanted = self.NEW if new else ("patient",)
        for name in ("patient", *self.NEW):
            if name not in wanted:
                self._errors.pop(name, None)
        if "patient_kind" not in self.errors:
            for name in wanted:
                self.need(name)
        return self.cleaned_data

    def chosen(self) -> Patient | NewPatient:
        """Only after is_valid()."""
        if self.cleaned_data["patient_kind"] == "new":
            return NewPatient(**{name: self.cleaned_data[name] for name in self.NEW})
        field = self.fields["patient"]
        assert isinstance(field, PatientField)  # noqa: S101  narrows the type
        assert field.found is not None  # noqa: S101  clean() asked for it
        return field.found

    @staticmethod
    def initial_of(patient: Patient) -> dict[str, Any]:
        return {"patient_kind": "existing", "patient": patient.reference}


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the page is about, as far as the rules ask: a patient on file, or a new one as typed."""

    patient: Patient | None = None
    birth_date: date | None = None
    sex: str = ""
    state: str | None = None

    @classmethod
    def of(cls, patient: Patient) -> Person:
        return cls(patient, patient.birth_date, patient.sex, patient.state)


def person_sent(data: QueryDict, *, by: User) -> Person:
    """The person on the page, without judging what is typed; asks for one patient, never a list."""
    if data.get("patient_kind") == "new":
        state, sex = data.get("state", ""), data.get("sex", "")
        return Person(
            birth_date=_birth_date(data),
            sex=sex if sex in Sex else "",
            state=state if state in dict(STATES) else None,
        )
    chosen = data.get("patient_kind") == "existing"
    patient = patient_named(data.get("patient", ""), by=by) if chosen else None
    return Person.of(patient) if patient else Person()


def patient_named(reference: str, *, by: User) -> Patient | None:
    """The practice's patient of a reference; None for anything else."""
    if not _REFERENCE.fullmatch(reference):
        return None
    return Patient.objects.visible_to(by).kept().filter(reference=reference).first()


def _birth_date(data: QueryDict) -> date | None:
    try:
        found = HouseDate(required=False).clean(
            [data.get(f"birth_date_{at}", "") for at in range(3)]
        )
    except ValidationError:
        return None
    return found if isinstance(found, date) else None


def _label(patient: Patient) -> str:
    born = patient.birth_date
    day = f"{born:%b} {born.day}, {born.year}"
    return f"{patient.family_name}, {patient.given_name} · born {day} · {patient.reference}"
