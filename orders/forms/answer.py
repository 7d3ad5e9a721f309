"""Short forms around an order that was sent: the answer, the cancellation, the search."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from accounts.house_fields import PagePart, PlainText
from formulary.models import Reason as ReasonRow
from formulary.reference import Formulary, Reason
from orders.forms.fields import ClinicalText
from orders.status import FACTUAL_ANSWERS


class CodedForm(PagePart):
    """One coded reason of a kind. Words are required where the reason asks for them."""

    kind: ClassVar[str]
    conditional: ClassVar[frozenset[str]] = frozenset({"text"})

    def __init__(self, *args: Any, formulary: Formulary, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.coded = [r for r in formulary.reasons if str(r.kind) == self.kind and self.offers(r)]
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  narrows the type
        field.choices = [(reason.code, reason.label) for reason in self.coded]

    def offers(self, reason: Reason) -> bool:
        return True

    def row(self) -> ReasonRow:
        """The chosen reason as stored. Only after is_valid()."""
        return ReasonRow.objects.get(kind=self.kind, code=self.cleaned_data["reason"])


class AnswerForm(CodedForm):
    """`signs`: the reader may sign orders, and so may say what this one means."""

    kind = "answer"

    reason = forms.ChoiceField(label="Your answer", widget=forms.RadioSelect)
    text = ClinicalText(
        label="Answer in words",
        max_length=1000,
        multiline=True,
        help_text=(
            "Up to 1,000 characters. To change dose, product or directions, revise the order: an "
            "answer changes nothing that was signed"
        ),
    )

    def __init__(self, *args: Any, signs: bool, **kwargs: Any) -> None:
        self.signs = signs
        super().__init__(*args, **kwargs)

    def offers(self, reason: Reason) -> bool:
        """A change is a revision now, which answers by itself."""
        if reason.code == "ordered_anew":
            return False
        return self.signs or reason.code in FACTUAL_ANSWERS

    def clean(self) -> dict[str, Any]:
        chosen = next((r for r in self.coded if r.code == self.answer("reason")), None)
        words = self.answer("text") or ""
        if chosen and "text" not in self.errors and len(words) < chosen.min_chars:
            self.add_error(
                "text",
                f"Write the answer in words, at least {chosen.min_chars} characters; "
                f"it has {len(words)} now.",
            )
        return self.cleaned_data


class CancelForm(CodedForm):
    """The order keeps the coded reason alone, so reasons in words are not offered."""

    kind = "cancellation"

    version = forms.RegexField(r"\A[1-9][0-9]{0,8}\Z", widget=forms.HiddenInput)
    reason = forms.ChoiceField(label="Reason for cancelling", widget=forms.RadioSelect)

    def offers(self, reason: Reason) -> bool:
        return not reason.needs_text


class SearchForm(PagePart):
    conditional: ClassVar[frozenset[str]] = frozenset({"words"})

    words = PlainText(
        label="Find an order",
        required=False,
        max_length=60,
        help_text="Reference, or family or given name of the patient",
    )
