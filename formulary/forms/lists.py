"""Forms of coded reasons and medicine names."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from accounts.house_fields import PlainText
from accounts.house_forms import HouseInteger
from formulary.findings import Code
from formulary.forms.base import ChangeForm, offered
from formulary.forms.fields import SlugText
from formulary.kept import Values
from formulary.kept.kind import spoken
from formulary.models import MedicineName, Reason
from formulary.reference import MedicineKind, ReasonKind, medicine_words
from formulary.status import Act

_ANY = ("", "Any finding")


class _ReasonWords(ChangeForm):
    widths: ClassVar = {"min_chars": "w-4", "kind": "w-24", "finding": "w-24", "code": "w-24"}
    conditional = frozenset({"finding"})

    label = PlainText(
        label="Words on screen",
        max_length=120,
        min_length=3,
        help_text="What people choose. {dose} stands for the dose in words",
    )
    min_chars = HouseInteger(
        label="Least characters in words", min_value=0, max_value=200, initial=0,
        help_text="0: no words are asked for",
    )  # fmt: skip

    def words(self) -> Values:
        said = self.cleaned_data
        least = said["min_chars"]
        return {"label": said["label"], "min_chars": least, "needs_text": least > 0}


class AddReason(_ReasonWords):
    act = Act.ADD
    own = ("kind", "code", "label", "min_chars", "finding")

    kind = forms.ChoiceField(
        label="Given for", choices=offered([(k, spoken(k)) for k in ReasonKind], "use")
    )
    code = SlugText(
        label="Code",
        max_length=40,
        example="waits_for_record",
        help_text="Small letters, digits, hyphens and underscores. It is stored and never changed",
    )
    finding = forms.ChoiceField(
        label="Answers only this finding",
        required=False,
        choices=[_ANY, *((str(code), str(code)) for code in Code)],
    )

    def clean(self) -> dict[str, Any]:
        kind, code, finding = (self.answer(name) for name in ("kind", "code", "finding"))
        if kind and code and Reason.objects.filter(kind=kind, code=code).exists():
            self.add_error("code", f"{code} is on file already for {spoken(kind).lower()}.")
        answers = (ReasonKind.ACKNOWLEDGEMENT, ReasonKind.CLEARANCE)
        if kind and finding and kind not in answers:
            self.add_error(
                "finding", "Only acknowledgements and clearances answer a finding: choose any."
            )
        return self.cleaned_data

    def values(self) -> Values:
        said = self.cleaned_data
        plain = {name: said[name] for name in ("kind", "code", "finding")}
        return plain | self.words() | {"active": True}


class ChangeReason(_ReasonWords):
    act = Act.CHANGE
    own = ("label", "min_chars")

    def clean(self) -> dict[str, Any]:
        before = self.row.values or {}
        if not self.errors and all(before[name] == value for name, value in self.words().items()):
            self.add_error("label", "Nothing differs from what is in force now.")
        return self.cleaned_data

    def values(self) -> Values:
        return (self.row.values or {}) | self.words()


_KINDS = offered([(kind, spoken(kind)) for kind in MedicineKind], "kind")
_KIND_HELP = (
    "Opioid short and long decide the days without one; a marker points to an opioid; neutral "
    "carries no caution; a filler says nothing by itself"
)


class AddMedicine(ChangeForm):
    act = Act.ADD
    own = ("name", "kind")
    widths: ClassVar = {"name": "w-24", "kind": "w-24"}

    name = PlainText(
        label="Name",
        max_length=80,
        help_text="Generic or brand, one to four words; kept in small letters and digits",
    )
    kind = forms.ChoiceField(label="Kind", choices=_KINDS, help_text=_KIND_HELP)

    def clean_name(self) -> str:
        words = medicine_words(self.cleaned_data["name"])
        name = " ".join(words)
        if not 1 <= len(words) <= 4 or not name.isascii():
            raise ValidationError("Write one to four words in letters and digits.")
        if MedicineName.objects.filter(name=name).exists():
            raise ValidationError(f"{name} is on file already: change or bring back that one.")
        return name

    def values(self) -> Values:
        said = self.cleaned_data
        return {"name": said["name"], "kind": said["kind"], "active": True}


class ChangeMedicine(ChangeForm):
    act = Act.CHANGE
    own = ("kind",)
    widths: ClassVar = {"kind": "w-24"}

    kind = forms.ChoiceField(label="Kind", choices=_KINDS, help_text=_KIND_HELP)

    def clean_kind(self) -> str:
        kind: str = self.cleaned_data["kind"]
        if kind == (self.row.values or {}).get("kind"):
            raise ValidationError("Nothing differs from what is in force now.")
        return kind

    def values(self) -> Values:
        return (self.row.values or {}) | {"kind": self.cleaned_data["kind"]}
