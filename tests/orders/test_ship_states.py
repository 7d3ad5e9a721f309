"""An order to a state without a licence stops on the page, at signing and in the live check."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from formulary.findings import Code, Level
from formulary.models import ShipState
from orders.models import Order
from orders.services.checks import findings_now
from orders.services.rechecking import new_since_signing
from tests.conftest import Cast
from tests.factories import PatientFactory, PracticeFactory, draft_of, signed_order
from tests.orders.pages import order_data, sign_in

pytestmark = pytest.mark.django_db
STOP = "The pharmacy has no licence to ship to TX: it ships to GA, NC, SC, TN and VA."


def send(cast: Cast, **more: str) -> tuple[int, str]:
    client = sign_in(cast.ada)
    answer = client.post(f"/orders/new/{uuid.uuid4()}/", more, HTTP_HOST="127.0.0.1")
    return answer.status_code, answer.content.decode()


def test_the_form_stops_beside_the_ship_to_field(cast: Cast) -> None:
    away = PatientFactory(practice=cast.practice, state="TX")
    status, html = send(cast, **order_data(cast, away))
    assert status == 200
    assert f'<a href="#id_ship_to_0">{STOP}</a>' in html
    assert not Order.objects.exists()
    status, _ = send(cast, **order_data(cast, away, ship_to="practice"))
    assert status == 302


def test_the_form_stops_for_a_new_patient_and_for_the_practice(cast: Cast) -> None:
    new: dict[str, Any] = {
        "patient_kind": "new", "patient": "", "family_name": "Sampleton", "given_name": "Rosa",
        "birth_date_0": "Nov", "birth_date_1": "22", "birth_date_2": "1980", "sex": "female",
        "address": "12 Example Road", "city": "Sampleton", "state": "TX", "zip_code": "27514",
        "phone": "(555) 555-0142",
    }  # fmt: skip
    assert STOP in send(cast, **order_data(cast, **new))[1]
    type(cast.practice).objects.filter(pk=cast.practice.pk).update(state="TX")
    assert STOP in send(cast, **order_data(cast, ship_to="practice"))[1]


@pytest.mark.parametrize("patient", ["", "no such", "PT-00000000", "a\x00b"])
def test_a_foreign_or_broken_patient_tells_nothing_of_a_state(cast: Cast, patient: str) -> None:
    foreign = PatientFactory(practice=PracticeFactory(), state="TX")
    for reference in (patient, foreign.reference):
        data = order_data(cast) | {"patient": reference}
        status, html = send(cast, **data)
        assert status == 200
        assert STOP not in html


def test_the_live_check_says_it_under_the_field(cast: Cast) -> None:
    away = PatientFactory(practice=cast.practice, state="TX")
    client = sign_in(cast.ada)
    answer = client.post("/orders/check/", order_data(cast, away), HTTP_HOST="127.0.0.1")
    note = answer.content.decode().split('id="note-ship_to"')[1].split("</div>")[0]
    assert "Stops the order:" in note
    assert STOP in note
    page = client.get(f"/orders/new/{uuid.uuid4()}/", HTTP_HOST="127.0.0.1").content.decode()
    assert 'id="note-ship_to"' in page


def test_a_stored_draft_is_checked_at_signing(cast: Cast) -> None:
    order = draft_of(cast.ada, patient=PatientFactory(practice=cast.practice, state="TX"))
    found = findings_now(order)
    assert [(f.code, f.level) for f in found.stops] == [(Code.SHIP_STATE_NOT_SERVED, Level.STOP)]
    assert not found.can_be_signed


def test_a_licence_that_ended_since_signing_is_shown_to_the_pharmacist(cast: Cast) -> None:
    order = signed_order(cast.ada)
    assert new_since_signing(order) == []
    ShipState.objects.filter(state="NC").update(active=False)
    assert [f.code for f in new_since_signing(order)] == [Code.SHIP_STATE_NOT_SERVED]


def test_without_rows_an_order_is_signed_marked_and_not_passed(cast: Cast) -> None:
    ShipState.objects.all().delete()
    found = findings_now(draft_of(cast.ada))
    assert [f.code for f in found.unchecked] == [Code.SHIP_STATE_NOT_CHECKED]
    assert found.can_be_signed
