"""Fields of the account form: numbers with check digits, days to come, addresses of several kinds."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone

from accounts.house_dates import MONTHS, HouseDate
from accounts.house_fields import STATES, Named, PlainText
from accounts.house_forms import HouseText, in_a_sentence
from intake.digits import dea_error, npi_error
from intake.forms import zones

# What people paste along with a number: spaces, hyphens of all kinds, brackets, dots.
_DECORATION = re.compile(r"[\s\-\u2010-\u2015()\[\].]+")
_PO_BOX = re.compile(
    r"\bp\s*\.?\s*o\s*\.?\s*(?:b\b|box\b)|\bpost\s+office\s+box\b|\bpob\b|^\s*box\s+\d", re.I
)
_EIN = re.compile(r"[0-9]{2}-?[0-9]{7}", re.ASCII)
_LICENCE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ./-]*[A-Za-z0-9])?", re.ASCII)
# No licence runs longer; a later year is a slip of the finger.
_YEARS_AHEAD = 12


def bare(text: str) -> str:
    """The number alone, as it was pasted with spaces, hyphens or brackets."""
    return _DECORATION.sub("", text)


class NpiField(HouseText):
    """Ten digits with the right check digit; the same rule holds for people and for groups."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric"}))
        super().__init__(max_length=40, **kwargs)

    def to_python(self, value: Any) -> str:
        text = bare(super().to_python(value))
        if text and (wrong := npi_error(text)):
            raise ValidationError(wrong)
        return text


class DeaField(HouseText):
    """Two characters and seven digits with the right check digit, in capitals."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def to_python(self, value: Any) -> str:
        text = bare(super().to_python(value)).upper()
        if text and (wrong := dea_error(text)):
            raise ValidationError(wrong)
        return text


class LicenceNumber(PlainText):
    """As the board prints it: letters and digits, joined by spaces, dots, slashes or hyphens."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=30, **kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if text and len(text) <= 30 and not _LICENCE.fullmatch(text):
            name = in_a_sentence(str(self.label))
            raise ValidationError(
                f"Enter the {name} in letters and digits, as the board prints it."
            )
        return text


class FutureDate(HouseDate):
    """A day that has not passed: what is valid until then still is."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "For example May 31 2027; the month may be a number")
        super().__init__(**kwargs)

    def validate(self, value: dt.date | None) -> None:
        forms.Field.validate(self, value)
        if value is None:
            return
        name, today = in_a_sentence(str(self.label)), timezone.localdate()
        if value < today:
            said = f"{MONTHS[value.month - 1]} {value.day}, {value.year}"
            raise ValidationError(f"The {name} has passed ({said}): give one that holds today.")
        if value.year > today.year + _YEARS_AHEAD:
            raise ValidationError(
                f"The {name} cannot be after {today.year + _YEARS_AHEAD}: check the year."
            )


class StreetAddress(Named):
    """Where people work or parcels arrive: never a PO box."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if _PO_BOX.search(text):
            raise ValidationError(
                f"Enter the {in_a_sentence(str(self.label))} of a building: a PO box is not one."
            )
        return text


class EinField(HouseText):
    """An employer's tax number, printed 12-3456789."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)

    def to_python(self, value: Any) -> str:
        text = re.sub(r"\s", "", super().to_python(value))
        if text and not _EIN.fullmatch(text):
            raise ValidationError("Enter the tax ID as nine digits, such as 12-3456789.")
        digits = text.replace("-", "")
        return f"{digits[:2]}-{digits[2:]}" if digits else ""


class WebsiteField(PlainText):
    """An http or https address; https:// is put before one typed without."""

    _checks = URLValidator(schemes=["http", "https"])

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "url"}))
        super().__init__(max_length=200, **kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if not text or len(text) > 200:
            return text
        address = text if "://" in text else f"https://{text}"
        try:
            self._checks(address if "@" not in address else "")
        except ValidationError:
            raise ValidationError(
                "Enter the website in full, such as https://clinic.example.org."
            ) from None
        return address


class MailField(forms.EmailField):
    """An e-mail address in small letters, without the quoted forms that no mail program makes."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "email"}))
        super().__init__(max_length=254, **kwargs)

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value)).lower()
        if any(not " " < mark < "\x7f" or mark in '"<>' for mark in text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return text


class StateField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[("", "Choose a state"), *STATES], **kwargs)


class TimeZoneField(forms.ChoiceField):
    """US zones, the usual ones first. site scripts suggest the zone of the state chosen beside."""

    def __init__(self, *, state_control: str = "id_state", **kwargs: Any) -> None:
        groups = [
            ("", "Choose a time zone"),
            ("Most of the United States", [(name, label) for name, label in zones.USUAL]),
            ("Local zones", [(name, label) for name, label in zones.LOCAL]),
        ]
        suggest = {"data-suggest-from": state_control, "data-suggest": json.dumps(zones.OF_STATE)}
        super().__init__(choices=groups, widget=forms.Select(suggest), **kwargs)
