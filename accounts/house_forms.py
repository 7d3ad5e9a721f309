"""The base of every form of the house: what it refuses, and the words it does so with."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError

_EDGES = " \t\r\n\u00a0\u3000"
# Invisible or direction-changing: C0 and C1 controls, marks and overrides of writing direction,
# zero-width space and BOM, line and paragraph separators, surrogates, what decoding left broken.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufffd-\uffff]"
)
_ONE_LINE_ONLY = re.compile("[\t\n]")
_DIGITS = re.compile("[0-9]{1,9}", re.ASCII)


def in_a_sentence(label: str) -> str:
    """`Given name` → `given name`, but `NPI` and `ICD-10-CM code` stay as they are."""
    first = label.split(" ", 1)[0]
    return label if any(letter.isupper() for letter in first[1:]) else label[:1].lower() + label[1:]


def plain_helper(form: forms.BaseForm) -> FormHelper:
    """For {% crispy form %} inside the page's own <form>: no form tag, no token, no media."""
    helper = FormHelper(form)
    helper.form_tag = False
    helper.disable_csrf = True
    helper.include_media = False
    return helper


class HouseText(forms.CharField):
    """Text that can be printed, stored and read aloud. `unit` prints behind the control."""

    def __init__(
        self, *, max_length: int, multiline: bool = False, unit: str = "", **kwargs: Any
    ) -> None:
        self.multiline, self.unit = multiline, unit
        if multiline:
            kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(max_length=max_length, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No maxlength: a browser would cut a pasted text short without a word."""
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs

    def to_python(self, value: Any) -> str:
        text = "" if value is None else str(value)
        text = text.replace("\r\n", "\n").replace("\r", "\n").strip(_EDGES)
        self._refuse_unprintable(text)
        return str(super().to_python(text))

    def _refuse_unprintable(self, text: str) -> None:
        found = _UNPRINTABLE.search(text) or (
            None if self.multiline else _ONE_LINE_ONLY.search(text)
        )
        if found:
            raise ValidationError(
                "Type the %(name)s again: character %(place)s cannot be printed (U+%(code)s).",
                code="unprintable",
                params={
                    "name": in_a_sentence(str(self.label or "text")),
                    "place": found.start() + 1,
                    "code": f"{ord(found[0]):04X}",
                },
            )


class HouseInteger(forms.IntegerField):
    """A whole number in plain digits. int() alone would take `1_0` and full-width digits."""

    def __init__(self, *, min_value: int, max_value: int, unit: str = "", **kwargs: Any) -> None:
        self.unit, self.limits = unit, (min_value, max_value)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric"}))
        super().__init__(min_value=min_value, max_value=max_value, **kwargs)

    def to_python(self, value: Any) -> int | None:
        text = value.strip(_EDGES) if isinstance(value, str) else value
        if text in self.empty_values:
            return None
        if not _DIGITS.fullmatch(str(text)):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(str(text))


class HouseForm(forms.Form):
    """Own words for Django's, text controls for its number controls, no `required` attribute."""

    use_required_attribute = False
    # Made necessary by other answers: not marked "(optional)" though Django lets them pass.
    conditional: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            plain_control(field)
            own_words(field, str(field.label or name.replace("_", " ").capitalize()))

    @property
    def helper(self) -> FormHelper:
        return plain_helper(self)


def plain_control(field: forms.Field) -> None:
    """A wheel or an arrow key changes a number control unseen: not in a house of doses."""
    if isinstance(field.widget, forms.NumberInput):
        whole = not isinstance(field, forms.DecimalField | forms.FloatField)
        kept = {k: v for k, v in field.widget.attrs.items() if k not in {"min", "max", "step"}}
        field.widget = forms.TextInput({"inputmode": "numeric" if whole else "decimal", **kept})
    if isinstance(field.widget, forms.TextInput | forms.Textarea):
        field.widget.attrs.setdefault("autocomplete", "off")
    for unwanted in ("placeholder", "maxlength"):
        field.widget.attrs.pop(unwanted, None)


def own_words(field: forms.Field, label: str) -> None:
    """Put our sentence wherever Django's own default still stands."""
    defaults: dict[str, Any] = {}
    for cls in reversed(type(field).__mro__):
        defaults.update(getattr(cls, "default_error_messages", {}))
    for code, sentence in _sentences(field, label).items():
        if field.error_messages.get(code) in (None, defaults.get(code)):
            field.error_messages[code] = sentence


def _sentences(field: forms.Field, label: str) -> dict[str, str]:
    name = in_a_sentence(label)
    quoted = f"“{label}”"
    choose = f"Answer {quoted}." if label.endswith("?") else f"Choose the {name}."
    if isinstance(field, forms.BooleanField):
        return {"required": f"Tick {quoted} to go on."}
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        listed = f"Choose one of the listed answers for {quoted}."
        return {"required": choose, "invalid_choice": listed, "invalid_list": listed}
    enter = f"Answer {quoted}." if label.endswith("?") else f"Enter the {name}."
    shorten = f"Shorten the {name} to %(limit_value)d characters; it has %(show_value)d now."
    words = {
        "required": enter,
        "max_length": shorten,
        "min_length": f"The {name} needs %(limit_value)d characters; it has %(show_value)d now.",
        "null_characters_not_allowed": f"Type the {name} again: it holds a NUL character.",
    }
    if isinstance(field, forms.EmailField):
        words["invalid"] = f"Enter the {name} in full, such as name@example.org."
    elif isinstance(field, HouseInteger):
        low, high = field.limits
        number = f"Enter the {name} as a whole number from {low} to {high:,}."
        words.update(invalid=number, min_value=number, max_value=number)
    elif isinstance(field, forms.DecimalField | forms.FloatField):
        words["invalid"] = f"Enter the {name} as a number, such as 0.5."
    elif isinstance(field, forms.IntegerField):
        words["invalid"] = f"Enter the {name} as a whole number, such as 3."
    elif isinstance(field, forms.DateField):
        words["invalid"] = f"Enter the {name} as month, day and year, such as Nov 22, 1980."
    return words
