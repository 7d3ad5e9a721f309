"""What each duty lets a delegate do with orders, and orders of somebody in two practices."""

from __future__ import annotations

import uuid
from html import unescape
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import Practice, User
from accounts.services.members import invite
from accounts.services.standing import suspend
from accounts.status import Duty, Role
from formulary.models import Reason
from orders.models import Order, Patient
from orders.services import claims
from orders.services.review import answer, ask
from orders.status import Status
from tests.conftest import Cast
from tests.factories import PatientFactory, draft_of, prescriber, reason, signed_order
from tests.orders.pages import hidden, order_data

pytestmark = pytest.mark.django_db
NEW = {
    "patient_kind": "new", "patient": "", "family_name": "Newcomer", "given_name": "Pat",
    "birth_date_0": "11", "birth_date_1": "22", "birth_date_2": "1980", "sex": "female",
    "address": "12 Example Road", "city": "Sampleton", "state": "NC", "zip_code": "27514",
    "phone": "(555) 555-0123",
}  # fmt: skip


def at(user: User) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user)
    return client


def text(page: Any) -> str:
    return unescape(page.content.decode()).replace("\u00a0", " ")


def with_duties(cast: Cast, *duties: Duty) -> User:
    cast.nils.memberships.update(duties=[str(duty) for duty in duties])
    return User.objects.get(pk=cast.nils.pk)


def asked(cast: Cast) -> Order:
    """Dr Ada's order, with an open question of Phil's."""
    order = signed_order(cast.ada)
    claims.claim(order, by=cast.phil)
    order.refresh_from_db()
    ask(order, by=cast.phil, reason=reason("clarification"), text="Which address?")
    order.refresh_from_db()
    return order


# --- Duties -----------------------------------------------------------------------------------
def test_who_only_views_reads_every_order_and_is_offered_nothing_else(cast: Cast) -> None:
    client, sent, draft = at(with_duties(cast, Duty.VIEW)), asked(cast), draft_of(cast.ada)
    listed = text(client.get("/orders/"))
    assert "New order" not in listed
    assert sent.reference in listed
    page = text(client.get(f"/orders/{sent.reference}/"))
    assert "Which address?" in page
    assert "Send answer" not in page
    assert "Cancel this order" not in page
    page = text(client.get(f"/orders/{draft.reference}/review/"))
    assert "for signing" not in page
    assert f"/orders/{draft.reference}/edit/" not in page
    assert f"/orders/{draft.reference}/cancel/" not in page
    for url in ("/orders/new/", f"/orders/{draft.reference}/edit/",
                f"/orders/{draft.reference}/cancel/", f"/orders/{sent.reference}/cancel/"):  # fmt: skip
        assert client.get(url).status_code == 403, url
    assert client.post(f"/orders/{sent.reference}/answer/", {}).status_code == 403


def test_an_empty_list_offers_a_reader_no_order_to_write(cast: Cast) -> None:
    assert "Order for a patient" not in text(at(with_duties(cast, Duty.VIEW)).get("/orders/"))
    assert "Order for a patient" in text(at(with_duties(cast, Duty.PREPARE)).get("/orders/"))


def test_who_clarifies_gives_information_and_the_prescriber_the_meaning(cast: Cast) -> None:
    client, order = at(with_duties(cast, Duty.CLARIFY)), asked(cast)
    page = text(client.get(f"/orders/{order.reference}/"))
    assert "The missing information is given here" in page
    assert 'value="stands_as_written"' not in page
    assert 'value="ordered_anew"' not in page
    url = f"/orders/{order.reference}/answer/"
    refused = client.post(url, {"reason": "stands_as_written", "text": "Yes"})
    assert refused.status_code == 200
    order.refresh_from_db()
    assert order.status == Status.NEEDS_CLARIFICATION
    given = client.post(url, {"reason": "information_given", "text": "12 Example Road"})
    assert given.status_code == 302
    order.refresh_from_db()
    assert order.status == Status.SUBMITTED


@pytest.mark.parametrize("code", ["stands_as_written", "ordered_anew"])
def test_a_delegate_never_says_what_an_order_means(cast: Cast, code: str) -> None:
    nils, order = with_duties(cast, Duty.CLARIFY), asked(cast)
    with pytest.raises(PermissionDenied):
        answer(order, by=nils, choice=reason("answer", code), text="Yes")
    answer(order, by=cast.ada, choice=reason("answer", code), text="Yes")


def test_the_prescriber_is_offered_every_answer(cast: Cast) -> None:
    """A clinical change is no answer but a revision, which has its own button."""
    page = text(at(cast.ada).get(f"/orders/{asked(cast).reference}/"))
    for row in Reason.objects.filter(kind="answer").exclude(code="ordered_anew"):
        assert f'value="{row.code}"' in page
    assert "Revise this order" in page
    assert 'value="ordered_anew"' not in page


def test_who_prepares_writes_drafts_and_answers_nothing(cast: Cast) -> None:
    client, order = at(with_duties(cast, Duty.PREPARE)), asked(cast)
    assert client.post(f"/orders/{order.reference}/answer/", {}).status_code == 403
    draft = draft_of(cast.ada)
    page = text(client.get(f"/orders/{draft.reference}/review/"))
    assert f"/orders/{draft.reference}/edit/" in page
    assert "Sign and send" not in page


def test_two_duties_add_up(cast: Cast) -> None:
    client, order = at(with_duties(cast, Duty.PREPARE, Duty.CLARIFY)), asked(cast)
    assert "Send answer" in text(client.get(f"/orders/{order.reference}/"))
    assert client.get("/orders/new/").status_code == 302


