"""Questions that only some orders need, and what their answers become in the draft."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import Location, Practice, Prescriber, Supervision
from accounts.status import Credential
from formulary.models import Product
from orders.models import Order, Patient
from tests.conftest import Cast
from tests.formulary.icd_sample import load_sample
from tests.orders.pages import Controls, errors_of, order_data, patient_of, sign_in

pytestmark = pytest.mark.django_db
ADDRESS = f"/orders/new/{UUID('7d4f6a3e-0c1b-4a52-9c8e-2f6f0a9d1b13')}/"


@pytest.fixture
def client(cast: Cast) -> Client:
    return sign_in(cast.ada)


def saved(client: Client, data: dict[str, Any]) -> Order:
    answer = client.post(ADDRESS, data)
    assert answer.status_code == 302, errors_of(answer.content.decode())
    return Order.objects.get()


def refused(client: Client, data: dict[str, Any], name: str) -> list[str]:
    """The messages, when the one at `name` is among them and nothing was stored."""
    html = client.post(ADDRESS, data).content.decode()
    assert Controls(html).is_marked(name), errors_of(html)
    assert not Order.objects.exists()
    return errors_of(html)


def live(client: Client, data: dict[str, Any]) -> str:
    return client.post("/orders/check/", data).content.decode()


def parts(name: str, day: date) -> dict[str, str]:
    return {f"{name}_0": str(day.month), f"{name}_1": str(day.day), f"{name}_2": str(day.year)}


# --- Days -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("ahead", "taken"), [(-1, False), (0, True), (365, True), (366, False)])
def test_the_first_dose_is_today_or_within_a_year(
    client: Client, cast: Cast, ahead: int, taken: bool
) -> None:
    day = cast.practice.today + timedelta(days=ahead)
    data = order_data(cast) | parts("effective_on", day)
    if taken:
        assert saved(client, data).effective_on == day
    else:
        refused(client, data, "effective_on")


def test_today_is_the_practices_own_day(client: Client, cast: Cast) -> None:
    """At the far side of the date line it may be tomorrow already."""
    Practice.objects.update(time_zone="Pacific/Kiritimati")
    cast.practice.refresh_from_db()
    ahead = order_data(cast) | parts("effective_on", cast.practice.today)
    assert saved(client, ahead).effective_on == cast.practice.today
    Order.objects.all()
    behind = parts("effective_on", cast.practice.today - timedelta(days=1))
    html = (
        sign_in(cast.ada)
        .post(f"/orders/new/{UUID(int=5)}/", order_data(cast) | behind)
        .content.decode()
    )
    assert Controls(html).is_marked("effective_on")


# --- Under 18 ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("years", "asked"), [(17, True), (18, False)])
def test_the_weight_is_asked_until_the_eighteenth_birthday(
    client: Client, cast: Cast, years: int, asked: bool
) -> None:
    today, patient = cast.practice.today, patient_of(cast.practice)
    birthday = date(today.year - years, today.month, min(today.day, 28)) - timedelta(days=1)
    Patient.objects.filter(pk=patient.pk).update(birth_date=birthday)
    html = live(client, order_data(cast, patient))
    shown = html.split('data-asks="')[1].split('"')[0].split()
    assert ("weight_kg" in shown) is asked


def test_weight_and_height_are_kept_exactly(client: Client, cast: Cast) -> None:
    order = saved(client, order_data(cast, weight_kg="32.25", height_cm="140.5"))
    assert (str(order.weight_kg), str(order.height_cm)) == ("32.25", "140.5")
    html = client.get(f"/orders/{order.reference}/edit/").content.decode()
    assert Controls(html).named("weight_kg")[0]["value"] == "32.25"


# --- Cautions and medicines ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("ticked", "stored"),
    [([], None), (["none"], []), (["depression", "thyroid"], ["thyroid", "depression"]),
     (["depression", "depression"], ["depression"])],
)  # fmt: skip
def test_no_tick_at_all_is_no_answer(
    client: Client, cast: Cast, ticked: list[str], stored: list[str] | None
) -> None:
    assert saved(client, order_data(cast, cautions=ticked)).cautions == stored


def test_none_beside_a_condition_is_a_contradiction(client: Client, cast: Cast) -> None:
    refused(client, order_data(cast, cautions=["none", "depression"]), "cautions")


@pytest.mark.parametrize(("medicine", "asked"), [("ReVia 50 mg", True), ("metformin", False)])
def test_full_strength_naltrexone_asks_for_its_last_dose(
    client: Client, cast: Cast, medicine: str, asked: bool
) -> None:
    data = order_data(cast, medicines_answer="listed", medicines=medicine)
    html = live(client, data)
    assert ("naltrexone_last_dose" in html.split('data-asks="')[1].split('"')[0]) is asked


# --- Where, by whom ------------------------------------------------------------------------------------
def test_telehealth_names_the_state_where_the_patient_was(client: Client, cast: Cast) -> None:
    order = saved(client, order_data(cast, seen_where="telehealth", seen_state="NC"))
    assert (order.seen_where, order.seen_state, order.seen_location) == ("telehealth", "NC", None)


def test_a_state_without_telehealth_is_a_contradiction(client: Client, cast: Cast) -> None:
    refused(client, order_data(cast, seen_where="practice", seen_state="NC"), "seen_where")


def test_a_location_is_where_patients_are_seen(client: Client, cast: Cast) -> None:
    place = Location.objects.create(
        practice=cast.practice, name="East", address="3 Sample Street", city="Sampleton",
        state="NC", zip_code="27514", sees_patients=True,
    )  # fmt: skip
    foreign = Location.objects.create(
        practice=cast.other_practice, name="West", address="4 Sample Street", city="Sampleton",
        state="NC", zip_code="27514", sees_patients=True,
    )  # fmt: skip
    refused(client, order_data(cast, seen_where=f"location-{foreign.pk}"), "seen_where")
    refused(client, order_data(cast, ship_to=f"location-{place.pk}"), "ship_to")
    order = saved(client, order_data(cast, seen_where=f"location-{place.pk}"))
    assert (order.seen_where, order.seen_location, order.seen_state) == ("practice", place, "NC")
    html = client.get(f"/orders/{order.reference}/edit/").content.decode()
    seen = [c["value"] for c in Controls(html).named("seen_where") if "checked" in c]
    assert seen == [f"location-{place.pk}"]


def supervision(prescriber: Prescriber, state: str = "NC", npi: str = "1234567893") -> Supervision:
    return Supervision.objects.create(
        prescriber=prescriber, name="Dr Sue Pervisor", npi=npi, licence_state=state,
        licence_number="S-9", phone="(555) 555-0101", address="1 Sample Street",
    )  # fmt: skip


def test_only_who_prescribes_under_a_physician_is_asked_for_one(client: Client, cast: Cast) -> None:
    row = supervision(cast.ada.prescriber)
    assert not Controls(client.get(ADDRESS).content.decode()).named("supervision")
    Prescriber.objects.filter(user=cast.ada).update(credential=Credential.PA)
    foreign = supervision(cast.ben.prescriber, npi="1558598797")
    ended = supervision(cast.ada.prescriber, "VA")
    Supervision.objects.filter(pk=ended.pk).update(ended_at="2026-01-01T00:00Z")
    for value in (foreign.pk, ended.pk, 0, "x", "a\x00b"):
        refused(client, order_data(cast, supervision=str(value)), "supervision")
    telehealth = {"seen_where": "telehealth", "seen_state": "VA"}
    refused(client, order_data(cast, supervision=str(row.pk)) | telehealth, "supervision")
    assert saved(client, order_data(cast, supervision=str(row.pk))).supervision == row


def test_billing_starts_from_the_practices_own_setting(client: Client, cast: Cast) -> None:
    Practice.objects.update(bill_to="practice")
    html = client.get(ADDRESS).content.decode()
    chosen = [c["value"] for c in Controls(html).named("bill_to") if "checked" in c]
    assert chosen == ["practice"]
    assert saved(client, order_data(cast, bill_to="patient")).bill_to == "patient"


# --- Diagnosis and reason -----------------------------------------------------------------------------
def found(cast: Cast, code: str = "", search: str = "") -> dict[str, Any]:
    return order_data(cast, diagnosis="", diagnosis_code=code, diagnosis_search=search)


def test_a_code_outside_the_formulary_is_taken_with_its_words(client: Client, cast: Cast) -> None:
    load_sample()
    order = saved(client, found(cast, "E11.9") | {"rationale": "Tried after all else."})
    assert (order.indication, order.icd_code) == (None, "E11.9")
    assert "diabetes" in order.icd_label
    assert order.rationale == "Tried after all else."


@pytest.mark.parametrize(("code", "search"), [("L40.0", ""), ("l400", ""), ("", "L40.0")])
def test_a_code_of_the_formulary_belongs_to_its_condition(
    client: Client, cast: Cast, code: str, search: str
) -> None:
    load_sample()
    order = saved(client, found(cast, code, search))
    assert order.indication is not None
    assert (order.indication.slug, order.icd_code) == ("psoriasis", "L40.0")


def test_a_heading_is_refused_with_its_codes_to_choose(client: Client, cast: Cast) -> None:
    load_sample()
    html = client.post(ADDRESS, found(cast, "L40", "L40")).content.decode()
    assert Controls(html).is_marked("diagnosis_search")
    offered = {c["value"] for c in Controls(html).named("diagnosis_code")}
    assert "L40.0" in offered
    assert not Order.objects.exists()


@pytest.mark.parametrize("code", ["Z99.9X", "ZZ", "L40.0'", "a\x00b", "x" * 5000, "４００"])
def test_what_is_no_code_is_refused_at_the_search(client: Client, cast: Cast, code: str) -> None:
    refused(
        client, found(cast, code) if code != "Z99.9X" else found(cast, "Z9"), "diagnosis_search"
    )


def test_a_code_that_the_release_does_not_know_is_taken_unchecked(
    client: Client, cast: Cast
) -> None:
    load_sample()
    order = saved(client, found(cast, "Z99.9X"))
    assert (order.icd_code, order.icd_label) == ("Z99.9X", "")


def test_two_diagnoses_are_one_too_many(client: Client, cast: Cast) -> None:
    refused(client, order_data(cast, diagnosis_code="L80"), "diagnosis")


def test_cholestasis_asks_for_an_obstruction(client: Client, cast: Cast) -> None:
    asked = live(client, order_data(cast, diagnosis="cholestasis|K74.3"))
    assert "obstruction_excluded" in asked.split('data-asks="')[1].split('"')[0]
    data = order_data(cast, diagnosis="cholestasis|K74.3", obstruction_excluded="yes")
    assert saved(client, data).obstruction_excluded is True


def test_a_product_close_to_a_marketed_one_needs_words(client: Client, cast: Cast) -> None:
    Product.objects.filter(code="LDN-CAP-1.5").update(copy_risk=True)
    assert "at least 15 characters" in refused(client, order_data(cast), "reason_text")[0]
    refused(
        client, order_data(cast, reason_text="It is much cheaper than the brand"), "reason_text"
    )
    words = "Reacts to the lactose of the marketed tablet"
    assert saved(client, order_data(cast, reason_text=words)).reason_text == words
