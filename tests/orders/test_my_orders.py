"""My orders, an order's page, and what a practice does with an order that was sent."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import Order, Patient
from orders.services import claims, review
from orders.status import Status
from tests.conftest import Cast
from tests.factories import PatientFactory, draft_of, reason, signed_order
from tests.orders.pages import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast) -> Client:
    return sign_in(cast.ada)


def asked_order(cast: Cast) -> Order:
    order = signed_order(cast.ada)
    claims.claim(order, by=cast.phil)
    why = reason("clarification", "dose_or_titration")
    review.ask(order, by=cast.phil, reason=why, text="Is 4.5 mg meant from the first day?")
    return order


def listed(html: str) -> list[str]:
    table = html[html.index("<tbody") : html.index("</tbody")] if "<tbody" in html else ""
    return re.findall(r">(RX-[0-9A-Z]{8})<", table)


def tabs(html: str) -> dict[str, str]:
    found = re.findall(r'">([^<]+?) <span class="tab-count">(\d+)</span>', html)
    return dict(found)


def current(html: str) -> str:
    found = re.search(r'aria-current="page">([^<]+?) <span class="tab-count', html)
    return found[1] if found else ""


def get(client: Client, query: str = "") -> str:
    answer = client.get(f"/orders/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_orders_stand_in_tabs_with_counts(client: Client, cast: Cast) -> None:
    draft, sent, asked, gone = (
        draft_of(cast.nils), signed_order(cast.ada), asked_order(cast), draft_of(cast.ada)
    )  # fmt: skip
    client.post(f"/orders/{gone.reference}/cancel/", {"version": "1", "reason": "patient_declined"})
    foreign = signed_order(cast.ben)
    html = get(client)
    assert tabs(html) == {
        "Action needed": "1", "Waiting for signature": "0", "Drafts": "1", "At the pharmacy": "1",
        "Done": "1",
    }  # fmt: skip
    assert (current(html), listed(html)) == ("Action needed", [asked.reference])
    assert "Dose or titration query" in html
    for tab, order in (("drafts", draft), ("pharmacy", sent), ("done", gone)):
        assert listed(get(client, f"?tab={tab}")) == [order.reference]
    assert "The patient declined" in get(client, "?tab=done")
    assert foreign.reference not in html


def test_the_first_tab_with_rows_opens(client: Client, cast: Cast) -> None:
    signed_order(cast.ada)
    assert current(get(client)) == "At the pharmacy"
    draft_of(cast.ada)
    assert current(get(client)) == "Drafts"
    assert current(get(client, "?tab=nonsense&page=-1&search=x")) == "Drafts"


def test_a_row_says_patient_dose_and_state_in_words(client: Client, cast: Cast) -> None:
    patient = PatientFactory(practice=cast.practice, family_name="Rosales", given_name="Ida")
    signed_order(cast.ada, patient=patient)
    words = " ".join(re.sub(r"<[^>]+>", " ", get(client)).split())
    for shown in ("ROSALES, Ida", "naltrexone", "DOSE", "4.5 mg", "at bedtime",
                  "Received by pharmacy"):  # fmt: skip
        assert shown in words
    assert re.search(r"\d\d:\d\d [A-Z]{3,4}\b", words)


def test_each_kind_of_nothing_is_said(client: Client, cast: Cast) -> None:
    """L03: never used, nothing in this tab, nothing found."""
    assert "No orders yet" in get(client)
    draft_of(cast.ada)
    assert "Nothing decided yet" in get(client, "?tab=done")
    answer = client.post("/orders/", {"words": "nobody"}, follow=True)
    assert "No order here fits the search" in answer.content.decode()
    assert "Show all orders" in answer.content.decode()


@pytest.mark.parametrize(
    "words", ["rosales", "IDA ros", "Rosales, Ida", " Ida ", "{reference}", "{tail}", "{lower}"]
)
def test_orders_are_found_by_reference_or_name(client: Client, cast: Cast, words: str) -> None:
    patient = PatientFactory(practice=cast.practice, family_name="Rosales", given_name="Ida")
    order, _ = signed_order(cast.ada, patient=patient), signed_order(cast.ada)
    PatientFactory(practice=cast.other_practice, family_name="Rosales")
    reference = order.reference
    typed = words.format(reference=reference, tail=reference[3:], lower=f"{reference[:6].lower()} ")
    if words == "{lower}":
        typed = reference.lower()
    answer = client.post("/orders/", {"words": typed})
    address = answer.headers["Location"]
    assert "osales" not in address.lower()
    assert reference not in address
    html = client.get(address).content.decode()
    assert listed(html) == [reference]
    assert tabs(html)["At the pharmacy"] == "1"
    assert listed(get(client, "?tab=pharmacy")) != [reference]


def test_an_empty_search_shows_all_and_old_searches_are_forgotten(
    client: Client, cast: Cast
) -> None:
    order = signed_order(cast.ada)
    assert client.post("/orders/", {"words": ""}).headers["Location"] == "/orders/"
    addresses = [
        client.post("/orders/", {"words": f"none{n}"}).headers["Location"] for n in range(12)
    ]
    assert listed(client.get(addresses[-1]).content.decode()) == []
    assert listed(client.get(addresses[0]).content.decode()) == [order.reference]
    assert len(client.session["order_searches"]) == 10


def test_percent_and_underscore_are_no_wildcards(client: Client, cast: Cast) -> None:
    signed_order(cast.ada)
    for words in ("%", "_", "RX-%"):
        answer = client.post("/orders/", {"words": words}, follow=True)
        assert listed(answer.content.decode()) == []


def _copies(order: Order, count: int) -> None:
    """More orders of the same kind, by rows: what is measured is the page."""
    steps = list(order.steps.all())
    for _ in range(count):
        copy = Order.objects.get(pk=order.pk)
        copy.pk, copy.reference = None, Order._meta.get_field("reference").get_default()
        copy.form_token = uuid4()
        copy.save(force_insert=True)
        for step in steps:
            step.pk, step.order = None, copy
            step.save(force_insert=True)


def test_pages_hold_25_rows_and_lead_to_each_other(client: Client, cast: Cast) -> None:
    _copies(draft_of(cast.ada), 59)
    seen: list[str] = []
    for page, count in ((1, 25), (2, 25), (3, 10)):
        html = get(client, f"?tab=drafts&page={page}")
        assert len(listed(html)) == count
        assert ('rel="next"' in html, 'rel="prev"' in html) == (page < 3, page > 1)
        seen += listed(html)
    assert len(set(seen)) == 60
    assert "51–60 of 60" in html
    assert listed(get(client, "?tab=drafts&page=999999")) == listed(html)


def test_the_list_takes_as_many_queries_at_200_rows_as_at_2(client: Client, cast: Cast) -> None:
    order = draft_of(cast.ada)
    _copies(order, 1)
    get(client)
    counts = []
    for more in (0, 198):
        _copies(order, more)
        with CaptureQueriesContext(connection) as queries:
            get(client, "?tab=drafts")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 14


# --- One order -------------------------------------------------------------------------------------
def test_a_question_is_answered_on_the_order_page(client: Client, cast: Cast) -> None:
    order = asked_order(cast)
    html = client.get(f"/orders/{order.reference}/").content.decode()
    assert "The pharmacist asked a question" in html
    assert "Is 4.5 mg meant from the first day?" in html
    data = {"reason": reason("answer").code, "text": "Yes, it was taken before and tolerated."}
    answer = client.post(f"/orders/{order.reference}/answer/", data, follow=True)
    html = answer.content.decode()
    order.refresh_from_db()
    assert order.status == Status.SUBMITTED
    assert "Yes, it was taken before and tolerated." in html
    assert "The pharmacy has this order" in html
    again = client.post(f"/orders/{order.reference}/answer/", data)
    assert again.status_code == 409


def test_a_delegate_reads_the_question_but_does_not_answer(cast: Cast) -> None:
    order = asked_order(cast)
    client = sign_in(cast.nils)
    html = client.get(f"/orders/{order.reference}/").content.decode()
    assert "Ada Sample, MD can answer this." in html
    assert "Send answer" not in html
    assert "Cancel this order" not in html
    assert client.post(f"/orders/{order.reference}/answer/", {}).status_code == 403
    assert client.get(f"/orders/{order.reference}/cancel/").status_code == 403


def test_an_order_is_cancelled_with_a_reason(client: Client, cast: Cast) -> None:
    order = signed_order(cast.ada)
    html = client.get(f"/orders/{order.reference}/cancel/").content.decode()
    assert "A cancelled order does not come back" in html
    data = {"version": str(order.version), "reason": "opioid_needed"}
    assert client.post(f"/orders/{order.reference}/cancel/", data).status_code == 302
    order.refresh_from_db()
    assert (order.status, order.status_reason) == (Status.CANCELLED, "An opioid is needed")
    html = client.get(f"/orders/{order.reference}/").content.decode()
    assert "This order was cancelled" in html
    assert "An opioid is needed" in html
    assert client.get(f"/orders/{order.reference}/cancel/").status_code == 409


def test_an_order_that_moved_on_is_not_cancelled_unseen(client: Client, cast: Cast) -> None:
    order = signed_order(cast.ada)
    data = {"version": str(order.version), "reason": "opioid_needed"}
    claims.claim(order, by=cast.phil)
    answer = client.post(f"/orders/{order.reference}/cancel/", data)
    assert answer.status_code == 409
    assert "Phil Pharmacist" in answer.content.decode()
    order.refresh_from_db()
    assert order.status == Status.IN_REVIEW


def test_a_draft_opens_for_review(client: Client, cast: Cast) -> None:
    order = draft_of(cast.ada)
    answer = client.get(f"/orders/{order.reference}/")
    assert answer.headers["Location"] == f"/orders/{order.reference}/review/"


def test_the_history_tells_what_happened_newest_first(client: Client, cast: Cast) -> None:
    order = asked_order(cast)
    html = client.get(f"/orders/{order.reference}/").content.decode()
    verbs = re.findall(r'timeline-words">\s*<p><strong>([^<]+)</strong>', html)
    assert verbs == [
        "Question asked", "Taken for review", "Signed and sent to the pharmacy", "Draft saved"
    ]  # fmt: skip


def test_a_foreign_order_is_not_there(client: Client, cast: Cast) -> None:
    order = signed_order(cast.ben)
    for page in ("", "edit/", "review/", "cancel/", "print/"):
        assert client.get(f"/orders/{order.reference}/{page}").status_code == 404
    assert Patient.objects.visible_to(cast.ada).filter(pk=order.patient_id).count() == 0
