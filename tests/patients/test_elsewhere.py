"""The same person at another practice: told to pharmacists before they approve, to nobody else."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from accounts.models import User
from events.models import Event
from notifications.models import Delivery
from notifications.services import expand
from orders.models import Order, Patient, Review
from orders.services import claims, review
from orders.services.elsewhere import of_same_person, seen_by
from orders.services.moves import Refused
from orders.status import Check, Status
from tests.conftest import Cast
from tests.factories import PatientFactory, reason, signed_order
from tests.orders.pages import sign_in
from tests.queue.desk import at_the_desk, complete

pytestmark = pytest.mark.django_db
BORN = date(1975, 3, 2)


@pytest.fixture
def mine(cast: Cast) -> Order:
    return signed_order(cast.ada, patient=_patient(cast.ada, "Sampleton"))


@pytest.fixture
def theirs(cast: Cast) -> Order:
    return signed_order(cast.ben, patient=_patient(cast.ben, "SAMPLETON"))


def _patient(by: User, family: str, **more: object) -> Patient:
    given = {"given_name": "Rosa", "birth_date": BORN} | more
    return PatientFactory(practice=by.practice, family_name=family, **given)


def approve(order: Order, by: User, read: list[str]) -> None:
    claims.claim(order, by=by)
    order = Order.objects.get(pk=order.pk)
    review.approve(
        order, by=by, checklist=Check.values, reviewed=[], cleared={}, read_elsewhere=read
    )


def test_name_and_birth_date_in_any_capitals_are_the_same_person(
    cast: Cast, mine: Order, theirs: Order
) -> None:
    assert of_same_person(mine) == [theirs]
    assert of_same_person(theirs) == [mine]


def test_others_are_not(cast: Cast, mine: Order) -> None:
    for other in (
        _patient(cast.ben, "Sampleton", given_name="Rosalind"),
        _patient(cast.ben, "Sampleton", birth_date=date(1975, 3, 3)),
        _patient(cast.ben, "Samplet"),
        _patient(cast.ada, "Sampleton"),
    ):
        signed_order(cast.ben if other.practice == cast.other_practice else cast.ada, patient=other)
    assert of_same_person(mine) == []


def test_an_order_that_ended_is_not_active(cast: Cast, mine: Order, theirs: Order) -> None:
    claims.claim(theirs, by=cast.phil)
    why = reason("rejection")
    review.reject(Order.objects.get(pk=theirs.pk), by=cast.phil, reason=why, text="x" * 40)
    assert of_same_person(mine) == []


def test_an_approved_order_counts_while_it_is_not_used_up(
    cast: Cast, mine: Order, theirs: Order
) -> None:
    approve(theirs, cast.phil, [mine.reference])
    assert of_same_person(mine) == [Order.objects.get(pk=theirs.pk)]


def test_nobody_approves_without_having_read_it(cast: Cast, mine: Order, theirs: Order) -> None:
    with pytest.raises(Refused, match=theirs.reference):
        approve(mine, cast.phil, [])
    mine.refresh_from_db()
    assert mine.status == Status.IN_REVIEW
    assert not Review.objects.exists()


def test_what_was_read_is_kept_with_the_review_and_in_an_event_of_its_own(
    cast: Cast, mine: Order, theirs: Order
) -> None:
    approve(mine, cast.phil, [theirs.reference])
    stored = Review.objects.get()
    assert f"elsewhere-{theirs.reference}" in stored.checklist
    event = Event.objects.get(kind="review.same_person_elsewhere")
    assert (event.subject, event.data) == ("review", {"orders": [theirs.reference]})


def test_the_page_of_the_review_asks_for_its_tick(cast: Cast, mine: Order, theirs: Order) -> None:
    client = at_the_desk(mine, cast.phil)
    url, tick = f"/queue/{mine.reference}/", f"elsewhere_{theirs.reference}"
    html = client.get(url).content.decode()
    assert "A patient of Other Practice has the same name and birth date" in html
    assert f'name="{tick}"' in html
    html = client.post(f"{url}approve/", complete(mine)).content.decode()
    assert f"Read {theirs.reference}, then tick that you did." in html
    client.post(f"{url}checklist/", {"checks": list(Check.values), tick: "on"})
    kept = client.get(url).content.decode()
    box = kept[kept.index(f'name="{tick}"') - 200 :].split(">", 3)
    assert any("checked" in part and tick in part for part in box)
    answer = client.post(f"{url}approve/", complete(mine, **{tick: "on"}))
    assert answer.status_code == 302
    assert Review.objects.get().decision == "approved"


@pytest.mark.parametrize("bad", ["true", "1", "<b>", "a\x00b", ["on", "on"]])
def test_a_tick_is_a_tick(cast: Cast, mine: Order, theirs: Order, bad: object) -> None:
    client = at_the_desk(mine, cast.phil)
    sent = complete(mine, **{f"elsewhere_{theirs.reference}": bad})
    assert client.post(f"/queue/{mine.reference}/approve/", sent).status_code == 200
    assert not Review.objects.exists()


def test_only_pharmacists_are_told_and_never_the_orders_prescriber(
    cast: Cast, mine: Order, theirs: Order
) -> None:
    assert seen_by(mine, cast.phil) == [theirs]
    for other in (cast.ada, cast.ben, cast.nils, cast.tess, cast.root):
        assert seen_by(mine, other) == []
    for person in (cast.tess, cast.root):
        html = sign_in(person).get(f"/queue/{mine.reference}/").content.decode()
        assert theirs.reference not in html


def test_no_page_of_either_practice_and_no_notice_tells_of_it(
    cast: Cast, mine: Order, theirs: Order
) -> None:
    """Both are asked, answered, approved; then every page that either practice can open is read."""
    for order, other in ((mine, theirs), (theirs, mine)):
        approve(order, cast.phil, [other.reference])
    for event in Event.objects.all():
        expand(event.pk)
    for member, own, foreign in (
        (cast.ada, mine, theirs),
        (cast.nils, mine, theirs),
        (cast.ben, theirs, mine),
    ):
        canaries = (foreign.reference, foreign.patient.reference, foreign.practice.name)
        pages = _pages(sign_in(member), own)
        assert any(own.reference in html for html in pages.values())
        for url, html in pages.items():
            for canary in (*canaries, "elsewhere", "another practice"):
                assert canary not in html, (member.name, url, canary)
    for delivery in Delivery.objects.all():
        assert delivery.event.kind != "review.same_person_elsewhere"


def _pages(client: Client, order: Order) -> dict[str, str]:
    reference, patient = order.reference, order.patient.reference
    urls = [
        "/", "/orders/", f"/orders/{reference}/", f"/orders/{reference}/print/", "/patients/",
        "/orders/?tab=done", f"/patients/{patient}/", f"/patients/{patient}/history/",
        f"/patients/{patient}/merge/", "/notifications/", "/practice/",
    ]  # fmt: skip
    answers = {url: client.get(url, follow=True) for url in urls}
    assert {a.status_code for a in answers.values()} == {200}
    return {url: a.content.decode() for url, a in answers.items()}
