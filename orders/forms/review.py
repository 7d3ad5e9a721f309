"""What a pharmacist sends from the review page: ticks, clearances, a question, a decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from accounts.house_fields import PagePart
from formulary.models import Reason as ReasonRow
from formulary.reference import Formulary, Reason, ReasonKind
from orders.forms.answer import CodedForm
from orders.forms.fields import ClinicalText
from orders.models import Order, OrderFinding
from orders.services.review import Clearing
from orders.status import Check

_BLANK = ("", "Choose a reason")


class _SentAsIs(forms.CheckboxInput):
    """Django reads any text in a checkbox as a tick."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name, "")


class Tick(forms.BooleanField):
    """A tick as browsers send it, and nothing else."""

    widget = _SentAsIs

    def to_python(self, value: Any) -> bool:
        if value in ("on", True):
            return True
        if value in self.empty_values or value is False:
            return False
        raise ValidationError(f"Tick “{self.label}” or leave it empty.")


def _words_missing(reason: Reason | None, text: str) -> str:
    """What to say when the coded reason wants more words than there are; empty when it does not."""
    if reason is None or len(text) >= reason.min_chars:
        return ""
    return (
        f"For “{reason.label}”, write at least {reason.min_chars} characters; "
        f"there are {len(text)} now."
    )


