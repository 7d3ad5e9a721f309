"""One row of a list of patients, judged by the rules of the order form."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.house_dates import HouseDate
from accounts.house_fields import STATES, PagePart
from accounts.house_forms import in_a_sentence
from orders.forms.fields import ClinicalText
from orders.forms.patient import PatientForm
from orders.forms.patient_record import needed
from orders.services.drafts import NewPatient
from orders.services.patient_imports import Listed
from orders.status import Allergies, Sex

_ISO = re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})", re.ASCII)
_FIGURES = re.compile(r"(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})/(?P<y>[0-9]{4})", re.ASCII)
_WORDS = re.compile(r"(?P<m>[A-Za-z]{3,9})\.? (?P<d>[0-9]{1,2}),? (?P<y>[0-9]{4})", re.ASCII)
_SEXES = {"f": Sex.FEMALE, "m": Sex.MALE, "o": Sex.OTHER, "x": Sex.OTHER, "u": Sex.UNKNOWN}
_STATES = {name.lower(): code for code, name in STATES}
_NONE_KNOWN = frozenset({"none", "none known", "no known allergies", "nka", "nkda"})


class TypedDate(HouseDate):
    """A day in one text: 1980-11-22, 11/22/1980 or Nov 22, 1980, the month first as in the US."""

    widget: Any = forms.TextInput

    def to_python(self, value: Any) -> dt.date | None:
        text = " ".join(str(value or "").split())
        if not text:
            return None
        found = _ISO.fullmatch(text) or _FIGURES.fullmatch(text) or _WORDS.fullmatch(text)
        if not found:
            raise ValidationError(
                f"Enter the {in_a_sentence(str(self.label))} as 11/22/1980, Nov 22 1980 or "
                "1980-11-22."
            )
        return self._read(found["m"], found["d"], found["y"])


def typed_day(text: str) -> dt.date | None:
    """The day a text means, for a search; None for anything else."""
    try:
        return TypedDate(label="Date", required=False).to_python(text)
    except ValidationError:
        return None


class RowForm(PagePart):
    """Sex and state also as letters and names; allergies are left blank where nobody asked."""

    family_name = needed("family_name")
    given_name = needed("given_name")
    birth_date = TypedDate(label="Date of birth")
    sex = needed("sex")
    address = needed("address")
    city = needed("city")
    state = needed("state")
    zip_code = needed("zip_code")
    phone = needed("phone")
    allergies = ClinicalText(label="Allergies", required=False, max_length=300)
    allergies_on = TypedDate(label="Allergies asked on", required=False)

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(_in_our_words(values))
        sex, state = self.fields["sex"], self.fields["state"]
        sex.error_messages["invalid_choice"] = "Enter Female, Male, Other or Unknown."
        state.error_messages["invalid_choice"] = "Enter the state as two letters, such as NC."
        sex.error_messages["required"] = "Enter the sex."
        state.error_messages["required"] = "Enter the state."

    def clean(self) -> dict[str, Any]:
        said, on = self.answer("allergies"), self.answer("allergies_on")
        if said and on is None and "allergies_on" not in self.errors:
            self.add_error("allergies_on", "Enter the day on which the allergies were asked.")
        elif on and not said and "allergies" not in self.errors:
            self.add_error("allergies", "Enter the allergies, or None known.")
        return self.cleaned_data

    def listed(self) -> Listed:
        """Only after is_valid()."""
        of = self.cleaned_data
        return Listed(NewPatient(**{name: of[name] for name in PatientForm.NEW}), self._allergies())

    def _allergies(self) -> dict[str, object]:
        said = self.answer("allergies")
        if not said:
            return {}
        none = said.lower().rstrip(".") in _NONE_KNOWN
        return {
            "allergies": Allergies.NONE_KNOWN if none else Allergies.LISTED,
            "allergies_text": "" if none else said,
            "allergies_on": self.answer("allergies_on"),
        }


def _in_our_words(values: Mapping[str, str]) -> dict[str, str]:
    sex, state = values.get("sex", "").strip().lower(), values.get("state", "").strip()
    return {
        **values,
        "sex": _SEXES.get(sex, sex),
        "state": _STATES.get(state.lower(), state.upper()),
    }


class Judging:
    """Called with a row: what it says, or what is wrong with it by field. One form for all rows,
    whose fields take longer to make than to ask."""

    def __init__(self) -> None:
        self._form = RowForm({})

    def __call__(self, values: Mapping[str, str]) -> Listed | dict[str, str]:
        form = self._form
        form.data = _in_our_words(values)
        form.full_clean()
        if not form.errors:
            return form.listed()
        return {str(name): str(errors[0]) for name, errors in form.errors.items()}
