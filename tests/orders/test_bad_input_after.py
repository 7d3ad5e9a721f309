"""The review page, the answer, the cancellation and the search against what they must refuse."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from formulary.services import load_formulary
from orders.forms.answer import AnswerForm, CancelForm, SearchForm
from orders.forms.signing import SignForm
from orders.models import Order
from orders.services import claims, review
from orders.services.checks import findings_now
from orders.status import Status
from tests.conftest import Cast
from tests.factories import draft_of, draft_step, reason, signed_order
from tests.orders.corpus import UNKNOWN, text
from tests.orders.pages import Controls, sign_in, signing_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast) -> Client:
    return sign_in(cast.ada)


def warned_order(by: User) -> Order:
    """A draft with one thing to confirm: a new start on 4.5 mg."""
    return draft_of(by, treatment_status="new_start", steps=(draft_step("4.5"),))


SIGNING: dict[str, list[str]] = {
    "ack_confirm_dose-1": ["", *UNKNOWN, "naloxone_challenge_passed"],
    "ack_confirm_dose-1_words": text(300),
    "password": ["", "wrong", "a\x00b", "x" * 1001, "x" * 100_000, "<b>a</b>"],
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, vs in SIGNING.items() for v in vs])
def test_signing_refuses_beside_the_field(
    client: Client, cast: Cast, name: str, value: str
) -> None:
    order = warned_order(cast.ada)
    page = client.get(f"/orders/{order.reference}/review/")
    data = signing_data(page, **{"ack_confirm_dose-1": "first_dose_meant", name: value})
    answer = client.post(f"/orders/{order.reference}/sign/", data)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert Controls(html).is_marked(name)
    assert data["token"] in html
    order.refresh_from_db()
    assert order.status == Status.DRAFT


def test_a_tampered_review_page_signs_nothing(client: Client, cast: Cast) -> None:
    order = warned_order(cast.ada)
    whole = signing_data(client.get(f"/orders/{order.reference}/review/"))
    whole["ack_confirm_dose-1"] = "first_dose_meant"
    for name in ("token", "seen_sha256"):
        rest = {key: value for key, value in whole.items() if key != name}
        for value in ["", "unknown", "a\x00b", "0" * 63, "0" * 65, "x" * 5000, None]:
            data = rest if value is None else rest | {name: value}
            answer = client.post(f"/orders/{order.reference}/sign/", data)
            assert answer.status_code == 409, (name, value)
    order.refresh_from_db()
    assert order.status == Status.DRAFT


def asked_order(cast: Cast) -> Order:
    order = signed_order(cast.ada)
    claims.claim(order, by=cast.phil)
    review.ask(order, by=cast.phil, reason=reason("clarification"), text="Which strength is meant?")
    return order


ANSWERING = {"reason": ["", *UNKNOWN], "text": ["", *text(1000)]}
CANCELLING = {"reason": ["", *UNKNOWN, "first_dose_meant"]}
SEARCHING = {"words": text(60)}


@pytest.mark.parametrize("name", ANSWERING)
def test_an_answer_is_refused_beside_the_field(client: Client, cast: Cast, name: str) -> None:
    order = asked_order(cast)
    data = {"reason": reason("answer").code, "text": "The order stands as it is written."}
    for value in ANSWERING[name]:
        answer = client.post(f"/orders/{order.reference}/answer/", data | {name: value})
        assert answer.status_code == 200
        assert Controls(answer.content.decode()).is_marked(name), ascii(value)
    order.refresh_from_db()
    assert order.status == Status.NEEDS_CLARIFICATION


def test_a_cancellation_is_refused_beside_the_field(client: Client, cast: Cast) -> None:
    order = signed_order(cast.ada)
    for value in CANCELLING["reason"]:
        data = {"version": str(order.version), "reason": value}
        answer = client.post(f"/orders/{order.reference}/cancel/", data)
        assert answer.status_code == 200
        assert Controls(answer.content.decode()).is_marked("reason"), ascii(value)
    order.refresh_from_db()
    assert order.status == Status.SUBMITTED


def test_a_cancellation_of_another_version_is_stale(client: Client, cast: Cast) -> None:
    order = signed_order(cast.ada)
    for value in ["", "0", "-1", "1e3", "４", "a\x00b", "999", "9" * 40]:
        data = {"version": value, "reason": "entered_in_error"}
        assert client.post(f"/orders/{order.reference}/cancel/", data).status_code == 409
    order.refresh_from_db()
    assert order.status == Status.SUBMITTED


def test_a_search_is_refused_beside_the_field(client: Client, cast: Cast) -> None:
    signed_order(cast.ada)
    for value in SEARCHING["words"]:
        answer = client.post("/orders/", {"words": value})
        assert answer.status_code == 200
        assert Controls(answer.content.decode()).is_marked("words"), ascii(value)


def test_every_field_of_the_short_forms_has_its_row(cast: Cast) -> None:
    formulary = load_formulary()
    found = findings_now(warned_order(cast.ada))
    signing = SignForm(warnings=found.warnings, formulary=formulary, seen_sha256="0" * 64)
    hidden = {"token", "seen_sha256", "version"}
    tables: list[tuple[Any, dict[str, list[str]]]] = [
        (signing, SIGNING),
        (AnswerForm(formulary=formulary, signs=True), ANSWERING),
        (CancelForm(formulary=formulary), CANCELLING),
        (SearchForm(), SEARCHING),
    ]
    for form, table in tables:
        assert set(form.fields) - hidden == set(table)
