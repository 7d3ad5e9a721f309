"""What a reviewer sends about an application: a look, a settlement, a request, a decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms

from accounts.house_fields import PagePart, PlainText
from formulary.models import Reason
from formulary.reference import ReasonKind
from intake.forms.register import LookUpForm, SettleForm
from intake.models import Applicant
from intake.printed import label
from intake.sections import Section
from intake.services.review import Asked
from intake.status import BoardStanding

_BLANK = ("", "Choose a reason")


class ShownVersion(PagePart):
    """Names the state of the application that the page showed."""

    version = forms.RegexField(r"\A[1-9][0-9]{0,8}\Z", widget=forms.HiddenInput)

    def shown(self) -> int:
        """Only after is_valid()."""
        return int(self.cleaned_data["version"])


class VerifyForm(LookUpForm, ShownVersion):
    """What the board says of the licence that the page showed: with new answers it may be another."""

    standing = forms.ChoiceField(
        label="What the board says", choices=[("", "Choose what it says"), *BoardStanding.choices]
    )
    field_order = ("standing", "primary_source", "looked_up_on")


class SettleCheckForm(SettleForm):
    """Why a finding stands in the way no longer."""

    field_order = ("reason", "text", "primary_source", "looked_up_on")


class _Coded(ShownVersion):
    """One coded reason of a kind; with `text`, words where the reason asks for them."""

    kind: ClassVar[ReasonKind]
    conditional: ClassVar[frozenset[str]] = frozenset({"text"})

    def __init__(self, *args: Any, reasons: Sequence[Reason], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        takes_words = "text" in self.fields
        offered = [
            row for row in reasons if row.kind == self.kind and (takes_words or not row.needs_text)
        ]
        self.offered = {row.code: row for row in offered if row.code not in self.unfit}
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  narrows the type
        field.choices = [_BLANK, *((code, row.label) for code, row in self.offered.items())]

    unfit: ClassVar[frozenset[str]] = frozenset()

    def clean(self) -> dict[str, Any]:
        chosen = self.offered.get(self.answer("reason") or "")
        if chosen and "text" in self.fields and "text" not in self.errors:
            _want_words(self, [chosen])
        return self.cleaned_data

    def coded(self) -> Reason:
        """Only after is_valid()."""
        return self.offered[self.cleaned_data["reason"]]


def _want_words(form: PagePart, chosen: Iterable[Reason]) -> None:
    """An error beside `text` when a chosen reason wants more words than there are."""
    words = form.answer("text") or ""
    for reason in chosen:
        if len(words) < reason.min_chars:
            form.add_error(
                "text",
                f"For “{reason.label}”, write at least {reason.min_chars} characters; there are "
                f"{len(words)} now.",
            )
            return


class RejectForm(_Coded):
    kind = ReasonKind.APPLICATION_REJECTION

    reason = forms.ChoiceField(label="Reason for rejecting")
    text = PlainText(
        label="Words for the record",
        max_length=500,
        multiline=True,
        required=False,
        help_text="The applicant reads the reason and these words",
    )


class GiveBackForm(_Coded):
    kind = ReasonKind.GIVE_BACK

    reason = forms.ChoiceField(label="Reason for giving back")


class ReleaseForm(_Coded):
    kind = ReasonKind.RELEASE
    unfit = frozenset({"urgent_order"})

    reason = forms.ChoiceField(label="Reason for releasing the claim")


class ApproveForm(ShownVersion):
    """Proves who approves; checked by accounts.services.confirm_password."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password to approve."},
    )


# --- Asking -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Askable:
    """One part that may be asked about; `whose` None: the practice's. Papers and agreements are
    parts without a section."""

    slug: str
    title: str
    whose: Applicant | None
    section: Section | None = None

    @property
    def key(self) -> str:
        return f"{self.whose.position if self.whose else 0}_{self.slug}"


class AskForm(ShownVersion):
    """For each part a reason, or none, and the fields meant; none ticked means all of the part."""

    conditional: ClassVar[frozenset[str]] = frozenset({"text"})

    text = PlainText(
        label="Words to the applicant",
        max_length=1000,
        multiline=True,
        required=False,
        help_text="Up to 1,000 characters. Nothing about patients",
    )

    def __init__(
        self, *args: Any, askable: Sequence[Askable], reasons: Sequence[Reason], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.askable = askable
        self.offered = {row.code: row for row in reasons if row.kind == ReasonKind.INFO_REQUEST}
        labels = [("", "Nothing to ask"), *((c, row.label) for c, row in self.offered.items())]
        for part in askable:
            self.fields[f"reason_{part.key}"] = _plain(
                forms.ChoiceField(label=part.title, choices=labels, required=False)
            )
            if part.section and not part.section.many:
                self.fields[f"fields_{part.key}"] = _FieldsMeant(part.section)
        self.conditional = frozenset(self.fields)  # type: ignore[misc]  # none is "(optional)"

    def _keys(self, name: str, field: forms.Field) -> list[str]:
        return [] if isinstance(field, forms.MultipleChoiceField) else super()._keys(name, field)

    def clean(self) -> dict[str, Any]:
        reasons = [self.offered[code] for part in self.askable if (code := self._code(part))]
        if not reasons and not self.errors:
            first = f"reason_{self.askable[0].key}" if self.askable else None
            self.add_error(first, "Choose a reason for at least one part of the form.")
        if "text" not in self.errors:
            _want_words(self, reasons)
        for part in self.askable:
            if self.answer(f"fields_{part.key}") and not self._code(part):
                name = f"reason_{part.key}"
                if name not in self.errors:
                    self.add_error(name, f"Choose why you ask about “{part.title}”.")
        return self.cleaned_data

    def _code(self, part: Askable) -> str:
        code = self.answer(f"reason_{part.key}")
        return code if code in self.offered else ""

    def items(self) -> list[Asked]:
        """Only after is_valid()."""
        return [
            Asked(
                section=part.slug,
                reason=self.offered[code],
                fields=tuple(self.answer(f"fields_{part.key}") or ()),
                applicant=part.whose,
            )
            for part in self.askable
            if (code := self._code(part))
        ]

    def rows(self) -> list[dict[str, Any]]:
        """For the template: each part with its controls, grouped by whose it is."""
        found = []
        for part in self.askable:
            name = f"fields_{part.key}"
            fields = self[name] if name in self.fields else None
            found.append({"part": part, "reason": self[f"reason_{part.key}"], "fields": fields})
        return found


class _FieldsMeant(forms.MultipleChoiceField):
    def __init__(self, section: Section) -> None:
        super().__init__(
            label=f"Only these of “{section.title}”",
            choices=[(name, label(section, name)) for name in section.fields],
            widget=forms.CheckboxSelectMultiple,
            required=False,
            error_messages={"invalid_choice": "Tick only fields that are listed."},
        )


def _plain(field: forms.ChoiceField) -> forms.ChoiceField:
    field.error_messages["invalid_choice"] = "Choose one of the listed reasons."
    return field
