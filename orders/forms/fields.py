"""What the order pages' fields share: text that is safe to print, each answer sent once."""

from __future__ import annotations

import re
from typing import Any, cast

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.http import QueryDict
from localflavor.us.forms import USZipCodeField  # type: ignore[import-untyped]

from accounts.house_forms import HouseForm, HouseText, in_a_sentence

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


class PlainText(HouseText):
    """Text without angle brackets: read as “less than” in a chart, as markup elsewhere."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if "<" in text or ">" in text:
            name = in_a_sentence(str(self.label))
            raise ValidationError(f"Write the {name} without the characters < and >.")
        return text


class Named(PlainText):
    """A name of a person, a street or a town: has at least one letter."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if text and not any(letter.isalpha() for letter in text):
            raise ValidationError(f"Enter the {in_a_sentence(str(self.label))} in letters.")
        return text


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


class UsPhone(HouseText):
    """Any possible US number, printed (555) 555-0123. Fictional 555-01xx numbers are possible."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return self._national(text) if text else ""

    def _national(self, text: str) -> str:
        try:
            number = phonenumbers.parse(text if text.isascii() else "", "US")
        except phonenumbers.NumberParseException:
            number = phonenumbers.PhoneNumber()
        possible = phonenumbers.is_possible_number_with_reason(number)
        if number.country_code != 1 or possible != phonenumbers.ValidationResult.IS_POSSIBLE:
            raise ValidationError("Enter a US phone number with area code, such as (555) 555-0123.")
        if number.extension:
            raise ValidationError("Enter the phone number without an extension.")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


class ZipCode(HouseText):
    """Five digits, or nine with a hyphen; spaces are dropped."""

    _usual = USZipCodeField(required=False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value).replace(" ", "")
        try:
            self._usual.clean(text if text.isascii() else "-")
        except ValidationError:
            raise ValidationError(
                "Enter the ZIP code as five digits, such as 27514, or nine, such as 27514-0123."
            ) from None
        return text


class OrderPart(HouseForm):
    """A form that is one part of a page: takes no answer twice, can be shown without judging it."""

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        for name, field in self.fields.items():
            if any(self._times_sent(key) > 1 for key in self._keys(name, field)):
                label = in_a_sentence(str(field.label))
                self.add_error(name, f"Answer “{label}” once: it was sent more than once.")

    def _keys(self, name: str, field: forms.Field) -> list[str]:
        key = self.add_prefix(name)
        if isinstance(field.widget, forms.MultiWidget):
            return [f"{key}_{number}" for number in range(len(field.widget.widgets))]
        return [key]

    def _times_sent(self, key: str) -> int:
        data = cast("QueryDict", self.data)
        return len(data.getlist(key)) if hasattr(data, "getlist") else int(key in data)

    def unjudged(self) -> None:
        """Show what was typed without errors: a row was added, nothing was submitted."""
        self.full_clean()
        self._errors = ErrorDict()

    def answer(self, name: str) -> Any:
        """The cleaned value of a field, None when blank or wrong."""
        if not self.is_bound:
            return None
        if self._errors is None:
            self.full_clean()
        value = self.cleaned_data.get(name)
        return None if value == "" else value

    def need(self, name: str) -> None:
        """Ask for a conditional field unless it has a value or an error of its own."""
        if name not in self.errors and self.answer(name) is None:
            self.add_error(name, self.fields[name].error_messages["required"])
