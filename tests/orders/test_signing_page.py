"""The review page: what it shows, who may sign there, and what keeps an order single."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from orders.models import Order, OrderFinding, Signature
from orders.services import drafts
from orders.status import Status
from tests.conftest import Cast
from tests.factories import draft, draft_of, draft_step, prescriber, reason, signed_order
from tests.orders.pages import Controls, errors_of, hidden, sign_in, signing_data

pytestmark = pytest.mark.django_db
CONFIRMED = {"ack_confirm_dose-1": "first_dose_meant"}


@pytest.fixture
def client(cast: Cast) -> Client:
    return sign_in(cast.ada)


@pytest.fixture
def order(cast: Cast) -> Order:
    """A draft with one thing to confirm: a new start on 4.5 mg."""
    return draft_of(cast.ada, treatment_status="new_start")


def at(order: Order, page: str) -> str:
    return reverse(f"orders:{page}", args=[order.reference])


def text_of(html: str) -> str:
    return " ".join(
        re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " ").replace("&nbsp;", " ").split()
    )


def test_everything_that_is_signed_stands_on_the_page(client: Client, order: Order) -> None:
    html = client.get(at(order, "review")).content.decode()
    words = text_of(html)
    patient = order.patient
    for shown in (
        "Nothing is sent to the pharmacy yet", patient.family_name.upper(), patient.given_name,
        "Nov 22, 1980", patient.reference, patient.address, patient.phone, "DOSE 4.5 mg",
        "four and one half milligrams (4.5 mg) a day", "at bedtime", "30 capsules",
        "Psoriasis, ICD-10-CM L40.0", "No known allergies", "New start", "Strength is not marketed",
        "Ada Sample, MD", order.prescriber.npi, "I prescribe this compounded medicine",
        "Yes, four and one half milligrams a day is meant",
    ):  # fmt: skip
        assert shown in words, shown
    assert 'autocomplete="current-password"' in html
    assert "dose-chart" in html
    assert patient.family_name not in html[: html.index("</title>")]


def test_each_answer_has_a_link_that_changes_it(client: Client, order: Order) -> None:
    html = client.get(at(order, "review")).content.decode()
    links = re.findall(
        rf'href="{at(order, "edit")}#([^"]+)">Change<span class="visually-hidden">', html
    )
    assert len(links) >= 10
    form = Controls(client.get(at(order, "edit")).content.decode())
    assert set(links) <= form.ids


def test_a_signed_order_is_confirmed_by_its_page(client: Client, order: Order) -> None:
    """F21: reference, what happens next and when, whom to ask; the address can be kept."""
    data = signing_data(client.get(at(order, "review")), **CONFIRMED)
    answer = client.post(at(order, "sign"), data)
    assert answer.headers["Location"] == at(order, "detail")
    for _ in range(2):
        words = text_of(client.get(at(order, "detail")).content.decode())
        for shown in (
            order.reference,
            "The pharmacy has this order",
            "decides by",
            "(555) 555-0100",
        ):
            assert shown in words
    finding = OrderFinding.objects.get(order=order, level="warn")
    assert finding.reason == reason("acknowledgement", "first_dose_meant")
    assert "Yes, four and one half milligrams a day is meant" in words
    assert Signature.objects.get(order=order).ip == "127.0.0.1"


def test_a_wrong_password_keeps_the_page_its_token_and_the_reasons(
    client: Client, order: Order
) -> None:
    data = signing_data(client.get(at(order, "review")), **CONFIRMED)
    answer = client.post(at(order, "sign"), data | {"password": "not it"})
    html = answer.content.decode()
    assert errors_of(html) == ["This is not your password. Type it again."]
    assert "<title>Error: Review order" in html
    assert hidden(answer, "token") == data["token"]
    assert re.search(r'<option value="first_dose_meant" selected', html)
    assert "not it" not in html
    assert client.post(at(order, "sign"), data).status_code == 302


def test_wrong_passwords_run_out(client: Client, order: Order, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reauthenticate": "3/5m/user"}
    data = signing_data(client.get(at(order, "review")), **CONFIRMED)
    for _ in range(3):
        assert client.post(at(order, "sign"), data | {"password": "not it"}).status_code == 200
    answer = client.post(at(order, "sign"), data)
    assert answer.status_code == 429
    assert Controls(answer.content.decode()).is_marked("password")
    order.refresh_from_db()
    assert order.status == Status.DRAFT


def test_a_warning_needs_a_reason_and_some_reasons_need_words(client: Client, order: Order) -> None:
    data = signing_data(client.get(at(order, "review")))
    html = client.post(at(order, "sign"), data).content.decode()
    assert Controls(html).is_marked("ack_confirm_dose-1")
    data |= {"ack_confirm_dose-1": "other", "ack_confirm_dose-1_words": "short"}
    html = client.post(at(order, "sign"), data).content.decode()
    assert Controls(html).is_marked("ack_confirm_dose-1_words")
    data["ack_confirm_dose-1_words"] = "Took this dose abroad until last month"
    assert client.post(at(order, "sign"), data).status_code == 302


def test_the_same_page_sent_twice_signs_once(client: Client, order: Order) -> None:
    data = signing_data(client.get(at(order, "review")), **CONFIRMED)
    answers = [client.post(at(order, "sign"), data) for _ in range(2)]
    assert [a.headers["Location"] for a in answers] == [at(order, "detail")] * 2
    assert Signature.objects.count() == 1


def test_the_same_page_with_other_reasons_is_a_conflict(client: Client, order: Order) -> None:
    data = signing_data(client.get(at(order, "review")), **CONFIRMED)
    client.post(at(order, "sign"), data)
    data["ack_confirm_dose-1"] = "first_dose_taken_before"
    answer = client.post(at(order, "sign"), data)
    assert answer.status_code == 409
    assert at(order, "detail") in answer.content.decode()


def test_two_open_review_pages_sign_once(client: Client, order: Order) -> None:
    first, second = (signing_data(client.get(at(order, "review")), **CONFIRMED) for _ in range(2))
    assert client.post(at(order, "sign"), first).status_code == 302
    assert client.post(at(order, "sign"), second).status_code == 409


def test_a_draft_changed_after_it_was_shown_is_not_signed(
    client: Client, cast: Cast, order: Order
) -> None:
    data = signing_data(client.get(at(order, "review")), **CONFIRMED)
    other = draft(cast.ada, patient=order.patient, steps=(draft_step("3", "LDN-CAP-3"),))
    drafts.edit_draft(order, other, by=cast.nils, version=order.version)
    answer = client.post(at(order, "sign"), data)
    assert answer.status_code == 409
    assert "was changed after this page was shown" in answer.content.decode()
    order.refresh_from_db()
    assert order.status == Status.DRAFT


def test_what_stops_or_is_open_leaves_no_way_to_sign(client: Client, cast: Cast) -> None:
    order = draft_of(cast.ada, opioid_use="now", allergies="")
    html = client.get(at(order, "review")).content.decode()
    assert "Before this can be signed" in html
    assert f'href="{at(order, "edit")}#id_opioid_use_0"' in html
    assert 'name="password"' not in html


def test_only_the_named_prescriber_is_asked_to_sign(
    client: Client, cast: Cast, order: Order
) -> None:
    data = signing_data(client.get(at(order, "review")), **CONFIRMED)
    eva = prescriber("Dr Eva Second", cast.practice)
    for person in (cast.nils, eva):
        other = sign_in(person)
        html = other.get(at(order, "review")).content.decode()
        assert "Ready for Ada Sample, MD to sign" in html
        assert 'name="password"' not in html
        assert other.post(at(order, "sign"), data).status_code == 403
    foreign = sign_in(cast.ben)
    assert foreign.get(at(order, "review")).status_code == 404
    assert foreign.post(at(order, "sign"), data).status_code == 404


def test_the_print_view_is_a_working_copy_of_what_was_signed(client: Client, cast: Cast) -> None:
    order = signed_order(cast.ada)
    order.patient.address = "99 Moved Street"
    order.patient.save()
    words = text_of(client.get(at(order, "print")).content.decode())
    for shown in ("Working copy", "12 Example Road", "DOSE 4.5 mg", order.signature.sha256,
                  order.patient.reference, order.reference, "licence NC S-1"):  # fmt: skip
        assert shown in words
    assert "99 Moved Street" not in words


def test_a_draft_has_no_print_view(client: Client, order: Order) -> None:
    assert client.get(at(order, "print")).status_code == 404