class ChecklistForm(PagePart):
    """The checks, a tick for each warning, and why each point not checked is cleared.

    Valid with gaps, so that it can be kept half done; `require_all` is for the approval.
    """

    checks = forms.MultipleChoiceField(
        label="Checklist",
        choices=Check.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "Tick only checks that are listed."},
    )

    def __init__(
        self,
        *args: Any,
        findings: Sequence[OrderFinding],
        formulary: Formulary,
        elsewhere: Sequence[Order] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.elsewhere = [order.reference for order in elsewhere]
        self.warnings = [finding for finding in findings if finding.level == "warn"]
        self.unchecked = [finding for finding in findings if finding.level == "not_checked"]
        self.clearances: dict[int, dict[str, Reason]] = {}
        for number, finding in enumerate(self.warnings, start=1):
            label = f"Warning {number} reviewed"
            self.fields[f"reviewed_{finding.pk}"] = Tick(label=label, required=False)
        for number, finding in enumerate(self.unchecked, start=1):
            answers = formulary.answers_to(finding)  # type: ignore[arg-type]  # level and code
            self.clearances[finding.pk] = {reason.code: reason for reason in answers}
            self.fields |= self._clearance(number, finding.pk)
        for reference in self.elsewhere:
            label = f"Order {reference} of another practice was read"
            self.fields[tick_name(reference)] = Tick(label=label, required=False)
        self.conditional = frozenset(self.fields)  # type: ignore[misc]  # none is "(optional)"

    def _clearance(self, number: int, pk: int) -> dict[str, forms.Field]:
        labels = [(code, reason.label) for code, reason in self.clearances[pk].items()]
        return {
            f"cleared_{pk}": forms.ChoiceField(
                label=f"Not checked {number}: cleared because",
                choices=[_BLANK, *labels],
                required=False,
                error_messages={"invalid_choice": "Choose one of the listed reasons."},
            ),
            f"cleared_{pk}_text": ClinicalText(
                label=f"{number}: in words", max_length=300, required=False
            ),
        }

    def _keys(self, name: str, field: forms.Field) -> list[str]:
        """The ticks of the group come under one name; everything else is answered once."""
        return [] if name == "checks" else super()._keys(name, field)

    def clean(self) -> dict[str, Any]:
        for finding in self.unchecked:
            name = f"cleared_{finding.pk}_text"
            missing = _words_missing(self._clearance_of(finding.pk), self.answer(name) or "")
            if missing and name not in self.errors:
                self.add_error(name, missing)
        ours = {key for key in self.data if key.startswith(("reviewed_", "cleared_"))}
        if ours - set(self.fields):
            raise ValidationError("This page named findings of another order. Tick again.")
        return self.cleaned_data

    def require_all(self) -> bool:
        """Name every gap beside its control; True when nothing is wrong."""
        open_ = len(set(Check.values) - set(self.ticked_checks))
        if open_ and "checks" not in self.errors:
            are = "check is" if open_ == 1 else "checks are"
            self.add_error("checks", f"{open_} {are} still open: tick each once it is done.")
        for number, finding in enumerate(self.warnings, start=1):
            name = f"reviewed_{finding.pk}"
            if name not in self.errors and not self.answer(name):
                self.add_error(name, f"Read warning {number}, then tick that you reviewed it.")
        for number, finding in enumerate(self.unchecked, start=1):
            name = f"cleared_{finding.pk}"
            if name not in self.errors and self.answer(name) is None:
                self.add_error(name, f"Choose why “not checked {number}” is cleared.")
        for reference in self.elsewhere:
            if not self.answer(tick_name(reference)):
                self.add_error(tick_name(reference), f"Read {reference}, then tick that you did.")
        return not self.errors

    def _clearance_of(self, pk: int) -> Reason | None:
        return self.clearances[pk].get(self.answer(f"cleared_{pk}") or "")

    @property
    def ticked_checks(self) -> list[str]:
        return self.answer("checks") or []

    @property
    def reviewed(self) -> set[int]:
        return {row.pk for row in self.warnings if self.answer(f"reviewed_{row.pk}")}

    @property
    def ticks_are_sound(self) -> bool:
        """Whether the ticks can be kept, whatever is wrong with the clearances."""
        warned = (f"reviewed_{row.pk}" for row in self.warnings)
        named = ("checks", "__all__", *warned, *map(tick_name, self.elsewhere))
        return not any(name in self.errors for name in named)

    @property
    def ticks(self) -> list[str]:
        """As the draft of the checklist keeps them."""
        findings = [f"finding-{pk}" for pk in self.reviewed]
        return [*self.ticked_checks, *findings, *(f"elsewhere-{r}" for r in self.read_elsewhere)]

    @property
    def read_elsewhere(self) -> set[str]:
        """References of the orders of other practices that were read."""
        return {r for r in self.elsewhere if self.answer(tick_name(r))}

    def cleared(self) -> dict[int, Clearing]:
        """Only after is_valid()."""
        chosen = {row.pk: self._clearance_of(row.pk) for row in self.unchecked}
        codes = {reason.code for reason in chosen.values() if reason}
        rows = ReasonRow.objects.of(ReasonKind.CLEARANCE).filter(code__in=codes)
        by_code = {row.code: row for row in rows}
        return {
            pk: Clearing(by_code[reason.code], self.answer(f"cleared_{pk}_text") or "")
            for pk, reason in chosen.items()
            if reason
        }

    @staticmethod
    def initial_of(ticks: Iterable[str]) -> dict[str, object]:
        """A kept draft as the form's initial values."""
        kept = set(ticks)
        findings = [tick.removeprefix("finding-") for tick in kept if tick.startswith("finding-")]
        return {
            "checks": [value for value in Check.values if value in kept],
            **{f"reviewed_{pk}": True for pk in findings},
            **{
                tick_name(tick.removeprefix("elsewhere-")): True
                for tick in kept
                if tick.startswith("elsewhere-")
            },
        }


def tick_name(reference: str) -> str:
    """The control that says an order of another practice was read."""
    return f"elsewhere_{reference}"


class PasswordForm(PagePart):
    """Proves who approves; checked by accounts.services.confirm_password."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password to approve."},
    )


class _ChosenFromAList(CodedForm):
    """A coded reason from a list that starts blank."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  narrows the type
        field.choices = [_BLANK, *((reason.code, reason.label) for reason in self.coded)]


class _WithWords(_ChosenFromAList):
    """Words go with the decision; some reasons want at least so many."""

    def clean(self) -> dict[str, Any]:
        chosen = next((r for r in self.coded if r.code == self.answer("reason")), None)
        missing = _words_missing(chosen, self.answer("text") or "")
        if missing and "text" not in self.errors:
            self.add_error("text", missing)
        return self.cleaned_data


class AskForm(_WithWords):
    kind = ReasonKind.CLARIFICATION

    reason = forms.ChoiceField(label="Subject of the question")
    text = ClinicalText(label="Question to the prescriber", max_length=1000, multiline=True)


class RejectForm(_WithWords):
    kind = ReasonKind.REJECTION
    conditional: ClassVar[frozenset[str]] = frozenset()

    reason = forms.ChoiceField(label="Reason for rejecting")
    text = ClinicalText(
        label="Words to the prescriber", max_length=1000, multiline=True, required=False
    )


class GiveBackForm(_ChosenFromAList):
    """Giving back keeps the coded reason alone, so reasons in words are not offered."""

    kind = ReasonKind.GIVE_BACK

    reason = forms.ChoiceField(label="Reason for giving back")

    def offers(self, reason: Reason) -> bool:
        return not reason.needs_text


class ReleaseForm(GiveBackForm):
    kind = ReasonKind.RELEASE

    version = forms.RegexField(r"\A[1-9][0-9]{0,8}\Z", required=False, widget=forms.HiddenInput)
    reason = forms.ChoiceField(label="Reason for releasing the claim")
