"""The list of patients: found by name, birth date and number, and nothing of it in an address."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conftest import Cast
from tests.factories import PatientFactory, draft_of, signed_order
from tests.orders.pages import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast) -> Client:
    return sign_in(cast.ada)


def listed(html: str) -> list[str]:
    table = html[html.index("<tbody") : html.index("</tbody")] if "<tbody" in html else ""
    return re.findall(r'href="/patients/(PT-[0-9A-Z]{8})/"', table)


def found(client: Client, words: str) -> list[str]:
    answer = client.post("/patients/", {"words": words})
    address = answer.headers["Location"]
    if alone := re.fullmatch(r"/patients/(PT-[0-9A-Z]{8})/", address):
        return [alone[1]]
    assert words not in address
    return listed(client.get(address).content.decode())


def test_patients_are_found_by_name_birth_date_and_number(client: Client, cast: Cast) -> None:
    rosa = PatientFactory(
        practice=cast.practice, family_name="Sampleton", given_name="Rosa",
        birth_date=date(1975, 3, 2),
    )  # fmt: skip
    PatientFactory(practice=cast.practice, family_name="Otherperson", given_name="Kim")
    PatientFactory(practice=cast.practice, family_name="Otherwise", given_name="Noor")
    assert len(found(client, "other")) == 2
    for words in ("samp", "rosa samp", "Sampleton, Rosa", "3/2/1975", "Mar 2, 1975", "1975-03-02",
                  rosa.reference, rosa.reference.lower()[3:8]):  # fmt: skip
        assert found(client, words) == [rosa.reference], words
    assert found(client, "nobody") == []


def test_another_practices_patients_are_never_listed(client: Client, cast: Cast) -> None:
    foreign = PatientFactory(practice=cast.other_practice, family_name="Foreign")
    assert foreign.reference not in client.get("/patients/").content.decode()
    assert found(client, "Foreign") == []
    assert found(client, foreign.reference) == []
    assert client.get(f"/patients/{foreign.reference}/").status_code == 404


def test_each_row_tells_the_last_order_and_how_it_stands(client: Client, cast: Cast) -> None:
    patient = PatientFactory(practice=cast.practice)
    draft_of(cast.ada, patient=patient)
    last = signed_order(cast.ada, patient=patient)
    html = client.get("/patients/").content.decode()
    assert f"/orders/{last.reference}/" in html
    assert "Received by pharmacy" in html


def test_the_statements_do_not_grow_with_the_rows(client: Client, cast: Cast) -> None:
    counts = []
    for more in (2, 20):
        for _ in range(more):
            PatientFactory(practice=cast.practice)
        draft_of(cast.ada)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/patients/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_pages_hold_25_and_an_unknown_page_is_the_first_or_the_last(
    client: Client, cast: Cast
) -> None:
    for number in range(27):
        PatientFactory(practice=cast.practice, family_name=f"Sample{chr(97 + number // 9)}")
    for page, count in (("", 25), ("2", 2), ("99", 2), ("0", 25), ("nine", 25), ("٢", 25)):
        assert len(listed(client.get("/patients/", {"page": page}).content.decode())) == count


def test_two_records_of_one_person_are_shown_as_such(client: Client, cast: Cast) -> None:
    one = PatientFactory(practice=cast.practice, family_name="Doubleton", given_name="Kim")
    two = PatientFactory(practice=cast.practice, family_name="DOUBLETON", given_name="kim")
    html = client.get("/patients/").content.decode()
    assert f"/patients/{one.reference}/merge/{two.reference}/" in html


def test_empties_say_what_the_list_is_or_that_nobody_fits(client: Client, cast: Cast) -> None:
    assert "No patients yet" in client.get("/patients/").content.decode()
    PatientFactory(practice=cast.practice)
    answer = client.post("/patients/", {"words": "nobody"})
    html = client.get(answer.headers["Location"]).content.decode()
    assert "No patient fits the search" in html
    assert "Show all patients" in html


def test_an_unknown_search_shows_everybody(client: Client, cast: Cast) -> None:
    PatientFactory(practice=cast.practice)
    assert len(listed(client.get("/patients/?search=nosuch").content.decode())) == 1


@pytest.mark.parametrize("words", ["a\x00b", "a\u202eb", "x" * 5000])
def test_a_search_that_cannot_be_read_says_so_beside_its_field(client: Client, words: str) -> None:
    answer = client.post("/patients/", {"words": words})
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
