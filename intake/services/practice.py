"""What a practice keeps itself: how it is reached, delivery and billing, and its further places.

Its legal name, numbers and street address are what the pharmacy verified: they change by a call.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Location, Practice, User
from accounts.permissions import Right, ensure
from events.services import record

DETAILS = ("phone", "fax", "website", "mailing_address", "reach_by", "contacts")
BILLING = ("default_ship_to", "signature_required", "bill_to")
PLACE = (
    "name", "address", "city", "state", "zip_code", "phone", "sees_patients", "takes_deliveries",
    "active",
)  # fmt: skip
_ADDRESS = PLACE[:6]
_Row = TypeVar("_Row", Practice, Location)


class PracticeChanged(Exception):
    """Somebody of the practice was faster; the message says what did not happen."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody in your practice changed this while your page was open, so what you sent "
            "was not stored."
        )


def mark(row: Practice | Location, names: Sequence[str]) -> str:
    """What a page shows of a row, in 16 characters: it comes back with the form."""
    values = json.dumps([getattr(row, name) for name in names], sort_keys=True)
    return hashlib.sha256(values.encode()).hexdigest()[:16]


def change_details(practice: Practice, given: Mapping[str, Any], *, by: User, seen: str) -> None:
    """How the practice is reached: DETAILS. Raises PracticeChanged when `seen` is no longer so."""
    _ensure_own(practice.pk, by, Right.MANAGE_PRACTICE)
    _change_practice(practice, DETAILS, given, by=by, seen=seen)


def change_billing(practice: Practice, given: Mapping[str, Any], *, by: User, seen: str) -> None:
    """Where orders go as a rule and who pays: BILLING. Raises PracticeChanged."""
    _ensure_own(practice.pk, by, Right.MANAGE_BILLING)
    _change_practice(practice, BILLING, given, by=by, seen=seen)


@transaction.atomic
def add_location(practice: Practice, given: Mapping[str, Any], *, by: User) -> Location:
    """A further place where patients are seen, parcels arrive, or both."""
    _ensure_own(practice.pk, by, Right.MANAGE_PRACTICE)
    made = Location.objects.create(practice=practice, **{name: given[name] for name in PLACE[:-1]})
    _note_place(made, by)
    return made


@transaction.atomic
def change_location(
    location: Location, given: Mapping[str, Any], *, by: User, seen: str
) -> Location:
    """Correct a place. Raises PracticeChanged, also for one that was closed meanwhile.

    Orders were signed for the address as it was: another address is another place, and the old
    one is closed.
    """
    _ensure_own(location.practice_id, by, Right.MANAGE_PRACTICE)
    _ensure_shown(location, seen, PLACE)
    if all(getattr(location, name) == given[name] for name in _ADDRESS):
        if _changed(location, PLACE[:-1], given, seen=seen, shown=PLACE):
            _note_place(location, by)
        return location
    close_location(location, by=by)
    return add_location(location.practice, given, by=by)


@transaction.atomic
def close_location(location: Location, *, by: User) -> None:
    """Offer the place no more; what was sent there keeps its address. Closed twice is closed."""
    _ensure_own(location.practice_id, by, Right.MANAGE_PRACTICE)
    if Location.objects.active().filter(pk=location.pk).update(active=False):
        _note_place(location, by)


@transaction.atomic
def _change_practice(
    practice: Practice, names: Sequence[str], given: Mapping[str, Any], *, by: User, seen: str
) -> None:
    if changed := _changed(practice, names, given, seen=seen, shown=names):
        _note(practice.pk, "practice.changed", by, {"fields": changed})


def _changed(
    row: _Row, names: Sequence[str], given: Mapping[str, Any], *, seen: str, shown: Sequence[str]
) -> list[str]:
    """Store what differs and name it; PracticeChanged when the row is not what was shown."""
    locked = _ensure_shown(row, seen, shown)
    changed = [name for name in names if getattr(locked, name) != given[name]]
    for name in changed:
        setattr(locked, name, given[name])
    locked.save(update_fields=changed)
    return changed


def _ensure_shown(row: _Row, seen: str, shown: Sequence[str]) -> _Row:
    """The row, locked; PracticeChanged when it is no longer what the page showed."""
    locked: _Row = type(row)._default_manager.select_for_update(no_key=True).get(pk=row.pk)
    if mark(locked, shown) != seen:
        raise PracticeChanged
    return locked


def _ensure_own(practice_id: int, by: User, right: Right) -> None:
    ensure(by, right)
    if practice_id != by.practice_id:
        raise PermissionDenied("This belongs to another practice.")


def _note(practice_id: int, kind: str, by: User, data: Mapping[str, object]) -> None:
    record(kind, subject="practice", subject_id=practice_id, reference="", by=by, data=data)


def _note_place(location: Location, by: User) -> None:
    _note(location.practice_id, "practice.location_changed", by, {"location": location.pk})
