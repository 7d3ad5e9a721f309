"""The review page: a coded reason for each warning, and the proof of who signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict

from accounts.house_fields import PagePart
from accounts.status import ProvedBy
from formulary.findings import Finding
from formulary.models import Reason as ReasonRow
from formulary.reference import Formulary, Reason, ReasonKind
from orders.forms.fields import ClinicalText
from orders.forms.review import Tick
from orders.services.earlier import Earlier
from orders.services.signed_text import Acknowledgement
from orders.services.signing import SigningForm


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning with the reasons that answer it and the names of its two fields; `earlier` is what
    answered it on the order that this one comes from."""

    finding: Finding
    reasons: Sequence[Reason]
    earlier: Earlier | None = None

    @property
    def name(self) -> str:
        return f"ack_{self.finding.key}"

    @property
    def words_name(self) -> str:
        return f"{self.name}_words"

    def chosen(self, code: str) -> Reason | None:
        return next((reason for reason in self.reasons if reason.code == code), None)


def proof_field() -> forms.CharField:
    """One field for both ways, which password managers fill in."""
    return forms.CharField(
        label="Password or 6-digit code",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        help_text="Your password, or the code that your authenticator app shows now",
        error_messages={"required": "Enter your password or the 6-digit code to sign."},
    )


class SignForm(PagePart):
    """Bound to the findings of the order as it stands; made anew for each page.

    `proved` False leaves out the proof: the order is kept for signing together, not signed.
    """

    token = forms.UUIDField(widget=forms.HiddenInput)
    seen_sha256 = forms.RegexField(r"\A[0-9a-f]{64}\Z", widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        warnings: Sequence[Finding],
        formulary: Formulary,
        seen_sha256: str,
        earlier: Mapping[str, Earlier] | None = None,
        proved: bool = True,
    ) -> None:
        super().__init__(data, initial={"token": uuid4(), "seen_sha256": seen_sha256})
        known = earlier or {}
        self.warned = [Warned(f, formulary.answers_to(f), known.get(f.key)) for f in warnings]
        fields: dict[str, forms.Field] = {}
        for warned in self.warned:
            fields |= self._fields_for(warned)
        if self.repeated:
            fields["unchanged"] = Tick(label=self._unchanged(), required=False)
        # Asked for by some reasons, so neither optional nor always needed.
        self.conditional = frozenset(  # type: ignore[misc]
            name for name, field in fields.items() if not field.required
        )
        # The proof comes last, after all that it stands for.
        self.fields = {**fields, **self.fields}
        if proved:
            self.add_proof()

    def add_proof(self) -> None:
        self.fields["password"] = proof_field()

    @property
    def repeated(self) -> list[Warned]:
        """Warnings that the earlier order answered."""
        return [warned for warned in self.warned if warned.earlier]

    def _unchanged(self) -> str:
        earlier = self.repeated[0].earlier
        assert earlier is not None  # noqa: S101  narrows the type
        count = len(self.repeated)
        reasons = "the reason" if count == 1 else f"all {count} reasons"
        return f"Unchanged: {reasons} given on {earlier.reference} still hold{'s' * (count == 1)}"

    @staticmethod
    def _fields_for(warned: Warned) -> dict[str, forms.Field]:
        labels = [(r.code, r.label_for(warned.finding)) for r in warned.reasons]
        asked = warned.earlier is None
        return {
            warned.name: forms.ChoiceField(
                label="Reason to go on" if asked else "Another reason",
                required=asked,
                choices=[("", "Choose a reason" if asked else "As on the earlier order"), *labels],
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
            self._ensure_words(warned)
        open_ = [w for w in self.repeated if not self.answer(w.name) and w.name not in self.errors]
        if open_ and not self.answer("unchanged"):
            self.add_error("unchanged", "Tick “Unchanged”, or give another reason for each.")
        return self.cleaned_data

    def _ensure_words(self, warned: Warned) -> None:
        reason = warned.chosen(self.answer(warned.name) or "")
        words = self.answer(warned.words_name) or ""
        if reason is None or warned.words_name in self.errors:
            return
        least = reason.min_chars or int(reason.needs_text)
        if len(words) < least:
            self.add_error(
                warned.words_name,
                f"Write the reason in words, at least {least} characters; it has {len(words)} now.",
            )

    @property
    def is_ours(self) -> bool:
        """Whether the hidden fields came back as a page of ours sends them."""
        return "token" not in self.errors and "seen_sha256" not in self.errors

    def blocks(self) -> list[tuple[Warned, forms.BoundField, forms.BoundField]]:
        """Each warning that is asked now with its two controls, for the page."""
        return [(w, self[w.name], self[w.words_name]) for w in self.warned if not w.earlier]

    def repeats(self) -> list[tuple[Warned, forms.BoundField, forms.BoundField]]:
        """Each warning that shows its earlier reason, with the controls for another one."""
        return [(w, self[w.name], self[w.words_name]) for w in self.repeated]

    def signing(self, *, ip: str | None, method: ProvedBy = ProvedBy.PASSWORD) -> SigningForm:
        """Only after is_valid()."""
        token: UUID = self.cleaned_data["token"]
        seen = self.cleaned_data["seen_sha256"]
        return SigningForm(token, seen, self._reasons(), ip, method)

    def _reasons(self) -> dict[str, Acknowledgement]:
        codes = {self.cleaned_data[warned.name] for warned in self.warned}
        rows = {
            row.code: row
            for row in ReasonRow.objects.of(ReasonKind.ACKNOWLEDGEMENT).filter(code__in=codes)
        }
        return {warned.finding.key: self._given(warned, rows) for warned in self.warned}

    def _given(self, warned: Warned, rows: Mapping[str, ReasonRow]) -> Acknowledgement:
        code = self.cleaned_data[warned.name]
        if not code and warned.earlier:
            return warned.earlier.again()
        return Acknowledgement(rows[code], self.cleaned_data[warned.words_name])
