"""A list on its way: checked, looked over, imported once whatever ends in the middle, forgotten."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.status import Duty
from events.history import versions
from events.models import Event
from orders.forms.patient_rows import Judging
from orders.models import Patient, PatientImport, PatientImportRow
from orders.services import patient_imports as imports
from orders.status import ImportState
from orders.tasks import work_on_patient_imports
from tests.conftest import Cast
from tests.factories import PatientFactory
from tests.orders.pages import sign_in
from tests.patients.lists import many, people, read_now, row

pytestmark = pytest.mark.django_db
judge = Judging()


def kept(cast: Cast, content: bytes) -> PatientImport:
    return imports.keep(content, encoding="utf-8", by=cast.ada)


def checked(cast: Cast, content: bytes) -> PatientImport:
    return read_now(kept(cast, content))


def imported(cast: Cast, batch: PatientImport) -> PatientImport:
    imports.start(batch, by=cast.ada, version=batch.version)
    return read_now(batch)


def send(client: Client, content: bytes, encoding: str = "utf-8") -> Any:
    file = SimpleUploadedFile("patients.csv", content)
    return client.post("/patients/import/", {"file": file, "encoding": encoding})


def test_a_list_goes_from_the_upload_to_records(cast: Cast) -> None:
    client = sign_in(cast.ada)
    wrong = row(family_name="Wrongly", zip_code="1")
    answer = send(client, people([row(), row(given_name="Kim"), wrong]))
    url = answer.headers["Location"]
    assert "Checking the list" in client.get(url).content.decode()
    work_on_patient_imports()
    html = client.get(url).content.decode()
    assert "Enter the ZIP code as five digits" in html
    assert "Import 2 patients" in html
    batch = PatientImport.objects.get()
    assert batch.content is None
    client.post(f"{url}start/", {"version": batch.version})
    assert "Importing the patients" in client.get(url).content.decode()
    work_on_patient_imports()
    html = client.get(url).content.decode()
    assert "2 patients made" in html
    assert "Rows to correct, not imported: 4" in html
    assert set(Patient.objects.values_list("given_name", "practice")) == {
        ("Rosa", cast.practice.pk), ("Kim", cast.practice.pk),
    }  # fmt: skip
    assert not PatientImportRow.objects.exists()


def test_the_event_counts_and_names_nobody(cast: Cast) -> None:
    batch = imported(cast, checked(cast, people([row()])))
    event = Event.objects.get(kind="patients.imported")
    assert (event.reference, event.data, event.actor) == (batch.reference, {"made": 1}, cast.ada)
    assert not Event.objects.filter(kind="patient.created").exists()
    assert versions(Patient.objects.get())[0].user == cast.ada.pk


def test_doubles_are_skipped_unless_ticked(cast: Cast) -> None:
    PatientFactory(practice=cast.practice, family_name="SAMPLETON", given_name="Rosa")
    PatientFactory(practice=cast.other_practice, family_name="Sampleton", given_name="Kim")
    kim = row(given_name="Kim")
    batch = checked(cast, people([row(), kim, kim, kim]))
    found = {r.line: (bool(r.twin), r.twin_line) for r in batch.rows.all()}
    assert found == {2: (True, None), 3: (False, None), 4: (False, 3), 5: (False, 3)}
    client, url = sign_in(cast.ada), f"/patients/import/{batch.reference}/"
    ticked = {"version": batch.version, "shown": "2,4,5", "anyway": ["4"]}
    assert client.post(f"{url}choose/", ticked).status_code == 302
    batch.refresh_from_db()
    done = imported(cast, batch)
    assert (done.made, done.left_out) == (2, {"wrong": [], "skipped": [2, 5]})


def test_ticks_sent_with_the_import_itself_count(cast: Cast) -> None:
    PatientFactory(practice=cast.practice, family_name="Sampleton", given_name="Rosa")
    batch = checked(cast, people([row()]))
    client, url = sign_in(cast.ada), f"/patients/import/{batch.reference}/"
    html = client.get(url).content.decode()
    assert "Import 0 ready and the ticked" in html
    client.post(f"{url}start/", {"version": batch.version, "shown": "2", "anyway": ["2"]})
    assert read_now(batch).made == 1


def test_a_record_made_after_the_look_over_is_not_made_again(cast: Cast) -> None:
    batch = checked(cast, people([row(), row(given_name="Kim")]))
    PatientFactory(practice=cast.practice, family_name="Sampleton", given_name="Rosa")
    done = imported(cast, batch)
    assert (done.made, done.left_out["skipped"]) == (1, [2])


class Killed(Exception):
    """As if the process had been ended there and then."""


def ends_at(number: int) -> imports.Judge:
    calls = iter(range(1, 10_000))

    def judged(values: Mapping[str, str]) -> imports.Listed | dict[str, str]:
        if next(calls) == number:
            raise Killed
        return judge(values)

    return judged


@pytest.mark.django_db(transaction=True)
def test_what_ends_in_the_middle_is_gone_on_with_and_makes_nobody_twice(cast: Cast) -> None:
    batch = kept(cast, many(120))
    with pytest.raises(Killed):
        imports.work_on(batch.pk, ends_at(75))
    assert batch.rows.count() == 50
    imports.work_on(batch.pk, judge)
    assert batch.rows.count() == 50  # whoever ended still has it for a while
    PatientImport.objects.update(busy_until=timezone.now())
    batch = read_now(batch)
    assert (batch.state, batch.rows.count()) == (ImportState.CHECKED, 120)
    imports.start(batch, by=cast.ada, version=batch.version)
    with pytest.raises(Killed):
        imports.work_on(batch.pk, ends_at(31))
    assert Patient.objects.count() == imports.AT_ONCE
    PatientImport.objects.update(busy_until=timezone.now())
    done = read_now(batch)
    assert (done.state, done.made, Patient.objects.count()) == (ImportState.DONE, 120, 120)
    assert len(set(Patient.objects.values_list("family_name", flat=True))) == 120
    imports.work_on(batch.pk, judge)
    assert Patient.objects.count() == 120


def test_five_hundred_rows_are_checked_and_imported_within_a_task(cast: Cast) -> None:
    batch = kept(cast, many(500))
    began = time.monotonic()
    done = imported(cast, read_now(batch))
    assert done.made == 500
    assert time.monotonic() - began < 20


def test_progress_is_told_until_the_work_is_done(cast: Cast) -> None:
    client, batch = sign_in(cast.ada), kept(cast, many(3))
    url = f"/patients/import/{batch.reference}/poll/"
    html = client.get(url).content.decode()
    assert '<progress max="3" value="0"' in html
    assert "0 of 3 rows checked" in html
    read_now(batch)
    answer = client.get(url)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == f"/patients/import/{batch.reference}/"


def test_an_old_page_starts_and_chooses_nothing(cast: Cast) -> None:
    client, batch = sign_in(cast.ada), checked(cast, people([row()]))
    url = f"/patients/import/{batch.reference}/"
    for part in ("choose/", "start/", "drop/"):
        for version in ("1", "", "nine"):
            assert client.post(f"{url}{part}", {"version": version}).status_code == 409
    assert client.post(f"{url}start/", {"version": batch.version}).status_code == 302
    assert client.post(f"{url}start/", {"version": batch.version}).status_code == 409


def test_whoever_lost_the_right_meanwhile_imports_nobody(cast: Cast) -> None:
    batch = read_now(imports.keep(people([row()]), encoding="utf-8", by=cast.nils))
    imports.start(batch, by=cast.nils, version=batch.version)
    cast.nils.memberships.update(duties=[Duty.VIEW])
    done = read_now(batch)
    assert done.state == ImportState.FAILED
    assert not Patient.objects.exists()
    assert not PatientImportRow.objects.exists()


def test_a_list_put_away_is_forgotten_at_once_and_others_after_a_week(cast: Cast) -> None:
    batch = checked(cast, people([row()]))
    imports.drop(batch, by=cast.ada, version=batch.version)
    assert not PatientImportRow.objects.exists()
    old, unread, new = (kept(cast, people([row()])) for _ in range(3))
    read_now(old)
    week_ago = timezone.now() - imports.KEPT - timedelta(minutes=1)
    PatientImport.objects.filter(pk__in=[old.pk, unread.pk]).update(at=week_ago)
    imports.forget_old()
    assert not PatientImportRow.objects.exists()
    assert set(PatientImport.objects.exclude(content=None)) == {new}


def test_five_lists_wait_at_most(cast: Cast) -> None:
    for _ in range(imports.AT_MOST_OPEN):
        kept(cast, people([row()]))
    html = send(sign_in(cast.ada), people([row()])).content.decode()
    assert "Five lists wait already" in html
    assert PatientImport.objects.count() == imports.AT_MOST_OPEN


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This file is empty"), (b"   \n", "This file is empty"),
        (b"PK\x03\x04", "This is a workbook"), (b"\xff" * 40, "not UTF-8"),
        (b"x" * (1024 * 1024 + 1), "bigger than 1 MB"), (b"%PDF-1.7 \xe2", "not UTF-8"),
        (b"<html>" * 20, "Missing"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused_beside_its_field(
    cast: Cast, content: bytes, words: str
) -> None:
    html = send(sign_in(cast.ada), content).content.decode()
    assert words in html
    assert 'aria-invalid="true"' in html
    assert not PatientImport.objects.exists()


def test_nothing_sent_or_text_for_a_file_is_told_so(cast: Cast) -> None:
    client = sign_in(cast.ada)
    for sent in ({}, {"file": "text", "encoding": "utf-8"}, {"encoding": "klingon"}):
        html = client.post("/patients/import/", sent).content.decode()
        assert "Choose a CSV file." in html
    assert "Choose the characters of the file." in client.post("/patients/import/").content.decode()


def test_what_a_file_holds_is_shown_as_text(cast: Cast) -> None:
    client = sign_in(cast.ada)
    batch = checked(cast, people([row(given_name="<script>alert(1)</script>", zip_code="=1+1")]))
    html = client.get(f"/patients/import/{batch.reference}/").content.decode()
    assert "<script>alert(1)" not in html
    assert "=1+1" in html