def test_who_keeps_billing_sees_no_order(cast: Cast) -> None:
    client, order = at(with_duties(cast, Duty.BILLING)), asked(cast)
    for url in ("/orders/", f"/orders/{order.reference}/", f"/orders/{order.reference}/print/",
                f"/orders/{draft_of(cast.ada).reference}/review/"):  # fmt: skip
        assert client.get(url).status_code == 403, url


# --- Two practices ----------------------------------------------------------------------------
def both(cast: Cast) -> User:
    """Dr Ada, who prescribes for Dr Ben's practice as well."""
    invite(cast.other_practice, name="", email=cast.ada.email, role=Role.PRESCRIBER, duties=[],
           by=cast.phil)  # fmt: skip
    return User.objects.get(pk=cast.ada.pk)


def switch(client: Client, practice: Practice) -> Any:
    return client.post("/practice/switch/", {"practice": practice.pk}, follow=True)


def test_the_header_names_the_practice_worked_for_and_offers_the_others(cast: Cast) -> None:
    client = at(both(cast))
    page = text(client.get("/orders/"))
    assert "<strong>Sample Dermatology</strong>" in page
    assert f'name="practice" value="{cast.other_practice.pk}"' in page
    page = text(switch(client, cast.other_practice))
    assert "You work for Other Practice now." in page
    assert "<strong>Other Practice</strong>" in page


def test_who_works_for_one_practice_is_offered_no_switch(cast: Cast) -> None:
    assert "Switch practice" not in text(at(cast.ada).get("/orders/"))


def test_orders_stay_in_the_practice_they_were_written_for(cast: Cast) -> None:
    client = at(both(cast))
    draft, sent = draft_of(cast.ada), asked(cast)
    switch(client, cast.other_practice)
    listed = text(client.get("/orders/"))
    assert draft.reference not in listed
    assert sent.reference not in listed
    for order, page in ((draft, "review"), (draft, "edit"), (draft, "cancel"), (sent, "print")):
        assert client.get(f"/orders/{order.reference}/{page}/").status_code == 404, page
    for order, page in ((draft, "edit"), (draft, "sign"), (sent, "answer"), (sent, "cancel")):
        assert client.post(f"/orders/{order.reference}/{page}/").status_code == 404, page
    switch(client, cast.practice)
    assert draft.reference in text(client.get("/orders/?tab=drafts"))


@pytest.mark.parametrize("whom", ["new", "known"])
def test_a_form_of_one_practice_makes_no_order_in_the_other(cast: Cast, whom: str) -> None:
    client, url = at(both(cast)), f"/orders/new/{uuid.uuid4()}/"
    patient = PatientFactory(practice=cast.practice)
    sent = order_data(cast, patient, practice_shown=hidden(client.get(url), "practice_shown"))
    switch(client, cast.other_practice)
    late = client.post(url, sent | (NEW if whom == "new" else {}))
    assert late.status_code == 409
    assert "You work for Other Practice now, so nothing was stored" in text(late)
    assert not Order.objects.exists()
    assert Patient.objects.get() == patient
    switch(client, cast.practice)
    assert client.post(url, sent | (NEW if whom == "new" else {})).status_code == 302
    assert Order.objects.get().practice == cast.practice


def test_a_patient_of_one_practice_cannot_be_named_in_the_other(cast: Cast) -> None:
    client, url = at(both(cast)), f"/orders/new/{uuid.uuid4()}/"
    patient = PatientFactory(practice=cast.practice)
    switch(client, cast.other_practice)
    page = client.get(url)
    assert patient.family_name not in text(page)
    sent = order_data(cast, patient, practice_shown=hidden(page, "practice_shown"))
    assert client.post(url, sent).status_code == 200
    assert not Order.objects.exists()


@pytest.mark.parametrize("key", ["", "0", "-1", "x", "999999999999999999", "1" * 40, "１"])
def test_nobody_switches_to_what_is_not_theirs(cast: Cast, key: str) -> None:
    client = at(both(cast))
    third = prescriber("Dr Third Person", Practice.objects.create(
        name="Third", phone="(555) 555-0100", address="3", city="S", state="NC", zip_code="27514",
    ))  # fmt: skip
    for practice in (key, third.practice.pk):
        assert client.post("/practice/switch/", {"practice": practice}).status_code == 404
    assert client.get("/practice/switch/").status_code == 405
    assert User.objects.get(pk=cast.ada.pk).practice == cast.practice


# --- Suspended --------------------------------------------------------------------------------
def test_a_suspended_practice_is_told_on_every_page_and_orders_nothing_new(cast: Cast) -> None:
    order, client = asked(cast), at(cast.ada)
    suspend(cast.practice, by=cast.phil, reason="Papers are missing.")
    for url in ("/orders/", "/practice/", f"/orders/{order.reference}/"):
        page = client.get(url, follow=True)
        assert page.status_code == 200
        assert "Sample Dermatology is suspended: new orders are not taken" in text(page)
        assert "Papers are missing" not in text(page)
    sent = order_data(cast) | {"practice_shown": str(cast.practice.pk)}
    client.post(f"/orders/new/{uuid.uuid4()}/", sent)
    assert not Order.objects.exclude(status=Status.DRAFT).exclude(pk=order.pk).exists()


def test_a_suspended_prescriber_reads_it_and_the_delegate_does_not(cast: Cast) -> None:
    suspend(cast.ada.prescriber, by=cast.phil, reason="Papers are missing.")
    said = "Your account as a prescriber is suspended"
    assert said in text(at(cast.ada).get("/orders/"))
    assert said not in text(at(cast.nils).get("/orders/"))


def test_nobody_reads_of_a_suspension_while_there_is_none(cast: Cast) -> None:
    assert "suspended" not in text(at(cast.ada).get("/orders/"))
