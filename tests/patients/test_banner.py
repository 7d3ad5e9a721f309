"""The patient stands on every page about one, as signed once it is signed, and on no list."""

from __future__ import annotations

import re
from datetime import date

import pytest

from orders.models import Order, Patient
from tests.conftest import Cast
from tests.factories import PatientFactory, draft_of, signed_order
from tests.orders.pages import sign_in
from tests.queue.desk import held

pytestmark = pytest.mark.django_db


def banners(html: str) -> list[str]:
    found = re.findall(r'<section class="patient".*?</section>', html, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found]


@pytest.fixture
def patient(cast: Cast) -> Patient:
    return PatientFactory(
        practice=cast.practice, family_name="Sampleton", given_name="Rosa",
        birth_date=date(1980, 1, 2),
    )  # fmt: skip


def test_every_page_about_one_patient_shows_who_it_is(cast: Cast, patient: Patient) -> None:
    draft, order = draft_of(cast.ada, patient=patient), signed_order(cast.ada, patient=patient)
    mine = f"/patients/{patient.reference}/"
    for path in (mine, f"{mine}history/", f"{mine}change/", f"{mine}answers/",
                 f"/orders/{draft.reference}/review/", f"/orders/{draft.reference}/edit/",
                 f"/orders/{order.reference}/", f"/orders/{order.reference}/cancel/"):  # fmt: skip
        (shown,) = banners(sign_in(cast.ada).get(path).content.decode())
        assert shown.startswith("SAMPLETON , Rosa Born Jan"), path
        assert patient.reference in shown
        assert re.search(r"\(4\d y\)", shown.replace("\xa0", " ").replace("&nbsp;", " ")), shown
    held(order, cast.phil)
    for path in (f"/queue/{order.reference}/",):
        assert len(banners(sign_in(cast.phil).get(path).content.decode())) == 1


def test_no_list_and_no_page_about_two_shows_one(cast: Cast, patient: Patient) -> None:
    other = PatientFactory(practice=cast.practice)
    signed_order(cast.ada, patient=patient)
    for path in ("/", "/patients/", "/patients/new/", "/patients/import/", "/orders/",
                 f"/patients/{patient.reference}/merge/",
                 f"/patients/{patient.reference}/merge/{other.reference}/"):  # fmt: skip
        assert banners(sign_in(cast.ada).get(path).content.decode()) == [], path
    assert banners(sign_in(cast.phil).get("/queue/").content.decode()) == []


def test_a_signed_orders_pages_show_the_person_as_signed(cast: Cast, patient: Patient) -> None:
    order = signed_order(cast.ada, patient=patient)
    Patient.objects.filter(pk=patient.pk).update(
        family_name="Newname", allergies="listed", allergies_text="Latex"
    )
    for person, path in ((cast.ada, f"/orders/{order.reference}/"),
                         (cast.phil, f"/queue/{order.reference}/")):  # fmt: skip
        (shown,) = banners(sign_in(person).get(path).content.decode())
        assert "SAMPLETON" in shown
        assert "No known allergies" in shown
    (shown,) = banners(sign_in(cast.ada).get(f"/patients/{patient.reference}/").content.decode())
    assert "NEWNAME" in shown
    assert "Known allergies Latex" in shown


def test_a_drafts_pages_show_the_record_with_the_drafts_allergies(
    cast: Cast, patient: Patient
) -> None:
    draft = draft_of(cast.ada, patient=patient, allergies="listed", allergies_text="Latex")
    Patient.objects.filter(pk=patient.pk).update(family_name="Newname")
    assert Order.objects.get(pk=draft.pk).status == "draft"
    (shown,) = banners(sign_in(cast.ada).get(f"/orders/{draft.reference}/review/").content.decode())
    assert "NEWNAME" in shown
    assert "Known allergies Latex" in shown
