"""A coded reason for each warning, on pages that are not the order's signature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.house_fields import PagePart
from formulary.findings import Finding
from formulary.models import Reason as ReasonRow
from formulary.reference import Reason
from orders.forms.fields import ClinicalText
from orders.services.signed_text import Acknowledgement

Warned = tuple[Finding, Sequence[Reason]]


class AcknowledgeForm(PagePart):
    """Two controls for each warning. Unbound while the page has not shown them yet."""

    def __init__(self, data: Any = None, *, warned: Sequence[Warned]) -> None:
        names = [_name(finding) for finding, _ in warned]
        shown = data if data is not None and all(name in data for name in names) else None
        super().__init__(shown)
        self.warned = list(warned)
        for finding, reasons in warned:
            self.fields[_name(finding)] = _choice(finding, reasons)
            self.fields[_words(finding)] = ClinicalText(
                label="Reason in words",
                required=False,
                max_length=300,
                help_text="Only for a reason that asks for words",
            )
        self.conditional = frozenset(  # type: ignore[misc]  # asked for by some reasons
            _words(finding) for finding, _ in warned
        )

    def clean(self) -> dict[str, Any]:
        for finding, reasons in self.warned:
            chosen = self._chosen(finding, reasons)
            words = self.answer(_words(finding)) or ""
            if chosen is None or _words(finding) in self.errors:
                continue
            least = max(chosen.min_chars, int(chosen.needs_text))
            if len(words) < least:
                self.add_error(
                    _words(finding),
                    f"Write the reason in words, at least {least} characters; "
                    f"it has {len(words)} now.",
                )
        return self.cleaned_data

    def _chosen(self, finding: Finding, reasons: Sequence[Reason]) -> Reason | None:
        code = self.answer(_name(finding))
        return next((reason for reason in reasons if reason.code == code), None)

    @property
    def is_answered(self) -> bool:
        """Whether nothing is left to answer: there is no warning, or all have their reason."""
        return not self.warned or (self.is_bound and self.is_valid())

    def blocks(self) -> list[tuple[Finding, forms.BoundField, forms.BoundField]]:
        """Each warning with its two controls, for the page."""
        return [(f, self[_name(f)], self[_words(f)]) for f, _ in self.warned]

    def reasons(self) -> dict[str, Acknowledgement]:
        """By finding key. Only once `is_answered`."""
        found = {}
        for finding, reasons in self.warned:
            chosen = self._chosen(finding, reasons)
            assert chosen is not None  # noqa: S101  is_answered says so
            row = ReasonRow.objects.get(kind=chosen.kind, code=chosen.code)
            found[finding.key] = Acknowledgement(row, self.answer(_words(finding)) or "")
        return found


def _name(finding: Finding) -> str:
    return f"ack_{finding.key}"


def _words(finding: Finding) -> str:
    return f"{_name(finding)}_words"


def _choice(finding: Finding, reasons: Sequence[Reason]) -> forms.ChoiceField:
    labels = [(reason.code, reason.label_for(finding)) for reason in reasons]
    return forms.ChoiceField(
        label="Reason to go on",
        choices=[("", "Choose a reason"), *labels],
        error_messages={
            "required": f"Choose a reason to go on: {finding.text}",
            "invalid_choice": "Choose one of the listed reasons to go on.",
        },
    )
