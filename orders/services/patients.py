"""A practice's patients: a new record, and changes to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F

from accounts.models import Practice, User
from accounts.permissions import Right, ensure
from events.services import record
from orders.models import Patient
from orders.services.drafts import NewPatient


class StalePatient(Exception):
    """The record is no longer what the page showed: changed, or merged into another."""

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        super().__init__(
            f"{patient.reference} changed while your page was open: nothing was stored."
        )


class KnownPerson(Exception):
    """The practice has records of the same name and birth date; the first comes first."""

    def __init__(self, twins: list[Patient]) -> None:
        self.twins = twins
        super().__init__("The practice has a record of the same name and birth date.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicalAnswers:
    """What is known of a patient, as typed. Blank and None are not recorded; medicines "" is none,
    cautions () none of them. `asked_again`: all of it was asked today, though nothing changed."""

    allergies: str = ""
    allergies_text: str = ""
    medicines: str | None = None
    opioid_use: str = ""
    opioid_kind: str = ""
    opioid_last_use: date | None = None
    cautions: tuple[str, ...] | None = None
    procedure_on: date | None = None
    weight_kg: Decimal | None = None
    height_cm: Decimal | None = None
    asked_again: bool = False


# The day on which each group was answered, and the columns of the group. The first says whether.
GROUPS: dict[str, tuple[str, ...]] = {
    "allergies_on": ("allergies", "allergies_text"),
    "medicines_on": ("medicines",),
    "opioids_on": ("opioid_use", "opioid_kind", "opioid_last_use"),
    "cautions_on": ("cautions", "procedure_on"),
    "measured_on": ("weight_kg", "height_cm"),
}
_PERSON = tuple(field.name for field in fields(NewPatient))


def ensure_own(patient: Patient, by: User) -> None:
    """Raise PermissionDenied without the right, or for a patient of another practice."""
    ensure(by, Right.PREPARE_ORDERS)
    if patient.practice_id != by.practice_id:
        raise PermissionDenied("This patient belongs to another practice.")


@transaction.atomic
def create(person: NewPatient, *, by: User, anyway: bool = False) -> Patient:
    """A new record. Raises KnownPerson for a name and birth date on file, unless `anyway`."""
    ensure(by, Right.PREPARE_ORDERS)
    lock_people_of(by.practice)
    if not anyway and (twins := twins_of(person, by.practice)):
        raise KnownPerson(twins)
    patient = Patient.objects.create(practice=by.practice, **asdict(person))
    _record(patient, by=by, kind="patient.created", data={})
    return patient


def lock_people_of(practice: Practice) -> None:
    """Of two who enter the same person at once, the second waits and is told of the first's record."""
    Practice.objects.select_for_update(no_key=True).only("pk").get(pk=practice.pk)


def twins_of(person: NewPatient, practice: Practice) -> list[Patient]:
    """The practice's records of the same name and birth date, at most five."""
    same = Patient.objects.filter(practice=practice).kept()
    found = same.same_person(person.family_name, person.given_name, person.birth_date)
    return list(found[:5])


def change(patient: Patient, person: NewPatient, *, by: User, version: int) -> None:
    """Correct name, birth date, sex, address and phone. Signed orders keep what was signed.

    Raises StalePatient when the record changed since the form was shown.
    """
    _store(patient, asdict(person), by=by, version=version)


def record_answers(patient: Patient, said: ClinicalAnswers, *, by: User, version: int) -> None:
    """Store what is known; the day of a group moves when its answer does, or all was asked again.

    Raises StalePatient when the record changed since the form was shown.
    """
    today = patient.practice.today
    values: dict[str, object] = asdict(said)
    values["cautions"] = None if said.cautions is None else list(said.cautions)
    asked_again = values.pop("asked_again")
    for day, names in GROUPS.items():
        moved = any(getattr(patient, name) != values[name] for name in names)
        asked = moved or (asked_again and day != "measured_on")
        values[day] = (today if asked else getattr(patient, day)) if _said(values, names) else None
    _store(patient, values, by=by, version=version)


def _said(values: Mapping[str, object], names: tuple[str, ...]) -> bool:
    """Whether a group is answered: medicines "" and cautions [] are answers, a blank choice is not."""
    if names[0] in ("medicines", "cautions"):
        return values[names[0]] is not None
    return any(values[name] not in ("", None) for name in names)


@transaction.atomic
def _store(patient: Patient, values: Mapping[str, object], *, by: User, version: int) -> None:
    ensure_own(patient, by)
    here = Patient.objects.kept().filter(pk=patient.pk, version=version)
    if patient.version != version or patient.merged_into_id:
        raise stale(patient)
    changed = {name: value for name, value in values.items() if getattr(patient, name) != value}
    if not here.update(version=F("version") + int(bool(changed)), **changed):
        raise stale(patient)
    if changed:
        _record(patient, by=by, kind="patient.changed", data={"fields": sorted(changed)})


def stale(patient: Patient) -> StalePatient:
    return StalePatient(Patient.objects.select_related("merged_into").get(pk=patient.pk))


def _record(patient: Patient, *, by: User, kind: str, data: Mapping[str, object]) -> None:
    """Names of fields alone, never what stands in them."""
    record(
        kind,
        subject="patient",
        subject_id=patient.pk,
        reference=patient.reference,
        by=by,
        data=data,
    )


def person_of(patient: Patient) -> NewPatient:
    return NewPatient(**{name: getattr(patient, name) for name in _PERSON})
