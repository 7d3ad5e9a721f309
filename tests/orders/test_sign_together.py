"""Drafts handed over, read, kept and signed in one go: services and their pages."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.status import ProvedBy
from events.models import Event
from orders.models import DraftReading, Order, Signature
from orders.services import handing_over
from orders.services.cart import Outcome, Ticked, keep_reading, sign_together
from orders.services.content import ContentChanged, content_sha256
from orders.services.drafts import edit_draft
from orders.services.moves import Refused, StaleOrder
from tests.conftest import Cast
from tests.factories import PASSWORD, draft, draft_of, prescriber, signing_form
from tests.orders.pages import errors_of, sign_in, signing_data

pytestmark = pytest.mark.django_db
LIST = "/orders/to-sign/"


def whole(order: Order) -> Order:
    return Order.objects.for_page().get(pk=order.pk)


def handed(cast: Cast, **kwargs: object) -> Order:
    order = draft_of(cast.nils, **kwargs)
    return handing_over.hand_over(order, by=cast.nils, version=order.version)


def kept(cast: Cast, order: Order) -> Order:
    keep_reading(order, by=cast.ada, form=signing_form(order))
    return order


def ticked(order: Order) -> Ticked:
    return Ticked(whole(order), uuid.uuid4(), content_sha256(whole(order)))


def together(cast: Cast, *rows: Ticked) -> list[Outcome]:
    results = sign_together(rows, by=cast.ada, ip="127.0.0.1", method=ProvedBy.PASSWORD)
    return [one.outcome for one in results]


# --- handing over -------------------------------------------------------------------------------
def test_a_delegate_hands_over_and_the_prescriber_signs_from_there(cast: Cast) -> None:
    order = handed(cast)
    assert (order.status, order.handed_over_by) == ("awaiting_signature", cast.nils)
    client = sign_in(cast.ada)
    page = client.get(reverse("orders:review", args=[order.reference]))
    assert "Handed over by" in page.content.decode()
    answer = client.post(reverse("orders:sign", args=[order.reference]), signing_data(page))
    assert answer.status_code == 302
    assert whole(order).status == "submitted"


def test_what_stops_is_not_handed_over_but_open_questions_are(cast: Cast) -> None:
    stopped = draft_of(cast.nils, opioid_use="now")
    with pytest.raises(Refused, match="Opioids are taken now"):
        handing_over.hand_over(stopped, by=cast.nils, version=stopped.version)
    assert handed(cast, treatment_status="").status == "awaiting_signature"


def test_a_draft_changed_since_it_was_shown_is_not_handed_over(cast: Cast) -> None:
    order = draft_of(cast.nils)
    with pytest.raises(StaleOrder):
        handing_over.hand_over(order, by=cast.nils, version=order.version + 1)
    with pytest.raises(PermissionDenied):
        handing_over.hand_over(order, by=cast.ben, version=order.version)


def test_the_prescriber_sends_it_back_with_words(cast: Cast) -> None:
    order = handed(cast)
    client = sign_in(cast.ada)
    sent = {"version": str(order.version), "words": "The supply is for 60 days."}
    client.post(reverse("orders:take_back", args=[order.reference]), sent)
    order = whole(order)
    assert (order.status, order.status_reason) == ("draft", "The supply is for 60 days.")
    page = sign_in(cast.nils).get(reverse("orders:review", args=[order.reference]))
    assert "The supply is for 60 days." in page.content.decode()
    event = Event.objects.get(kind="order.taken_back", subject_id=order.pk)
    assert "60 days" not in str(event.data)


def test_editing_what_awaits_a_signature_takes_it_back_first(cast: Cast) -> None:
    order = handed(cast)
    changed = draft(cast.nils, patient=order.patient, days_supply=60)
    edited = edit_draft(order, changed, by=cast.nils, version=order.version)
    assert (edited.status, edited.days_supply) == ("draft", 60)
    kinds = list(Event.objects.about("order", order.pk).values_list("kind", flat=True))
    assert kinds.index("order.taken_back") < kinds.index("order.changed")


def test_waiting_more_than_a_day_is_told_on_the_list_and_counted_in_the_header(cast: Cast) -> None:
    order = handed(cast)
    client = sign_in(cast.ada)
    html = client.get(LIST).content.decode()
    assert "To sign (1)" in html
    assert "waited more than 24 hours" not in html
    long_ago = timezone.now() - timedelta(hours=25)
    Order.objects.filter(pk=order.pk).update(handed_over_at=long_ago)
    assert "waited more than 24 hours" in client.get(LIST).content.decode()


# --- reading and signing together ---------------------------------------------------------------
def test_several_patients_orders_are_signed_by_one_proof_each_with_its_own_result(
    cast: Cast,
) -> None:
    good, changed, unread = (draft_of(cast.ada) for _ in range(3))
    for order in (good, changed):
        kept(cast, order)
    rows = [ticked(order) for order in (good, changed, unread)]
    edit_draft(
        changed, draft(cast.ada, patient=changed.patient, days_supply=60), by=cast.ada,
        version=changed.version,
    )  # fmt: skip
    assert together(cast, *rows) == [Outcome.DONE, Outcome.CHANGED, Outcome.REFUSED]
    assert [whole(order).status for order in (good, changed, unread)] == [
        "submitted", "draft", "draft",
    ]  # fmt: skip


def test_the_same_list_sent_twice_signs_once(cast: Cast) -> None:
    order = kept(cast, draft_of(cast.ada, treatment_status="new_start"))
    row = ticked(order)
    assert together(cast, row) == together(cast, row) == [Outcome.DONE]
    assert together(cast, ticked(order)) == [Outcome.CHANGED] or Signature.objects.count() == 1
    assert Signature.objects.count() == 1
    assert whole(order).findings.filter(level="warn", reason__isnull=False).exists()


def test_a_reading_needs_every_reason_and_the_content_as_it_is(cast: Cast) -> None:
    order = draft_of(cast.ada, treatment_status="new_start")
    with pytest.raises(Refused, match="Give a reason"):
        keep_reading(order, by=cast.ada, form=signing_form(order, reasons={}))
    with pytest.raises(ContentChanged):
        keep_reading(order, by=cast.ada, form=signing_form(order, seen_sha256="0" * 64))
    assert not DraftReading.objects.exists()


@pytest.mark.parametrize("whose", ["colleague", "other practice"])
def test_one_order_of_somebody_else_leaves_all_unsigned(cast: Cast, whose: str) -> None:
    eva = prescriber("Dr Eva Second", cast.practice)
    mine = kept(cast, draft_of(cast.ada))
    theirs = draft_of(eva if whose == "colleague" else cast.ben)
    with pytest.raises(PermissionDenied):
        together(cast, ticked(mine), ticked(theirs))
    client = sign_in(cast.ada)
    sent = {"order": [mine.reference, theirs.reference], "password": PASSWORD}
    assert client.post(reverse("orders:sign_ticked"), sent).status_code == 404
    assert not Signature.objects.exists()


# --- the pages ----------------------------------------------------------------------------------
def keep_by_page(client: Client, order: Order, **more: str) -> None:
    page = client.get(reverse("orders:review", args=[order.reference]))
    data = signing_data(page, password="", **more)
    answer = client.post(reverse("orders:keep_reading", args=[order.reference]), data)
    assert answer.headers["Location"] == LIST


def list_data(html: str, *orders: Order) -> dict[str, object]:

    sent: dict[str, object] = dict(
        re.findall(r'name="((?:token|seen|version)-RX-\w+)" value="([^"]*)"', html)
    )
    return sent | {"order": [order.reference for order in orders], "password": PASSWORD}


def test_the_list_signs_what_was_read_and_tells_each_result(cast: Cast) -> None:
    client, one, two, unread = sign_in(cast.ada), *(draft_of(cast.ada) for _ in range(3))
    for order in (one, two):
        keep_by_page(client, order)
    html = client.get(LIST).content.decode()
    assert "Not read yet" in html
    assert f'value="{unread.reference}"' not in html
    assert "four and one half milligrams" in html
    assert 'aria-label="Patient"' not in html
    answer = client.post(reverse("orders:sign_ticked"), list_data(html, one, two))
    told = client.get(answer.headers["Location"]).content.decode()
    assert told.count("Signed and sent to the pharmacy.") == 2
    assert {whole(order).status for order in (one, two)} == {"submitted"}


def test_a_wrong_password_signs_nothing_and_keeps_the_ticks(cast: Cast) -> None:
    client, order = sign_in(cast.ada), draft_of(cast.ada)
    keep_by_page(client, order)
    data = list_data(client.get(LIST).content.decode(), order)
    html = client.post(reverse("orders:sign_ticked"), data | {"password": "not it"}).content
    assert errors_of(html.decode()) == ["This is not your password. Type it again."]
    assert b"checked" in html
    assert client.post(reverse("orders:sign_ticked"), data | {"order": []}).status_code == 200
    assert not Signature.objects.exists()


def test_a_delegate_hands_over_several_at_once(cast: Cast) -> None:
    client, orders = sign_in(cast.nils), [draft_of(cast.nils) for _ in range(2)]
    stopped = draft_of(cast.nils, opioid_use="now")
    html = client.get(LIST).content.decode()
    assert 'name="password"' not in html
    assert f'value="{stopped.reference}"' not in html
    answer = client.post(reverse("orders:hand_over_ticked"), list_data(html, *orders))
    told = client.get(answer.headers["Location"]).content.decode()
    assert told.count("Handed over for the signature.") == 2
    assert {whole(order).status for order in orders} == {"awaiting_signature"}
