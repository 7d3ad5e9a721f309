"""What is on record is confirmed by one answer, dated; only what was shown, and of the right patient."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from orders.models import Order, Patient
from tests.conftest import Cast
from tests.orders.pages import Controls, errors_of, hidden, order_data, patient_of, sign_in

pytestmark = pytest.mark.django_db
ADDRESS = f"/orders/new/{UUID('7d4f6a3e-0c1b-4a52-9c8e-2f6f0a9d1b12')}/"
OPEN: dict[str, Any] = {"allergies": "", "medicines_answer": "", "cautions": []}


@pytest.fixture
def client(cast: Cast) -> Client:
    return sign_in(cast.ada)


def recorded(cast: Cast, *, ago: int = 30, **more: Any) -> Patient:
    """A patient whose answers are on record since so many days."""
    patient, day = patient_of(cast.practice), cast.practice.today - timedelta(days=ago)
    given = {
        "allergies": "listed", "allergies_text": "latex", "allergies_on": day,
        "medicines": "metformin", "medicines_on": day, "cautions": ["liver_disease"],
        "cautions_on": day,
    } | more  # fmt: skip
    Patient.objects.filter(pk=patient.pk).update(**given)
    patient.refresh_from_db()
    return patient


def seal_of(client: Client, patient: Patient) -> str:
    address = f"/orders/new/{uuid4()}/?patient={patient.reference}"
    return hidden(client.get(address), "record_seal")


def unchanged(client: Client, cast: Cast, patient: Patient, **more: Any) -> dict[str, Any]:
    confirmed = {"changed": "no", "record_seal": seal_of(client, patient)}
    return order_data(cast, patient) | OPEN | confirmed | more


def test_one_answer_confirms_all_that_is_on_record_and_keeps_its_date(
    client: Client, cast: Cast
) -> None:
    patient = recorded(cast)
    assert client.post(ADDRESS, unchanged(client, cast, patient)).status_code == 302
    order = Order.objects.get()
    assert (order.allergies, order.allergies_text) == ("listed", "latex")
    assert (order.medicines, order.cautions) == ("metformin", ["liver_disease"])
    assert order.cautions_on == patient.cautions_on


def test_the_record_is_shown_in_words_with_its_day(client: Client, cast: Cast) -> None:
    patient = recorded(cast, cautions=["liver_disease", "thyroid"])
    html = client.get(f"{ADDRESS}?patient={patient.reference}").content.decode()
    for words in ("On record as of", "latex", "metformin", "Other liver disease, thyroid hormone"):
        assert words in html
    checked = {c["name"] for c in Controls(html).controls if "checked" in c}
    assert "changed" not in checked
    assert "opioid_use" not in checked


def test_what_is_not_confirmed_is_not_answered(client: Client, cast: Cast) -> None:
    """The fields hold what is on record, but nobody has said that it still holds."""
    patient = recorded(cast)
    data = unchanged(client, cast, patient, changed="") | {
        "allergies": "listed", "allergies_text": "latex", "medicines_answer": "listed",
        "medicines": "metformin", "cautions": ["liver_disease"],
    }  # fmt: skip
    assert client.post(ADDRESS, data).status_code == 302
    order = Order.objects.get()
    assert (order.allergies, order.medicines, order.cautions) == ("", None, None)


def test_a_change_is_typed_and_dated_today(client: Client, cast: Cast) -> None:
    patient = recorded(cast)
    data = order_data(cast, patient, changed="yes", record_seal=seal_of(client, patient))
    assert client.post(ADDRESS, data).status_code == 302
    order = Order.objects.get()
    assert (order.allergies, order.medicines, order.cautions) == ("none_known", "", [])
    assert order.cautions_on == cast.practice.today


@pytest.mark.parametrize(
    "typed",
    [{"medicines_answer": "listed", "medicines": "codeine"}, {"cautions": ["pregnant"]},
     {"allergies": "none_known"}],
)  # fmt: skip
def test_unchanged_beside_other_answers_is_a_contradiction(
    client: Client, cast: Cast, typed: dict[str, Any]
) -> None:
    data = unchanged(client, cast, recorded(cast), **typed)
    html = client.post(ADDRESS, data).content.decode()
    assert Controls(html).is_marked("changed"), errors_of(html)
    assert not Order.objects.exists()


def test_a_record_that_changed_meanwhile_is_read_again(client: Client, cast: Cast) -> None:
    patient = recorded(cast)
    data = unchanged(client, cast, patient)
    Patient.objects.filter(pk=patient.pk).update(medicines="methadone")
    html = client.post(ADDRESS, data).content.decode()
    assert Controls(html).is_marked("changed")
    assert "methadone" in html
    assert not [c for c in Controls(html).named("changed") if "checked" in c]
    assert not Order.objects.exists()


@pytest.mark.parametrize("seal", ["", "x", "PT-00000000", "a\x00b", "x" * 5000])
def test_a_tampered_seal_confirms_nothing(client: Client, cast: Cast, seal: str) -> None:
    data = unchanged(client, cast, recorded(cast)) | {"record_seal": seal}
    answer = client.post(ADDRESS, data)
    assert answer.status_code == 200
    assert errors_of(answer.content.decode())
    assert not Order.objects.exists()


def test_answers_of_one_patient_are_not_taken_for_another(client: Client, cast: Cast) -> None:
    """Without a script the list may be changed after the answers were typed."""
    first, second = recorded(cast), recorded(cast)
    data = unchanged(client, cast, first) | {"patient": second.reference}
    html = client.post(ADDRESS, data).content.decode()
    assert Controls(html).is_marked("patient")
    assert not Order.objects.exists()
    full = order_data(cast, second) | {"record_seal": seal_of(client, first)}
    assert Controls(client.post(ADDRESS, full).content.decode()).is_marked("patient")


def test_nothing_on_record_can_be_confirmed_of_a_new_or_old_record(
    client: Client, cast: Cast
) -> None:
    for patient in (patient_of(cast.practice), recorded(cast, ago=400)):
        html = client.post(ADDRESS, order_data(cast, patient) | OPEN | {"changed": "no"})
        assert Controls(html.content.decode()).is_marked("allergies")
    assert not Order.objects.exists()


@pytest.mark.parametrize(("ago", "asked"), [(364, True), (367, False)])
def test_after_twelve_months_all_is_asked_anew(
    client: Client, cast: Cast, ago: int, asked: bool
) -> None:
    patient = recorded(cast, ago=ago)
    html = client.get(f"{ADDRESS}?patient={patient.reference}").content.decode()
    assert bool(Controls(html).named("changed")) is asked
    assert "latex" in html
    ticked = [c for c in Controls(html).named("cautions") if "checked" in c]
    assert bool(ticked) is asked


# --- Choosing a patient --------------------------------------------------------------------------------
def test_choosing_another_patient_forgets_the_answers_of_the_one_before(
    client: Client, cast: Cast
) -> None:
    first, second = recorded(cast), recorded(cast, allergies_text="penicillin")
    data = order_data(cast, second) | {
        "record_seal": seal_of(client, first), "opioid_use": "now", "choose_patient": "1",
    }  # fmt: skip
    html = client.post(ADDRESS, data).content.decode()
    assert errors_of(html) == []
    controls = Controls(html)
    assert not [c for c in controls.named("opioid_use") if "checked" in c]
    assert "penicillin</textarea>" in html
    assert controls.named("days_supply")[0]["value"] == "90"


def test_answers_typed_before_a_patient_was_chosen_stay(client: Client, cast: Cast) -> None:
    data = order_data(cast, patient_of(cast.practice), opioid_use="now", choose_patient="1")
    controls = Controls(client.post(ADDRESS, data).content.decode())
    assert [c["value"] for c in controls.named("opioid_use") if "checked" in c] == ["now"]


def test_an_order_begun_on_a_patients_page_is_for_that_patient(client: Client, cast: Cast) -> None:
    patient = recorded(cast)
    answer = client.get(f"/orders/new/?patient={patient.reference}", follow=True)
    html = answer.content.decode()
    chosen = [c for c in Controls(html).controls if c.get("name") == "patient_kind"]
    assert [c["value"] for c in chosen if "checked" in c] == ["existing"]
    assert f'<option value="{patient.reference}" selected>' in html
    assert patient.family_name.upper() in html


@pytest.mark.parametrize("reference", ["", "PT-00000000", "pt-1", "a\x00b", "x" * 500])
def test_a_patient_that_is_none_of_the_practices_is_not_found(
    client: Client, cast: Cast, reference: str
) -> None:
    for address in ("/orders/new/", ADDRESS):
        assert client.get(address, {"patient": reference}).status_code == 404
        foreign = patient_of(cast.other_practice)
        assert client.get(address, {"patient": foreign.reference}).status_code == 404


# --- A stored draft --------------------------------------------------------------------------------------
def test_a_draft_comes_back_as_confirmed_and_keeps_its_dates(client: Client, cast: Cast) -> None:
    patient = recorded(cast)
    client.post(ADDRESS, unchanged(client, cast, patient))
    order = Order.objects.get()
    address = f"/orders/{order.reference}/edit/"
    page = client.get(address)
    controls = Controls(page.content.decode())
    assert [c["value"] for c in controls.named("changed") if "checked" in c] == ["no"]
    again = unchanged(client, cast, patient, version=hidden(page, "version"), refills="3")
    assert client.post(address, again).status_code == 302
    order.refresh_from_db()
    assert (order.refills, order.cautions_on) == (3, patient.cautions_on)


def test_answers_left_as_they_were_keep_their_day(client: Client, cast: Cast) -> None:
    client.post(ADDRESS, order_data(cast))
    order, before = Order.objects.get(), date(2026, 1, 2)
    Order.objects.update(cautions_on=before)
    data = order_data(cast, order.patient, version=str(order.version))
    client.post(f"/orders/{order.reference}/edit/", data)
    order.refresh_from_db()
    assert order.cautions_on == before
    data |= {"version": str(order.version), "cautions": ["depression"]}
    client.post(f"/orders/{order.reference}/edit/", data)
    order.refresh_from_db()
    assert order.cautions_on == cast.practice.today
