"""The base of every form that changes the formulary: a row's columns, and why, whence, from when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError

from accounts.house_fields import PagePart, PlainText
from accounts.house_forms import in_a_sentence
from formulary.clock import pharmacy_today
from formulary.forms.fields import DayAhead
from formulary.kept import Kind, Values
from formulary.reference import Formulary
from formulary.services.changes import Proposal
from formulary.status import Act, ChangeKind

_SALT = "formulary.row"


@dataclass(frozen=True, slots=True)
class Shown:
    """A field on the page, and how wide its control is (static/css/forms.css)."""

    field: forms.BoundField
    width: str


@dataclass(frozen=True, slots=True)
class Row:
    """What a form is about: nothing yet, or a stored row as it stands."""

    kind: Kind[Any]
    pk: int | None = None
    values: Values | None = None


class ChangeForm(PagePart):
    """`values()` is what becomes of the row. `row` is the row as it stands now; the form carries what
    its page showed, signed, so that a change of it in between is found."""

    act: ClassVar[Act]
    # The columns that this form asks for, in their order.
    own: ClassVar[tuple[str, ...]] = ()
    widths: ClassVar[dict[str, str]] = {}
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    source = PlainText(
        label="Source",
        max_length=200,
        help_text="Where it is written: a study, a label, a law, a price list, with its date or number",
    )
    reason = PlainText(
        label="Reason for the change",
        max_length=500,
        min_length=10,
        multiline=True,
        help_text="In words, up to 500 characters. It stays in the history",
    )
    effective_on = DayAhead(label="Day from which it is in force")

    def __init__(
        self,
        *args: Any,
        row: Row,
        formulary: Formulary,
        initial: Values | None = None,
        **kwargs: Any,
    ) -> None:
        self.row, self.formulary = row, formulary
        given = {"effective_on": pharmacy_today(), **(initial or self.starting(row))}
        super().__init__(*args, initial=given, **kwargs)
        self.order_fields([*self.own, "source", "reason", "effective_on"])

    @classmethod
    def starting(cls, row: Row) -> Values:
        """What the controls show first, from the row's columns."""
        values = row.values or {}
        start = {name: values[name] for name in cls.own if name in values}
        if row.kind.has_source and cls.act is Act.CHANGE and "source" in values:
            start["source"] = values["source"]
        return start | {"seen": signing.dumps(row.values, salt=_SALT, compress=True)}

    def values(self) -> Values:
        """The row as it shall be. Only after is_valid()."""
        raise NotImplementedError

    def shown(self) -> Iterator[Shown]:
        for field in self.visible_fields():
            yield Shown(field, self.widths.get(field.name, ""))

    def clean_seen(self) -> Values | None:
        """What the page showed of the row."""
        try:
            found: Values | None = signing.loads(self.cleaned_data["seen"], salt=_SALT)
        except signing.BadSignature:
            raise ValidationError("Open this page again: it was not sent whole.") from None
        return found

    def proposal(self) -> Proposal:
        """Only after is_valid()."""
        said = self.cleaned_data
        return Proposal(
            kind=ChangeKind(self.row.kind.kind),
            act=self.act,
            row_id=self.row.pk,
            before=said["seen"] if self.row.pk else None,
            after=self.values(),
            reason=said["reason"],
            source=said["source"],
            effective_on=said["effective_on"],
        )

    def put_errors(self, errors: dict[str, list[str]]) -> None:
        """What the database said, beside the field it is about."""
        for name, texts in errors.items():
            for text in texts:
                self.add_error(name if name in self.fields else None, text)

    def day(self) -> date:
        found: date = self.cleaned_data["effective_on"]
        return found


class PlainChange(ChangeForm):
    """Retiring, bringing back or confirming: nothing of the row is typed."""

    def values(self) -> Values:
        return self.row.kind.after(self.act, self.row.values or {}, self.day())


class RetireForm(PlainChange):
    act = Act.RETIRE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["effective_on"].label = "First day without it"


class RestoreForm(PlainChange):
    act = Act.RESTORE


class ConfirmForm(PlainChange):
    """Somebody compared the row with its source today, and it still holds."""

    act = Act.CONFIRM

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["effective_on"]
        self.fields["source"].label = "What you compared it with"
        self.fields["reason"].label = "What you found"

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["effective_on"] = pharmacy_today()
        return self.cleaned_data


def offered(choices: list[tuple[str, str]], what: str) -> list[tuple[str, str]]:
    """Choices of a select, behind a first one that chooses nothing."""
    return [("", f"Choose the {in_a_sentence(what)}"), *choices]
