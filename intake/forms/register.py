"""The register's short forms: the search, the reason of an act, the decision on a licence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from accounts.house_dates import HouseDate
from accounts.house_fields import PagePart, PlainText
from formulary.models import Reason
from intake.services.look_ups import TOO_OLD, is_recent


class SearchForm(PagePart):
    conditional: ClassVar[frozenset[str]] = frozenset({"words"})

    words = PlainText(
        label="Find a prescriber or practice",
        required=False,
        max_length=120,
        help_text="Name, NPI or e-mail address",
    )


class StandingForm(PagePart):
    """Why an account is suspended, reinstated or deactivated. The practice may read it."""

    reason = PlainText(
        label="Reason",
        max_length=300,
        min_length=10,
        multiline=True,
        help_text="In words, up to 300 characters. It stays in the history of the account",
    )


class DeactivateForm(StandingForm):
    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )


class LookUpForm(PagePart):
    """A look at the board's own record."""

    primary_source = PlainText(
        label="Primary source",
        max_length=200,
        help_text="Where you looked it up, such as the North Carolina Medical Board’s licence search",
    )
    looked_up_on = HouseDate(
        label="Date you looked it up",
        help_text="For example Nov 22 2026; the month may be a number",
    )

    def clean_looked_up_on(self) -> date:
        day: date = self.cleaned_data["looked_up_on"]
        if not is_recent(day):
            raise ValidationError(TOO_OLD)
        return day


class SettleForm(LookUpForm):
    """Why a finding stands against nobody, with the look that says so."""

    conditional: ClassVar[frozenset[str]] = frozenset({"text"})

    reason = forms.ChoiceField(
        label="What you found",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you found."},
    )
    text = PlainText(
        label="In words",
        max_length=500,
        required=False,
        multiline=True,
        help_text="Up to 500 characters; some answers above ask for it",
    )

    def __init__(self, *args: Any, reasons: Sequence[Reason], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {reason.code: reason for reason in reasons}
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  narrows the type
        field.choices = [(reason.code, reason.label) for reason in reasons]

    def clean(self) -> dict[str, Any]:
        chosen = self.offered.get(self.answer("reason") or "")
        words = self.answer("text") or ""
        if chosen and "text" not in self.errors and len(words) < chosen.min_chars:
            least = chosen.min_chars
            self.add_error(
                "text", f"Write at least {least} characters in words; it has {len(words)} now."
            )
        return self.cleaned_data

    def settled(self) -> dict[str, Any]:
        """What the service takes. Only after is_valid()."""
        return {**self.cleaned_data, "reason": self.offered[self.cleaned_data["reason"]]}


class RefuseForm(PagePart):
    text = PlainText(
        label="Reason for refusing",
        max_length=300,
        min_length=10,
        multiline=True,
        help_text="The practice reads it, so say what to send instead",
    )
