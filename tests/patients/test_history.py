"""Every version of a patient's record stays, whoever wrote it and however."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from config.celery import app
from config.middleware import HistoryContext
from events.history import acting, versions
from orders.models import Patient
from tests.conftest import Cast
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db


def changed(patient: Patient) -> list[tuple[str, object, object]]:
    return [(c.field, c.before, c.after) for c in versions(patient)[-1].changes]


def test_the_first_version_tells_who_made_the_record(cast: Cast) -> None:
    with acting(user=cast.ada.pk, request="abc123def456"):
        patient = PatientFactory(practice=cast.practice)
    (first,) = versions(patient)
    assert (first.kind, first.user, first.changes) == ("insert", cast.ada.pk, ())


def test_an_update_of_many_rows_is_kept_with_what_was_before(cast: Cast) -> None:
    patient = PatientFactory(practice=cast.practice, city="Sampleton")
    with acting(user=cast.nils.pk):
        Patient.objects.filter(pk=patient.pk).update(city="Exampleton", version=F("version") + 1)
    assert changed(patient) == [("city", "Sampleton", "Exampleton"), ("version", 1, 2)]
    assert versions(patient, but=["version"])[-1].user == cast.nils.pk


def test_raw_sql_is_kept_though_nobody_said_who_acts(cast: Cast) -> None:
    patient = PatientFactory(practice=cast.practice, city="Sampleton")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_patient SET city = 'Elsewhere' WHERE id = %s", [patient.pk])
    assert changed(patient) == [("city", "Sampleton", "Elsewhere")]
    assert versions(patient)[-1].user is None


def test_percent_signs_named_values_and_many_at_once_pass_inside(cast: Cast) -> None:
    """Where the library's own way of telling who acts breaks."""
    patient = PatientFactory(practice=cast.practice)
    with acting(user=cast.ada.pk), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_patient SET address = '5% Street'")
        cursor.execute("UPDATE orders_patient SET city = %(city)s", {"city": "A%sville"})
        cursor.executemany("UPDATE orders_patient SET state = %s", [("VA",), ("SC",)])
        cursor.execute("WITH a AS (SELECT 1 AS n) SELECT n FROM a")
        assert cursor.fetchone() == (1,)
    kept = versions(patient)
    assert [c.after for v in kept for c in v.changes] == ["5% Street", "A%sville", "VA", "SC"]
    assert {v.user for v in kept[1:]} == {cast.ada.pk}


def test_who_acts_ends_with_its_block_and_comes_back_after_an_inner_one(cast: Cast) -> None:
    patient = PatientFactory(practice=cast.practice)
    with acting(command="outer"):
        with acting(task="inner"):
            Patient.objects.update(city="One")
        Patient.objects.update(city="Two")
    assert [v.source for v in versions(patient)[1:]] == ["inner", "outer"]


def test_a_statement_that_is_undone_leaves_no_version_and_the_next_is_told(cast: Cast) -> None:
    patient = PatientFactory(practice=cast.practice)
    with acting(user=cast.ada.pk):
        with transaction.atomic():
            Patient.objects.update(city="Undone")
            transaction.set_rollback(True)
        Patient.objects.update(city="Done")
    assert [v.user for v in versions(patient)[1:]] == [cast.ada.pk]
    assert changed(patient) == [("city", "Sampleton", "Done")]


def test_a_task_is_named_with_what_it_wrote(cast: Cast) -> None:
    patient = PatientFactory(practice=cast.practice)

    @app.task(name="tests.moves_everybody")
    def moves_everybody() -> None:
        Patient.objects.update(city="Tasked")

    moves_everybody()
    assert versions(patient)[-1].source == "tests.moves_everybody"


@pytest.mark.parametrize(("method", "told"), [("post", True), ("get", False)])
def test_a_request_that_may_write_is_named(cast: Cast, method: str, told: bool) -> None:
    patient = PatientFactory(practice=cast.practice)
    request = getattr(RequestFactory(), method)("/")
    request.user, request.id = cast.ada, "abc123def456"

    def view(request: HttpRequest) -> HttpResponse:
        Patient.objects.update(city="Requested")
        return HttpResponse()

    HistoryContext(view)(request)
    assert versions(patient)[-1].user == (cast.ada.pk if told else None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE orders_patientevent SET city = ''",
        "DELETE FROM orders_patientevent",
        "TRUNCATE orders_patientevent",
        "TRUNCATE orders_patient CASCADE",
        "DELETE FROM orders_patient",
    ],
)
def test_history_and_records_are_never_taken_away(cast: Cast, statement: str) -> None:
    PatientFactory(practice=cast.practice)
    with connection.cursor() as cursor:
        # No foreign key waits for the commit: only the trigger can refuse.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
            cursor.execute(statement)
