"""The live check: what it says while one types, and where; it judges no field and stores nothing."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from orders.models import Order
from tests.conftest import Cast
from tests.orders.pages import order_data, sign_in

pytestmark = pytest.mark.django_db
ADDRESS = f"/orders/new/{UUID('7d4f6a3e-0c1b-4a52-9c8e-2f6f0a9d1b11')}/"


@pytest.fixture
def client(cast: Cast) -> Client:
    return sign_in(cast.ada)


def page(client: Client, data: dict[str, Any]) -> str:
    """The form as it comes back."""
    answer = client.post(ADDRESS, data)
    assert answer.status_code == 200
    return answer.content.decode()


def live(client: Client, data: dict[str, Any]) -> str:
    answer = client.post("/orders/check/", data | {"sequence": "41"})
    assert answer.status_code == 200
    assert answer.headers["X-Check-Sequence"] == "41"
    return answer.content.decode()


def test_the_live_check_says_all_that_review_will_say(client: Client, cast: Cast) -> None:
    html = live(client, order_data(cast))
    for words in ("one and one half milligrams (1.5 mg) a day", "0.5 mg to 5 mg a day",
                  "228 capsules", "Take one 1.5 mg capsule by mouth at bedtime for 14 days"):  # fmt: skip
        assert words in html
    assert "dose-chart" in html
    assert not Order.objects.exists()


def test_the_live_check_speaks_from_the_first_dose_on(client: Client) -> None:
    typed = {"product": "LDN-CAP-1.5", "steps-0-dose": "45", "steps-0-times_per_day": "1"}
    html = live(client, typed)
    note = html[html.index('id="note-step-1"') :]
    assert "above the documented range" in note
    assert "4.5 mg" in note
    assert "Quantity and directions follow" in html
    assert "field-wrong" not in html


def test_the_live_check_and_the_page_have_the_same_places_for_notes(
    client: Client, cast: Cast
) -> None:
    """htmx would complain of a place that the page does not have."""
    places = re.compile(r'id="(note-[a-z0-9_-]+|check-chart|open-questions)"')
    data = order_data(cast, treatment_status="")
    on_page = places.findall(page(client, data | {"refills": "x"}))
    assert sorted(places.findall(live(client, data))) == sorted(on_page)
    assert live(client, data).count('hx-swap-oob="true"') == len(on_page)


def test_notes_stand_beside_the_answers_they_are_about(client: Client, cast: Cast) -> None:
    data = order_data(cast) | {
        "medicines_answer": "listed", "medicines": "Zyxomab", "diagnosis": "granuloma-annulare|L92.0",
        "allergies": "not_obtained", "opioid_use": "now",
    }  # fmt: skip
    html = live(client, data)
    notes = dict(re.findall(r'id="note-([a-z0-9_-]+)".*?>(.*?)</div>', html, re.DOTALL))
    for place, words in (("medicines", "Zyxomab"), ("diagnosis_search", "not documented"),
                         ("allergies", "pharmacy asks"), ("opioid_use", "withdrawal")):  # fmt: skip
        assert words in notes[place]
    assert not notes["product"].strip()


@pytest.mark.parametrize(("typed", "said"), [(".5", "0.5"), ("5.0", "5"), ("4,5", "4.5")])
def test_a_dose_that_is_no_dose_yet_gets_its_spelling_while_typing(
    client: Client, typed: str, said: str
) -> None:
    html = live(client, {"product": "LDN-CAP-4.5", "steps-0-dose": typed})
    assert f"Write the dose as {said}" in html[html.index('id="note-step-1"') :]
    assert "Write the dose" not in live(client, {"steps-0-dose": ""})
