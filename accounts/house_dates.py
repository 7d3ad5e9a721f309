"""A known date, such as a birthday, in three typed parts: nothing to pick, no order to guess."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.house_forms import in_a_sentence

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_YEAR = "january february march april may june july august september october november december"
_NAMES = _YEAR.split(" ")
_NUMBER = re.compile("[0-9]{1,4}", re.ASCII)
_PARTS = ("Month", "Day", "Year")


class DateParts(forms.MultiWidget):
    """Three text controls; POST names x_0 (month), x_1 (day), x_2 (year)."""

    template_name = "components/date_parts.html"

    def __init__(self) -> None:
        off = {"autocomplete": "off", "class": "form-control"}
        digits = {**off, "inputmode": "numeric"}
        super().__init__([forms.TextInput(off), forms.TextInput(digits), forms.TextInput(digits)])

    def decompress(self, value: dt.date | None) -> list[str]:
        return [MONTHS[value.month - 1], str(value.day), str(value.year)] if value else ["", "", ""]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for part, label in zip(context["widget"]["subwidgets"], _PARTS, strict=True):
            part["label"] = label
        return context


class HouseDate(forms.Field):
    """A day that has been: birthdays, last doses. `earliest` and today are the limits."""

    widget = DateParts

    def __init__(self, *, earliest: dt.date = dt.date(1900, 1, 1), **kwargs: Any) -> None:
        self.earliest = earliest
        kwargs.setdefault("help_text", "For example Nov 22 1980; the month may be a number")
        super().__init__(**kwargs)

    def to_python(self, value: Sequence[str] | dt.date | None) -> dt.date | None:
        if value is None or isinstance(value, dt.date):
            return value
        month, day, year = ((part or "").strip() for part in value)
        if not month and not day and not year:
            return None
        return self._read(month, day, year)

    def validate(self, value: dt.date | None) -> None:
        super().validate(value)
        if value is None:
            return
        name = in_a_sentence(str(self.label))
        if value > timezone.localdate():
            raise ValidationError(f"The {name} lies in the future: check the year.", code="future")
        if value < self.earliest:
            raise ValidationError(
                f"The {name} cannot be before {self.earliest.year}: check the year.", code="early"
            )

    def _read(self, month: str, day: str, year: str) -> dt.date:
        name = in_a_sentence(str(self.label))
        number = _month_number(month)
        if not number:
            raise ValidationError(
                f"Enter the month of the {name}, such as Nov or 11.", code="month"
            )
        if not _NUMBER.fullmatch(day) or not 1 <= int(day) <= 31:
            raise ValidationError(f"Enter the day of the {name} as a number, 1 to 31.", code="day")
        if not _NUMBER.fullmatch(year) or len(year) != 4:
            raise ValidationError(f"Enter the year of the {name} in four digits.", code="year")
        try:
            return dt.date(int(year), number, int(day))
        except ValueError:
            said = f"{MONTHS[number - 1]} {int(day)}, {year}"
            raise ValidationError(f"There is no {said}: check the {name}.", code="day") from None


def _month_number(text: str) -> int:
    """1 to 12 for 11, Nov, nov. or November; 0 for anything else."""
    word = text.lower().rstrip(".")
    if _NUMBER.fullmatch(word):
        return int(word) if 1 <= int(word) <= 12 else 0
    if len(word) < 3:
        return 0
    return next((at for at, name in enumerate(_NAMES, 1) if name.startswith(word)), 0)
