"""Fields of the formulary's forms: figures in the spelling of ISMP, and days that are ahead."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.house_dates import HouseDate
from accounts.house_fields import PlainText
from accounts.house_forms import in_a_sentence
from formulary.amounts import DoseError, display, parse_dose
from formulary.clock import pharmacy_today

_EDGES = " \t\r\n\u00a0\u3000"
_MOST_AHEAD = dt.timedelta(days=731)


class Amount(forms.Field):
    """A figure as doses are typed: 0.5, never .5 or 5.0. `unit` prints behind the control."""

    widget = forms.TextInput({"inputmode": "decimal"})

    def __init__(
        self, *, unit: str = "", least: Decimal | None = None, most: Decimal | None = None,
        whole: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        self.unit, self.least, self.most, self.whole = unit, least, most, whole
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        text = str(value).strip(_EDGES) if value is not None else ""
        if not text:
            return None
        amount = self._read(text)
        low, high = self.least, self.most
        outside = (low is not None and amount < low) or (high is not None and amount > high)
        if outside or (self.whole and amount % 1):
            raise ValidationError(self._limits())
        return amount

    def _read(self, text: str) -> Decimal:
        if text == "0" and self.least == 0:
            return Decimal(0)
        try:
            return parse_dose(text)
        except DoseError as wrong:
            name = in_a_sentence(str(self.label))
            if wrong.proposal:
                said = f"Write the {name} as {wrong.proposal}: {_why(str(wrong))}."
            elif text.strip("0.") == "":
                said = f"The {name} must be more than 0."
            else:
                said = (
                    f"Write the {name} in the digits 0 to 9, such as 0.5 or 4.5: at most 6 digits, "
                    "at most 3 of them after the point."
                )
            raise ValidationError(said) from None

    def _limits(self) -> str:
        name, kind = in_a_sentence(str(self.label)), "a whole number" if self.whole else "a number"
        low, high = self.least, self.most
        if low is None or high is None:
            return f"Enter the {name} as {kind}, {display(low or high or Decimal(0))} at most."
        return f"Enter the {name} as {kind} from {display(low)} to {display(high)}."


def _why(said: str) -> str:
    """The reason between the proposal and the limits of a dose."""
    found = re.search(r": (.*?);", said)
    return (
        found[1].replace("a dose", "a figure").replace("whole dose", "whole figure")
        if found
        else ""
    )


class Price(forms.Field):
    """US dollars for one unit: 1.25 or 0.875. Empty: no price."""

    widget = forms.TextInput({"inputmode": "decimal"})
    _PRICE = re.compile(r"(?:0|[1-9][0-9]{0,3})(?:\.[0-9]{1,4})?", re.ASCII)

    def __init__(self, **kwargs: Any) -> None:
        self.unit = "US dollars"
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str | None:
        text = str(value).strip(_EDGES) if value is not None else ""
        if not text:
            return None
        if not self._PRICE.fullmatch(text):
            raise ValidationError(
                "Enter the price as dollars with a point, such as 1.25: up to 9999, at most 4 digits "
                "after the point."
            )
        return display(Decimal(text))


class DayAhead(HouseDate):
    """Today or a later day, two years ahead at most."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "Today or later. For example Jan 15 2027")
        super().__init__(**kwargs)

    def validate(self, value: dt.date | None) -> None:
        forms.Field.validate(self, value)
        if value is None:
            return
        today, name = pharmacy_today(), in_a_sentence(str(self.label))
        if value < today:
            raise ValidationError(f"The {name} cannot lie in the past.", code="past")
        if value > today + _MOST_AHEAD:
            raise ValidationError(
                f"The {name} lies more than two years ahead: check the year.", code="far"
            )


class SlugText(PlainText):
    """Small letters, digits and hyphens."""

    _SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if text and not self._SLUG.fullmatch(text):
            name = in_a_sentence(str(self.label))
            raise ValidationError(
                f"Write the {name} in small letters, digits and hyphens, such as {self.example}."
            )
        return text

    def __init__(self, *, example: str, **kwargs: Any) -> None:
        self.example = example
        super().__init__(**kwargs)
