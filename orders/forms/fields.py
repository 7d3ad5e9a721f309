"""Text that a pharmacist reads, measures in exact decimals, and days that are still to come."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.house_dates import HouseDate
from accounts.house_fields import PlainText
from accounts.house_forms import HouseText, in_a_sentence
from formulary.amounts import display

# ISMP's error-prone abbreviations and numbers, with what to write instead. BT and U only in
# capitals: both are also parts of words and initials.
_AVOID = (
    (re.compile(r"[µμ]g"), "mcg instead of µg"),
    (re.compile(r"\bcc\b", re.I), "mL instead of cc"),
    (re.compile(r"\bq\.?\s?hs\b", re.I), "“at bedtime” instead of QHS"),
    (re.compile(r"\bq\.?\s?d\b", re.I), "“daily” instead of QD"),
    (re.compile(r"\bBT\b"), "“at bedtime” instead of BT"),
    (re.compile(r"\d\s?U\b"), "“units” instead of U"),
    (re.compile(r"(?<![\w.])\.\d"), "a zero before the point, such as 0.5"),
    (re.compile(r"\d\.\d*0(?![\w.])"), "the number without the zero at its end, such as 5 or 0.5"),
)
_COUNT = r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|half)"
_UNIT = r"(?:mg|mcg|ml|milligrams?|micrograms?|millilit(?:er|re)s?|capsules?|caps?|tablets?|tabs?|drops?)"
_DOSE = re.compile(rf"\b{_COUNT}(?:\s|-)*(?:a\s)?{_UNIT}\b", re.I)


class ClinicalText(PlainText):
    """Words that a pharmacist reads. `no_doses`: a dose has its own field, and only there counts."""

    def __init__(self, *, no_doses: bool = False, **kwargs: Any) -> None:
        self.no_doses = no_doses
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        name = in_a_sentence(str(self.label))
        for pattern, instead in _AVOID:
            if pattern.search(text):
                raise ValidationError(f"In the {name}, write {instead}.")
        if self.no_doses and (found := _DOSE.search(text)):
            raise ValidationError(
                f"Take “{found[0]}” out of the {name}: doses and amounts stand in the steps alone."
            )
        return text


class Measure(HouseText):
    """A weight or a height: plain digits, so many decimals at most, within its limits."""

    def __init__(self, *, least: str, most: str, decimals: int, unit: str, **kwargs: Any) -> None:
        self.least, self.most, self.decimals = Decimal(least), Decimal(most), decimals
        widget = forms.TextInput({"inputmode": "decimal"})
        super().__init__(max_length=20, unit=unit, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        plain = re.fullmatch(rf"[0-9]{{1,4}}(?:\.[0-9]{{1,{self.decimals}}})?", text, re.ASCII)
        if not plain or not self.least <= Decimal(text) <= self.most:
            low, high = display(self.least), display(self.most)
            raise ValidationError(
                f"Enter the {in_a_sentence(str(self.label))} in {self.unit} from {low} to {high}, "
                "such as 32 or 32.5."
            )
        return Decimal(text)


class ComingDate(HouseDate):
    """A day from today on; `today` is set by the form, as the practice counts it."""

    def __init__(self, *, days_ahead: int, **kwargs: Any) -> None:
        self.days_ahead = days_ahead
        self.today: dt.date | None = None
        super().__init__(**kwargs)

    def validate(self, value: dt.date | None) -> None:
        forms.Field.validate(self, value)
        if value is None or self.today is None:
            return
        name = in_a_sentence(str(self.label))
        if value < self.today:
            raise ValidationError(f"The {name} lies in the past: enter today or a later day.")
        if (value - self.today).days > self.days_ahead:
            years = self.days_ahead // 365
            raise ValidationError(
                f"The {name} lies more than {years} year{'s' * (years != 1)} ahead: check the year."
            )
