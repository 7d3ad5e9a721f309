"""Sending a list of patients, and the last look over it."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from accounts.house_fields import PagePart
from orders import patient_files
from orders.forms.patient_record import version_field

_LINES = r"\A(?:[0-9]{1,3}(?:,[0-9]{1,3})*)?\Z"
_TOO_BIG = f"This file is bigger than 1 MB: {patient_files.MAX_ROWS} patients need far less."
_CHOSEN_NONE = "Choose a CSV file."


class ListFile(forms.FileField):
    """A CSV file; its value is its bytes."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": ".csv,text/csv"}))
        kwargs.setdefault("error_messages", {"required": _CHOSEN_NONE})
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> bytes | None:
        if not hasattr(data, "chunks"):  # nothing chosen, or a text where a file belongs
            self.validate(None)
            return None
        if getattr(data, "refusal", None) or data.size > patient_files.MAX_BYTES:
            raise ValidationError(_TOO_BIG)
        content = b"".join(data.chunks())
        if not content.strip():
            raise ValidationError("This file is empty. Choose another one.")
        return content


class SendListForm(PagePart):
    """Needs enctype="multipart/form-data"."""

    file = ListFile(
        label="CSV file",
        help_text=f"Up to {patient_files.MAX_ROWS} patients and 1 MB; the first row names the columns",
    )
    encoding = forms.ChoiceField(
        label="Characters of the file",
        choices=[
            ("utf-8", "UTF-8: “CSV UTF-8” of Excel, Google Sheets, most programs"),
            ("cp1252", "Windows-1252: plain “CSV” of Excel on Windows, older programs"),
        ],
        widget=forms.RadioSelect,
        help_text="Tells how letters such as é and ñ are written",
    )

    def clean(self) -> dict[str, Any]:
        content, encoding = self.answer("file"), self.answer("encoding")
        if content and encoding:
            try:
                patient_files.read(content, encoding)
            except patient_files.NotAList as problem:
                self.add_error("file", str(problem))
        return self.cleaned_data


class LookOverForm(PagePart):
    """Which doubles are made all the same. `shown`: those on the page, `anyway`: those ticked."""

    conditional: ClassVar[frozenset[str]] = frozenset({"shown", "anyway"})

    version = version_field()
    shown = forms.RegexField(_LINES, required=False, widget=forms.HiddenInput)
    anyway = forms.TypedMultipleChoiceField(
        coerce=int, required=False, choices=[(str(n), str(n)) for n in range(2, 502)],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def _keys(self, name: str, field: forms.Field) -> list[str]:
        return [] if name == "anyway" else super()._keys(name, field)

    @property
    def lines_shown(self) -> list[int]:
        text = self.answer("shown")
        return [int(part) for part in text.split(",")] if text else []
