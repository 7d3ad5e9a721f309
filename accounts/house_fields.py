"""Fields that forms of several apps share: text that is safe to print, each answer sent once."""

from __future__ import annotations

from typing import Any, cast

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.http import QueryDict
from localflavor.us.forms import USZipCodeField  # type: ignore[import-untyped]
from localflavor.us.us_states import STATE_CHOICES  # type: ignore[import-untyped]

from accounts.house_forms import HouseForm, HouseText, in_a_sentence

STATES: tuple[tuple[str, str], ...] = tuple((str(code), str(name)) for code, name in STATE_CHOICES)


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


class PagePart(HouseForm):
    """A form that is one part of a page: takes no answer twice, can be shown without judging it."""

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        for name, field in self.fields.items():
            if any(self._times_sent(key) > 1 for key in self._keys(name, field)):
                label = in_a_sentence(str(field.label))
                self.add_error(name, f"Answer “{label}” once: it was sent more than once.")

    def _keys(self, name: str, field: forms.Field) -> list[str]:
        key = self.add_prefix(name)
        if isinstance(field, forms.MultipleChoiceField):
            return []
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
