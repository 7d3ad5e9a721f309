"""A list of patients on its way into the practice: kept, read, looked over, stored, forgotten.

Each step is taken up by a worker for a while and goes on row by row, so that whatever ends in the
middle is gone on with; a row makes its patient in the transaction that marks it done.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right, ensure
from events.history import acting
from events.services import record
from orders import patient_files
from orders.models import Patient, PatientImport, PatientImportRow
from orders.services.drafts import NewPatient
from orders.services.patients import lock_people_of
from orders.status import ImportState

LEASE = timedelta(seconds=30)
KEPT = timedelta(days=7)
AT_ONCE = 25
AT_MOST_OPEN = 5


class TooMany(Exception):
    """The practice has lists enough that wait to be imported."""


class StaleImport(Exception):
    """The import has moved on since the page was shown."""

    def __init__(self, batch: PatientImport) -> None:
        self.batch = batch
        super().__init__(f"{batch.reference} has moved on: {batch.get_state_display().lower()}.")


@dataclass(frozen=True, slots=True)
class Listed:
    """One row as its form reads it."""

    person: NewPatient
    allergies: dict[str, object]


_Key = tuple[str, str, str]
# The form's judgement of one row: what it says, or what is wrong by field.
Judge = Callable[[Mapping[str, str]], Listed | dict[str, str]]


# --- What people do -----------------------------------------------------------------------------
@transaction.atomic
def keep(content: bytes, *, encoding: str, by: User) -> PatientImport:
    """Keep the upload; a worker reads it. Raises NotAList or TooMany."""
    ensure(by, Right.PREPARE_ORDERS)
    table = patient_files.read(content, encoding)
    waiting = PatientImport.objects.visible_to(by).open()
    if waiting.count() >= AT_MOST_OPEN:
        raise TooMany("Five lists wait already: import or put away one of them first.")
    return PatientImport.objects.create(
        practice=by.practice,
        by=by,
        content=content,
        encoding=encoding,
        columns=table.columns,
        total=len(table.rows),
    )


@transaction.atomic
def choose(
    batch: PatientImport, *, by: User, shown: Collection[int], anyway: Collection[int], version: int
) -> None:
    """Of the doubles shown, make those in `anyway` and skip the others."""
    _move(batch, ImportState.CHECKED, by=by, version=version)
    _tick(batch, shown, anyway)


def _tick(batch: PatientImport, shown: Collection[int], anyway: Collection[int]) -> None:
    twins = batch.rows.twins().filter(line__in=shown)
    twins.update(create_anyway=False)
    twins.filter(line__in=anyway).update(create_anyway=True)


@transaction.atomic
def start(
    batch: PatientImport,
    *,
    by: User,
    version: int,
    shown: Collection[int] = (),
    anyway: Collection[int] = (),
) -> None:
    """Have the rows that are right made into patients, with the doubles ticked; a worker does it."""
    _move(batch, ImportState.IMPORTING, by=by, version=version)
    _tick(batch, shown, anyway)


@transaction.atomic
def drop(batch: PatientImport, *, by: User, version: int) -> None:
    """Import nothing, and forget the rows at once."""
    _move(batch, ImportState.DROPPED, by=by, version=version)
    batch.rows.all().delete()


def _move(batch: PatientImport, to: ImportState, *, by: User, version: int) -> None:
    ensure(by, Right.PREPARE_ORDERS)
    if batch.practice_id != by.practice_id:
        raise PermissionDenied("This import belongs to another practice.")
    here = PatientImport.objects.filter(pk=batch.pk, state=ImportState.CHECKED, version=version)
    ended = Now() if to == ImportState.DROPPED else None
    if not here.update(state=to, version=F("version") + 1, worked=0, ended_at=ended):
        raise StaleImport(PatientImport.objects.light().get(pk=batch.pk))


# --- What workers do ------------------------------------------------------------------------------
def work_on_all(judge: Judge) -> None:
    """Take up whatever is in hand and go on with it to its end."""
    for pk in PatientImport.objects.in_hand().order_by("pk").values_list("pk", flat=True):
        work_on(pk, judge)


def work_on(pk: int, judge: Judge) -> None:
    """Go on with one import, unless somebody else does."""
    if not PatientImport.objects.in_hand().filter(pk=pk).update(busy_until=Now() + LEASE):
        return
    batch = PatientImport.objects.select_related("practice", "by").get(pk=pk)
    with acting(user=batch.by_id):
        if batch.state == ImportState.READING:
            _read(batch, judge)
        else:
            _make(batch, judge)
    PatientImport.objects.filter(pk=pk).update(busy_until=None)


def _read(batch: PatientImport, judge: Judge) -> None:
    try:
        table = patient_files.read(bytes(batch.content or b""), batch.encoding)
    except patient_files.NotAList as problem:  # judged when it came: our reading has changed since
        _end(batch, ImportState.FAILED, problem=str(problem), content=None)
        return
    seen = {_key(row.values): row.line for row in batch.rows.filter(errors={})}
    done = batch.rows.count()
    for start_at in range(done, len(table.rows), AT_ONCE):
        rows = table.rows[start_at : start_at + AT_ONCE]
        with transaction.atomic():
            found = [
                _judged(batch, line, values, judge, seen)
                for line, values in enumerate(rows, start=start_at + 2)
            ]
            _mark_twins(batch, [row for row in found if not row.errors])
            PatientImportRow.objects.bulk_create(found, ignore_conflicts=True)
            _progress(batch, start_at + len(rows))
    here = PatientImport.objects.filter(pk=batch.pk, state=ImportState.READING)
    here.update(state=ImportState.CHECKED, version=F("version") + 1, content=None, worked=0)


def _judged(
    batch: PatientImport,
    line: int,
    values: dict[str, str],
    judge: Judge,
    seen: dict[_Key, int],
) -> PatientImportRow:
    row = PatientImportRow(batch=batch, line=line, values=values)
    found = judge(values)
    if isinstance(found, dict):
        row.errors = found
        return row
    row.values = values | {"birth_date": found.person.birth_date.isoformat()}
    first = seen.setdefault(_key(row.values), line)
    row.twin_line = first if first != line else None
    return row


def _mark_twins(batch: PatientImport, rows: list[PatientImportRow]) -> None:
    """Name the practice's record of the same person, if there is one."""
    born = {row.values["birth_date"] for row in rows}
    known = _known(batch, {date.fromisoformat(day) for day in born})
    for row in rows:
        row.twin = known.get(_key(row.values))


