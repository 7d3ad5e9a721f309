"""A list of patients on its way into the practice: kept, read, looked over, stored, forgotten.

Each step is taken up by a worker for a while and goes on row by row, so that whatever ends in the
middle is gone on with; a row makes one patient in the transaction that marks it done.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

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
from orders.services.patients import KnownPerson, add
from orders.status import ImportState

LEASE = timedelta(seconds=30)
KEPT = timedelta(days=7)
AT_ONCE = 50
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
    twins = batch.rows.twins().filter(line__in=shown)
    twins.update(create_anyway=False)
    twins.filter(line__in=anyway).update(create_anyway=True)


@transaction.atomic
def start(batch: PatientImport, *, by: User, version: int) -> None:
    """Have the rows that are right made into patients; a worker does it."""
    _move(batch, ImportState.IMPORTING, by=by, version=version)


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
            PatientImportRow.objects.bulk_create(found, ignore_conflicts=True)
            _progress(batch, start_at + len(rows))
    here = PatientImport.objects.filter(pk=batch.pk, state=ImportState.READING)
    here.update(state=ImportState.CHECKED, version=F("version") + 1, content=None, worked=0)


def _judged(
    batch: PatientImport,
    line: int,
    values: dict[str, str],
    judge: Judge,
    seen: dict[tuple[str, ...], int],
) -> PatientImportRow:
    row = PatientImportRow(batch=batch, line=line, values=values)
    found = judge(values)
    if isinstance(found, dict):
        row.errors = found
        return row
    person = found.person
    row.values = values | {"birth_date": person.birth_date.isoformat()}
    same = Patient.objects.filter(practice=batch.practice_id).kept()
    row.twin = same.same_person(person.family_name, person.given_name, person.birth_date).first()
    row.twin_line = seen.setdefault(_key(row.values), line)
    if row.twin_line == line:
        row.twin_line = None
    return row


def _key(values: Mapping[str, str]) -> tuple[str, ...]:
    names = ("family_name", "given_name", "birth_date")
    return tuple(values[name].strip().upper() for name in names)


def _make(batch: PatientImport, judge: Judge) -> None:
    """One transaction a row: whoever is ended in the middle has made a whole number of patients."""
    if Right.PREPARE_ORDERS not in batch.by.rights_at(batch.practice_id):
        problem = "Whoever began this import may no longer prepare orders here."
        _end(batch, ImportState.FAILED, problem=problem)
        batch.rows.all().delete()
        return
    rows = batch.rows.filter(is_done=False).values_list("pk", flat=True)
    done = batch.rows.filter(is_done=True).count()
    for at, pk in enumerate(list(rows), start=done + 1):
        with transaction.atomic():
            row = PatientImportRow.objects.select_for_update().get(pk=pk)
            if row.is_done:
                continue
            row.patient = _made_of(batch, row, judge)
            row.is_done = True
            row.save(update_fields=["patient", "is_done"])
            _progress(batch, at)
    _finish(batch)


def _made_of(batch: PatientImport, row: PatientImportRow, judge: Judge) -> Patient | None:
    """The new patient; None for a row that is wrong or a double that was not to be made."""
    listed = None if row.errors else judge(row.values)
    if not isinstance(listed, Listed) or (row.twin_line and not row.create_anyway):
        return None
    try:
        return add(listed.person, batch.practice, anyway=row.create_anyway, **listed.allergies)
    except KnownPerson:  # perhaps made since the list was looked over
        return None


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
