"""Two records of one person become one: what is kept of each, and where the orders go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from events.services import record
from orders.models import Order, Patient
from orders.services.moves import move_within, note
from orders.services.patients import GROUPS, ensure_own, stale
from orders.status import UNSIGNED, Status


class CannotMerge(Exception):
    """These two stay two; the message says why."""


class Side(StrEnum):
    KEPT = "kept"
    OTHER = "other"


# What is chosen as one: the address in its parts, a clinical answer with its date.
PARTS: dict[str, tuple[str, ...]] = {
    "family_name": ("family_name",),
    "given_name": ("given_name",),
    "birth_date": ("birth_date",),
    "sex": ("sex",),
    "address": ("address", "city", "state", "zip_code"),
    "phone": ("phone",),
    **{names[0]: (*names, day) for day, names in GROUPS.items()},
}


@dataclass(frozen=True, slots=True)
class Merge:
    """What the preview sends: a side for each part that differs, the versions that were shown."""

    choices: Mapping[str, Side]
    kept_version: int
    other_version: int
    other_birth_date: bool = False


def differing(kept: Patient, other: Patient) -> list[str]:
    """The parts in which the two differ, in the order of the page; dates alone do not differ."""

    def said(patient: Patient, part: str) -> list[object]:
        return [getattr(patient, n) for n in PARTS[part] if n not in GROUPS]

    return [part for part in PARTS if said(kept, part) != said(other, part)]


def drafts_of(patient: Patient) -> QuerySet[Order]:
    """The orders that move with the record: nobody signed them yet."""
    return Order.objects.filter(patient=patient, status__in=UNSIGNED)


@transaction.atomic
def merge(kept: Patient, other: Patient, *, by: User, merge: Merge) -> None:
    """Keep one record and put `other` away; its drafts move, its signed orders stay as signed.

    Raises CannotMerge, or StalePatient when a record changed since the preview.
    """
    ensure_own(kept, by)
    ensure_own(other, by)
    if kept.pk == other.pk:
        raise CannotMerge("A record cannot be merged with itself: choose another one.")
    # Orders before patients, as whoever edits a draft locks them.
    list(drafts_of(other).select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    kept, other = _locked(kept, other, merge)
    if kept.birth_date != other.birth_date and not merge.other_birth_date:
        raise CannotMerge("The birth dates differ: say that it is the same person all the same.")
    if missing := [part for part in differing(kept, other) if part not in merge.choices]:
        raise CannotMerge(f"Choose what to keep: {len(missing)} answers are open.")
    _move_drafts(kept, other, by)
    names = [
        name
        for part in differing(kept, other)
        if merge.choices[part] == Side.OTHER
        for name in PARTS[part]
    ]
    taken = {name: getattr(other, name) for name in names}
    Patient.objects.filter(pk=kept.pk).update(version=F("version") + 1, **taken)
    gone = Patient.objects.filter(pk=other.pk) | Patient.objects.filter(merged_into=other)
    gone.update(merged_into=kept, version=F("version") + 1)
    record(
        "patient.merged",
        subject="patient",
        subject_id=kept.pk,
        reference=kept.reference,
        by=by,
        data={"merged": other.reference, "fields": sorted(names)},
    )


def _locked(kept: Patient, other: Patient, merge: Merge) -> tuple[Patient, Patient]:
    """Both rows locked in one order, as they were shown."""
    both = Patient.objects.select_for_update().filter(pk__in=[kept.pk, other.pk]).order_by("pk")
    rows = {row.pk: row for row in both}
    for row, version in ((kept, merge.kept_version), (other, merge.other_version)):
        now = rows[row.pk]
        if now.merged_into_id or now.version != version:
            raise stale(row)
    return rows[kept.pk], rows[other.pk]


def _move_drafts(kept: Patient, other: Patient, by: User) -> None:
    """What waits for a signature goes back to draft first: its content changes."""
    for order in drafts_of(other).order_by("pk"):
        if order.status == Status.AWAITING_SIGNATURE:
            move_within(
                order, Status.DRAFT, by=by, kind="order.taken_back", handed_over_by=None,
                handed_over_at=None,
            )  # fmt: skip
        Order.objects.filter(pk=order.pk).update(
            patient=kept, version=F("version") + 1, status_at=Now()
        )
        note(order, "order.changed", by=by)