def _known(batch: PatientImport, born: set[date]) -> dict[_Key, Patient]:
    """The practice's records with one of these birth dates; of doubles the first."""
    rows = Patient.objects.filter(practice=batch.practice_id, birth_date__in=born).kept()
    found: dict[_Key, Patient] = {}
    for row in rows.order_by("pk"):
        found.setdefault(_person_key(row), row)
    return found


def _key(values: Mapping[str, str]) -> _Key:
    family, given = (values[name].strip().upper() for name in ("family_name", "given_name"))
    return family, given, values["birth_date"]


def _person_key(person: Patient | NewPatient) -> _Key:
    return person.family_name.upper(), person.given_name.upper(), person.birth_date.isoformat()


def _make(batch: PatientImport, judge: Judge) -> None:
    """A few rows a transaction: whoever is ended in the middle has made none of them or all."""
    if Right.PREPARE_ORDERS not in batch.by.rights_at(batch.practice_id):
        problem = "Whoever began this import may no longer prepare orders here."
        _end(batch, ImportState.FAILED, problem=problem)
        batch.rows.all().delete()
        return
    lines = list(batch.rows.filter(is_done=False).values_list("pk", flat=True))
    done = batch.rows.filter(is_done=True).count()
    for at in range(0, len(lines), AT_ONCE):
        pks = lines[at : at + AT_ONCE]
        with transaction.atomic():
            _make_some(batch, pks, judge)
            _progress(batch, done + at + len(pks))
    _finish(batch)


def _make_some(batch: PatientImport, pks: list[int], judge: Judge) -> None:
    lock_people_of(batch.practice)
    undone = PatientImportRow.objects.select_for_update().filter(pk__in=pks, is_done=False)
    rows = list(undone.order_by("line"))
    listed = {row.pk: found for row in rows if (found := _listed(row, judge))}
    known = set(_known(batch, {one.person.birth_date for one in listed.values()}))
    made: dict[int, Patient] = {}
    for row in rows:
        one = listed.get(row.pk)
        # On file, perhaps since the list was looked over.
        if one is None or (_person_key(one.person) in known and not row.create_anyway):
            continue
        known.add(_person_key(one.person))
        made[row.pk] = Patient(practice=batch.practice, **asdict(one.person), **one.allergies)
    Patient.objects.bulk_create(made.values())
    for row in rows:
        row.patient, row.is_done = made.get(row.pk), True
    PatientImportRow.objects.bulk_update(rows, ["patient", "is_done"])


def _listed(row: PatientImportRow, judge: Judge) -> Listed | None:
    """What a row to be made says; None for one that is wrong, or a double that nobody ticked."""
    if row.errors or (row.twin_line and not row.create_anyway):
        return None
    found = judge(row.values)
    return found if isinstance(found, Listed) else None


@transaction.atomic
def _finish(batch: PatientImport) -> None:
    """Count, tell, and forget the rows: what was made stands in the patients' records."""
    made = batch.rows.exclude(patient=None).count()
    wrong = list(batch.rows.wrong().values_list("line", flat=True))
    others = batch.rows.filter(patient=None, errors={}).values_list("line", flat=True)
    left_out = {"wrong": wrong, "skipped": list(others)}
    if _end(batch, ImportState.DONE, made=made, left_out=left_out):
        batch.rows.all().delete()
        record(
            "patients.imported",
            subject="patient_import",
            subject_id=batch.pk,
            reference=batch.reference,
            by=batch.by,
            data={"made": made},
        )


def _end(batch: PatientImport, to: ImportState, **values: object) -> int:
    here = PatientImport.objects.filter(pk=batch.pk, state=batch.state)
    return here.update(state=to, version=F("version") + 1, ended_at=Now(), **values)


def _progress(batch: PatientImport, worked: int) -> None:
    here = PatientImport.objects.filter(pk=batch.pk)
    here.update(worked=worked, busy_until=Now() + LEASE)


@transaction.atomic
def forget_old() -> None:
    """After a week nothing of a list that was not imported is left."""
    old = PatientImport.objects.open().filter(at__lt=timezone.now() - KEPT)
    for batch in old.light().select_for_update(skip_locked=True):
        batch.rows.all().delete()
        _end(batch, ImportState.DROPPED, content=None)
