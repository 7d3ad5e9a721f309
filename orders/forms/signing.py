"""The review page: a coded reason for each warning, and the prescriber's password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict

from accounts.house_fields import PagePart
from formulary.findings import Finding
from formulary.models import Reason as ReasonRow
from formulary.reference import Formulary, Reason, ReasonKind
from orders.forms.fields import ClinicalText
from orders.services.signing import Acknowledgement, SigningForm


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning with the reasons that answer it and the names of its two fields."""

    finding: Finding
    reasons: Sequence[Reason]

    @property
    def name(self) -> str:
        return f"ack_{self.finding.key}"

    @property
    def words_name(self) -> str:
        return f"{self.name}_words"

    def chosen(self, code: str) -> Reason | None:
        return next((reason for reason in self.reasons if reason.code == code), None)


class SignForm(PagePart):
    """Bound to the findings of the order as it stands; made anew for each page."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    seen_sha256 = forms.RegexField(r"\A[0-9a-f]{64}\Z", widget=forms.HiddenInput)
    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        warnings: Sequence[Finding],
        formulary: Formulary,
        seen_sha256: str,
    ) -> None:
        super().__init__(data, initial={"token": uuid4(), "seen_sha256": seen_sha256})
        self.warned = [Warned(f, formulary.answers_to(f)) for f in warnings]
        fields: dict[str, forms.Field] = {}
        for warned in self.warned:
            fields |= self._fields_for(warned)
        # Asked for by some reasons, so neither optional nor always needed.
        self.conditional = frozenset(w.words_name for w in self.warned)  # type: ignore[misc]
        # The password comes last, after all that it stands for.
        self.fields = {**fields, **self.fields}

    @staticmethod
    def _fields_for(warned: Warned) -> dict[str, forms.Field]:
        labels = [(r.code, r.label_for(warned.finding)) for r in warned.reasons]
        return {
            warned.name: forms.ChoiceField(
                label="Reason to go on",
                choices=[("", "Choose a reason"), *labels],
                error_messages={
                    "required": f"Choose a reason to go on: {warned.finding.text}",
                    "invalid_choice": "Choose one of the listed reasons to go on.",
                },
            ),
            warned.words_name: ClinicalText(
                label="Reason in words",
                required=False,
                max_length=300,
                help_text="Only for a reason that asks for words",
            ),
        }

    def clean(self) -> dict[str, Any]:
        for warned in self.warned:
            reason = warned.chosen(self.answer(warned.name) or "")
            words = self.answer(warned.words_name) or ""
            if reason is None or warned.words_name in self.errors:
                continue
            least = reason.min_chars or int(reason.needs_text)
            if len(words) < least:
                self.add_error(
                    warned.words_name,
                    f"Write the reason in words, at least {least} characters; "
                    f"it has {len(words)} now.",
                )
        return self.cleaned_data

    @property
    def is_ours(self) -> bool:
        """Whether the hidden fields came back as a page of ours sends them."""
        return "token" not in self.errors and "seen_sha256" not in self.errors

    def blocks(self) -> list[tuple[Warned, forms.BoundField, forms.BoundField]]:
        """Each warning with its two controls, for the page."""
        return [(w, self[w.name], self[w.words_name]) for w in self.warned]

    def signing(self, *, ip: str | None) -> SigningForm:
        """Only after is_valid()."""
        token: UUID = self.cleaned_data["token"]
        return SigningForm(token, self.cleaned_data["seen_sha256"], self._reasons(), ip)

    def _reasons(self) -> dict[str, Acknowledgement]:
        of = self.cleaned_data
        codes = {of[warned.name] for warned in self.warned}
        rows = {
            row.code: row
            for row in ReasonRow.objects.of(ReasonKind.ACKNOWLEDGEMENT).filter(code__in=codes)
        }
        return {
            w.finding.key: Acknowledgement(rows[of[w.name]], of[w.words_name]) for w in self.warned
        }
