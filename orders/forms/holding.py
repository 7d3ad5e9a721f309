"""What a pharmacist sends besides a decision: a hold, a withdrawal, a refill decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from accounts.house_dates import HouseDate
from accounts.house_fields import PagePart
from formulary.findings import Finding
from formulary.reference import ReasonKind
from orders.forms.answer import CodedForm
from orders.forms.fields import ClinicalText
from orders.forms.review import Tick
from orders.services.holding import LONGEST_HOLD

_BLANK = ("", "Choose a reason")


class _Worded(CodedForm):
    """A coded reason from a list that starts blank, with words where it asks for them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  narrows the type
        field.choices = [_BLANK, *((reason.code, reason.label) for reason in self.coded)]

    def clean(self) -> dict[str, Any]:
        chosen = next((r for r in self.coded if r.code == self.answer("reason")), None)
        words = self.answer("text") or ""
        if chosen and "text" not in self.errors and len(words) < chosen.min_chars:
            self.add_error(
                "text",
                f"For “{chosen.label}”, write at least {chosen.min_chars} characters; "
                f"there are {len(words)} now.",
            )
        return self.cleaned_data


class ReviewDate(HouseDate):
    """A day from tomorrow on; `today` is set by the form, as the practice counts it."""

    today: date

    def validate(self, value: date | None) -> None:
        forms.Field.validate(self, value)
        if value is not None and not self.today < value <= self.today + LONGEST_HOLD:
            raise ValidationError(
                f"Enter a review date from tomorrow on, within {LONGEST_HOLD.days} days."
            )


class HoldForm(_Worded):
    kind = ReasonKind.HOLD
    conditional: ClassVar[frozenset[str]] = frozenset()

    reason = forms.ChoiceField(label="Reason for the hold")
    review_on = ReviewDate(
        label="Review date", help_text="The order comes back to the queue by itself that day"
    )
    text = ClinicalText(
        label="Words to the practice", max_length=300, multiline=True, required=False
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["review_on"]
        assert isinstance(field, ReviewDate)  # noqa: S101  narrows the type
        field.today = today


class WithdrawForm(_Worded):
    kind = ReasonKind.CANCELLATION
    conditional: ClassVar[frozenset[str]] = frozenset()

    version = forms.RegexField(r"\A[1-9][0-9]{0,8}\Z", widget=forms.HiddenInput)
    reason = forms.ChoiceField(label="Reason the prescriber gave")
    text = ClinicalText(
        label="Words to the practice",
        max_length=300,
        multiline=True,
        required=False,
        help_text="Say who asked for it and how, such as by phone",
    )


class RefuseRefillForm(_Worded):
    kind = ReasonKind.REFILL_REFUSAL
    conditional: ClassVar[frozenset[str]] = frozenset()

    reason = forms.ChoiceField(label="Reason for refusing")
    text = ClinicalText(
        label="Words to the practice", max_length=300, multiline=True, required=False
    )


class ReleaseRefillForm(PagePart):
    """A tick for each warning and each point that was not checked."""

    def __init__(self, data: Any = None, *, findings: Sequence[Finding]) -> None:
        super().__init__(data)
        self.findings = list(findings)
        for number, finding in enumerate(findings, start=1):
            self.fields[_tick(finding)] = Tick(
                label=f"Point {number} reviewed",
                required=False,
                error_messages={"required": f"Read point {number}, then tick that you did."},
            )
        self.conditional = frozenset(self.fields)  # type: ignore[misc]  # none is "(optional)"

    def clean(self) -> dict[str, Any]:
        for number, finding in enumerate(self.findings, start=1):
            name = _tick(finding)
            if name not in self.errors and not self.answer(name):
                self.add_error(name, f"Read point {number}, then tick that you reviewed it.")
        return self.cleaned_data

    def ticks(self) -> dict[str, forms.BoundField]:
        """The tick of each finding, by its key."""
        return {finding.key: self[_tick(finding)] for finding in self.findings}

    @property
    def reviewed(self) -> frozenset[str]:
        return frozenset(f.key for f in self.findings if self.answer(_tick(f)))


def _tick(finding: Finding) -> str:
    return f"reviewed_{finding.key}"
