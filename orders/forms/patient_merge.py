"""Choosing the other record of one person, and what to keep of each."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from accounts.house_fields import PagePart, PlainText
from accounts.models import User
from orders.forms.patient import patient_named
from orders.forms.patient_record import version_field
from orders.models import Patient
from orders.patient_words import LABELS_OF_PARTS, NOT_RECORDED, part_words
from orders.services.patient_merging import Merge, Side, differing


class OtherRecordForm(PagePart):
    """The record number of the same person's other record."""

    reference = PlainText(
        label="Record number of the other record", max_length=20, help_text="Such as PT-1A2B3C4D"
    )

    def __init__(self, *args: Any, by: User, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.patient = by, patient
        self.other: Patient | None = None

    def clean(self) -> dict[str, Any]:
        typed = str(self.answer("reference") or "").upper()
        named = typed if typed.startswith("PT-") else f"PT-{typed}"
        self.other = patient_named(named, by=self.by)
        if "reference" in self.errors:
            return self.cleaned_data
        if self.other is None or self.other.merged_into_id:
            self.add_error("reference", "Your practice has no such record: check its number.")
        elif self.other.pk == self.patient.pk:
            self.add_error("reference", "This is the record itself: enter the other one’s number.")
        return self.cleaned_data


class MergeForm(PagePart):
    """One choice for each part in which the two records differ; none is made beforehand, but for
    what only one of them knows."""

    kept_version = version_field()
    other_version = version_field()
    conditional: ClassVar[frozenset[str]] = frozenset({"other_birth_date"})

    def __init__(self, *args: Any, kept: Patient, other: Patient, **kwargs: Any) -> None:
        first: dict[str, Any] = {"kept_version": kept.version, "other_version": other.version}
        self.parts = differing(kept, other)
        first |= {f"keep_{part}": _known_alone(part, kept, other) for part in self.parts}
        super().__init__(*args, initial=first, **kwargs)
        for part in self.parts:
            label = LABELS_OF_PARTS[part]
            self.fields[f"keep_{part}"] = forms.ChoiceField(
                label=label,
                choices=[
                    (Side.KEPT, f"{part_words(part, kept)} ({kept.reference})"),
                    (Side.OTHER, f"{part_words(part, other)} ({other.reference})"),
                ],
                widget=forms.RadioSelect,
                error_messages={"required": f"Choose which {label.lower()} to keep."},
            )
        if "birth_date" in self.parts:
            said = "The birth dates differ, and it is the same person all the same"
            self.fields["other_birth_date"] = forms.BooleanField(
                label=said, error_messages={"required": "Tick that it is the same person."}
            )

    @property
    def shows_them_as_they_are(self) -> bool:
        """Whether the preview that was sent showed both records as they stand now."""
        shown = [self.answer(f"{side}_version") for side in ("kept", "other")]
        return shown == [str(self.initial[f"{side}_version"]) for side in ("kept", "other")]

    @property
    def choices(self) -> list[forms.BoundField]:
        return [self[f"keep_{part}"] for part in self.parts]

    def merge(self) -> Merge:
        """Only after is_valid()."""
        of = self.cleaned_data
        return Merge(
            choices={part: Side(of[f"keep_{part}"]) for part in self.parts},
            kept_version=int(of["kept_version"]),
            other_version=int(of["other_version"]),
            other_birth_date=bool(of.get("other_birth_date")),
        )


def _known_alone(part: str, kept: Patient, other: Patient) -> str:
    """The side that alone has an answer; nothing when both have."""
    here, there = part_words(part, kept), part_words(part, other)
    if there == NOT_RECORDED:
        return Side.KEPT
    return Side.OTHER if here == NOT_RECORDED else ""
