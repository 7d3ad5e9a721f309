"""Handing a draft over for its signature, and giving it back."""

from __future__ import annotations

from django import forms

from accounts.house_fields import PagePart
from orders.forms.fields import ClinicalText

_VERSION = r"\A[1-9][0-9]{0,8}\Z"


class HandOverForm(PagePart):
    """Names the version that was shown."""

    version = forms.RegexField(_VERSION, widget=forms.HiddenInput)

    @property
    def seen(self) -> int:
        """0, which fits no order, for a page that is not ours."""
        return int(self.cleaned_data["version"]) if self.is_valid() else 0


class TakeBackForm(PagePart):
    """The prescriber sends it back, or who prepared it takes it back."""

    version = forms.RegexField(_VERSION, required=False, widget=forms.HiddenInput)
    words = ClinicalText(
        label="What to change",
        required=False,
        max_length=120,
        help_text="No patient details: it shows in the list of orders",
    )

    @property
    def seen(self) -> int:
        return int(self.answer("version") or 0)
