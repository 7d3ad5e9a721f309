"""One patient's page, a new record, changes to one, and who may do what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.status import Duty
from events.models import Event
from orders.models import Order, Patient
from orders.services import patients as records
from tests.conftest import Cast
from tests.factories import PatientFactory, draft_of, signed_order
from tests.orders.pages import sign_in

pytestmark = pytest.mark.django_db
PERSON = {
    "family_name": "Sampleton", "given_name": "Rosa", "birth_date_0": "Nov", "birth_date_1": "22",
    "birth_date_2": "1980", "sex": "female", "address": "12 Example Road", "city": "Sampleton",
    "state": "NC", "zip_code": "27514", "phone": "555 555 0142",
}  # fmt: skip


def answers(version: int = 1, **more: Any) -> dict[str, Any]:
    return {"version": str(version)} | more


def page(client: Client, patient: Patient, more: str = "") -> str:
    answer = client.get(f"/patients/{patient.reference}/{more}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_new_patient_gets_a_record_with_an_event_that_names_nobody(cast: Cast) -> None:
    answer = sign_in(cast.ada).post("/patients/new/", PERSON)
    made = Patient.objects.get()
    assert answer.headers["Location"] == f"/patients/{made.reference}/"
    assert (made.practice, made.phone) == (cast.practice, "(555) 555-0142")
    event = Event.objects.get(kind="patient.created")
    assert (event.reference, event.data) == (made.reference, {})


def test_a_person_on_file_is_shown_before_a_second_record_is_made(cast: Cast) -> None:
    known = PatientFactory(
        practice=cast.practice, family_name="SAMPLETON", given_name="rosa",
        birth_date=date(1980, 11, 22),
    )  # fmt: skip
    PatientFactory(practice=cast.other_practice, family_name="Sampleton", given_name="Rosa")
    client = sign_in(cast.ada)
    html = client.post("/patients/new/", PERSON).content.decode()
    assert known.reference in html
    assert "On file already" in html
    assert Patient.objects.filter(practice=cast.practice).count() == 1
    client.post("/patients/new/", PERSON | {"anyway": "on"})
    assert Patient.objects.filter(practice=cast.practice).count() == 2


def test_a_patient_of_another_practice_is_never_called_a_double(cast: Cast) -> None:
    PatientFactory(
        practice=cast.other_practice, family_name="Sampleton", given_name="Rosa",
        birth_date=date(1980, 11, 22),
    )  # fmt: skip
    sign_in(cast.ada).post("/patients/new/", PERSON)
    assert Patient.objects.filter(practice=cast.practice).count() == 1


def test_a_change_counts_the_version_and_names_its_fields_alone(cast: Cast) -> None:
    patient = PatientFactory(practice=cast.practice, family_name="Sampleton", given_name="Rosa",
                             phone="(555) 555-0142")  # fmt: skip
    sent = PERSON | {"version": "1", "city": "Exampleton"}
    sign_in(cast.nils).post(f"/patients/{patient.reference}/change/", sent)
    patient.refresh_from_db()
    assert (patient.city, patient.version) == ("Exampleton", 2)
    assert Event.objects.get(kind="patient.changed").data == {"fields": ["city"]}


def test_what_was_changed_meanwhile_is_not_written_over(cast: Cast) -> None:
    patient = PatientFactory(practice=cast.practice, city="Sampleton")
    Patient.objects.filter(pk=patient.pk).update(version=2)
    client = sign_in(cast.ada)
    sent = PERSON | {"version": "1", "city": "Exampleton"}
    assert client.post(f"/patients/{patient.reference}/change/", sent).status_code == 409
    sent = answers(1, allergies="none_known")
    assert client.post(f"/patients/{patient.reference}/answers/", sent).status_code == 409
    patient.refresh_from_db()
    assert (patient.city, patient.allergies) == ("Sampleton", "")


def test_nothing_changed_writes_nothing(cast: Cast) -> None:
    patient = PatientFactory(practice=cast.practice)
    records.change(patient, records.person_of(patient), by=cast.ada, version=1)
    patient.refresh_from_db()
    assert patient.version == 1
    assert not Event.objects.filter(kind="patient.changed").exists()


def test_an_answer_gets_its_day_and_the_others_keep_theirs(cast: Cast) -> None:
    before = date(2026, 1, 5)
    patient = PatientFactory(
        practice=cast.practice, allergies="none_known", allergies_on=before, medicines="",
        medicines_on=before,
    )  # fmt: skip
    sent = answers(1, allergies="listed", allergies_text="Latex", medicines_answer="none",
                   cautions=["none"])  # fmt: skip
    sign_in(cast.ada).post(f"/patients/{patient.reference}/answers/", sent)
    patient.refresh_from_db()
    today = cast.practice.today
    assert (patient.allergies_text, patient.allergies_on) == ("Latex", today)
    assert (patient.medicines, patient.medicines_on) == ("", before)
    assert (patient.cautions, patient.cautions_on) == ([], today)
    assert (patient.opioid_use, patient.opioids_on) == ("", None)


def test_all_asked_again_dates_every_answer_that_there_is(cast: Cast) -> None:
    before = date(2026, 1, 5)
    patient = PatientFactory(
        practice=cast.practice, allergies="none_known", allergies_on=before, weight_kg=70,
        measured_on=before,
    )  # fmt: skip
    sent = answers(1, allergies="none_known", weight_kg="70", asked_again="on")
    sign_in(cast.ada).post(f"/patients/{patient.reference}/answers/", sent)
    patient.refresh_from_db()
    assert patient.allergies_on == cast.practice.today
    assert patient.measured_on == before
    assert patient.medicines_on is None


def test_the_page_tells_four_kinds_of_allergies_apart(cast: Cast) -> None:
    client = sign_in(cast.ada)
    said = {
        "": "Not recorded",
        "none_known": "No known allergies",
        "not_obtained": "Could not be obtained: pharmacy asks",
        "listed": "Latex",
    }
    for answer, words in said.items():
        text = "Latex" if answer == "listed" else ""
        patient = PatientFactory(practice=cast.practice, allergies=answer, allergies_text=text)
        html = page(client, patient)
        banner = html[html.index('class="patient"') : html.index("<main")]
        assert words in banner, answer


def test_the_page_lists_orders_and_offers_the_next(cast: Cast) -> None:
    patient = PatientFactory(practice=cast.practice)
    sent, draft = signed_order(cast.ada, patient=patient), draft_of(cast.ada, patient=patient)
    html = page(sign_in(cast.ada), patient)
    assert sent.reference in html
    assert f"/orders/{draft.reference}/review/" in html
    assert f"/orders/{sent.reference}/again/" in html
    assert f"/orders/new/?patient={patient.reference}" in html


def test_who_only_reads_is_offered_no_change_and_refused_one(cast: Cast) -> None:
    cast.nils.memberships.update(duties=[Duty.VIEW])
    patient = PatientFactory(practice=cast.practice)
    client = sign_in(cast.nils)
    html = page(client, patient)
    for word in ("change/", "answers/", "merge/", "orders/new/"):
        assert f'{word}"' not in html, word
    for part in ("change/", "answers/", "merge/"):
        assert client.post(f"/patients/{patient.reference}/{part}").status_code == 403
    assert client.get("/patients/new/").status_code == 403
    assert client.get("/patients/import/").status_code == 403


def test_a_service_refuses_another_practices_patient(cast: Cast) -> None:
    patient = PatientFactory(practice=cast.other_practice)
    with pytest.raises(PermissionDenied):
        records.change(patient, records.person_of(patient), by=cast.ada, version=1)
    said = records.ClinicalAnswers(allergies="none_known")
    with pytest.raises(PermissionDenied):
        records.record_answers(patient, said, by=cast.ada, version=1)


def test_a_signed_order_keeps_what_was_signed_when_the_record_changes(cast: Cast) -> None:
    patient = PatientFactory(practice=cast.practice, family_name="Beforename")
    order = signed_order(cast.ada, patient=patient)
    content = order.signature.content
    patient.refresh_from_db()
    changed = replace(records.person_of(patient), family_name="Aftername")
    records.change(patient, changed, by=cast.ada, version=patient.version)
    assert Order.objects.get(pk=order.pk).signature.content == content
    html = sign_in(cast.ada).get(f"/orders/{order.reference}/print/").content.decode()
    assert "BEFORENAME" in html


def test_history_tells_who_changed_what_before_and_after(cast: Cast) -> None:
    patient = PatientFactory(practice=cast.practice, family_name="Sampleton", given_name="Rosa",
                             phone="(555) 555-0142", city="Sampleton")  # fmt: skip
    client = sign_in(cast.nils)
    sent = PERSON | {"version": "1", "city": "Exampleton"}
    client.post(f"/patients/{patient.reference}/change/", sent)
    html = page(client, patient, "history/")
    entry = html[html.index('class="versions"') :]
    assert f"Record changed by {cast.nils.name}" in entry
    cells = [">City<", "Sampleton</span>", "Exampleton</span>"]
    assert [entry.index(cell) for cell in cells] == sorted(entry.index(cell) for cell in cells)
    assert "Record made" in entry


def test_a_birth_date_to_come_is_refused_with_the_rest_kept(cast: Cast) -> None:
    ahead = cast.practice.today + timedelta(days=400)
    sent = PERSON | {"birth_date_2": str(ahead.year + 1)}
    html = sign_in(cast.ada).post("/patients/new/", sent).content.decode()
    assert "lies in the future" in html
    assert 'value="12 Example Road"' in html
    assert "<title>Error: New patient" in html
