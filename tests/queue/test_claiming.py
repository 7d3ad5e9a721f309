"""Taking an order: who gets it, and what the others read."""

from __future__ import annotations

import html as entities

import pytest
from django.test import Client

from events.models import Event
from orders.services import drafts, review
from orders.status import Status
from tests.conftest import Cast
from tests.factories import draft_of, reason
from tests.orders.pages import sign_in
from tests.queue.desk import aged, fresh, held, lapsed, plain_order

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def from_row(client: Client, reference: str) -> object:
    """As htmx posts from a row of the queue."""
    headers = HTMX | {"HX-Target": reference}
    return client.post(f"/queue/{reference}/claim/", headers=headers)


def test_claiming_opens_the_review_page(cast: Cast) -> None:
    order = plain_order(cast.ada)
    answer = sign_in(cast.phil).post(f"/queue/{order.reference}/claim/")
    assert answer.status_code == 302
    assert answer["Location"] == f"/queue/{order.reference}/"
    assert fresh(order).holder == cast.phil


def test_claiming_from_a_row_opens_the_review_page_too(cast: Cast) -> None:
    order = plain_order(cast.ada)
    answer = from_row(sign_in(cast.phil), order.reference)
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert answer["HX-Redirect"] == f"/queue/{order.reference}/"  # type: ignore[index]


def test_a_lost_race_shows_the_holder_in_the_row(cast: Cast) -> None:
    order = held(plain_order(cast.ada), cast.petra)
    answer = from_row(sign_in(cast.phil), order.reference)
    words = entities.unescape(answer.content.decode())  # type: ignore[attr-defined]
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert words.lstrip().startswith(f'<tr id="{order.reference}"')
    assert "Held by Petra Pharmacist" in words
    assert f"{order.reference}: Petra Pharmacist was faster, at" in words
    assert "Nothing was claimed." in words
    assert "<button" not in words
    assert fresh(order).holder == cast.petra


def test_a_lost_race_without_scripts_is_a_page_that_names_the_holder(cast: Cast) -> None:
    order = held(plain_order(cast.ada), cast.petra)
    answer = sign_in(cast.phil).post(f"/queue/{order.reference}/claim/")
    words = answer.content.decode()
    assert answer.status_code == 409
    assert "Petra Pharmacist" in words
    assert "since" in words
    assert f"/queue/{order.reference}/" in words


def test_an_order_that_was_cancelled_meanwhile_says_so(cast: Cast) -> None:
    order = plain_order(cast.ada)
    drafts.cancel(order, by=cast.ada, reason=reason("cancellation"), version=order.version)
    assert "has moved on: Cancelled." in (
        sign_in(cast.phil).post(f"/queue/{order.reference}/claim/").content.decode()
    )
    row = from_row(sign_in(cast.phil), order.reference)
    assert "has moved on: Cancelled." in row.content.decode()  # type: ignore[attr-defined]


def test_claim_next_opens_the_most_urgent_order(cast: Cast) -> None:
    aged(plain_order(cast.ada), 300)
    hasty = plain_order(cast.ada, urgent_reason=reason("urgency"))
    answer = sign_in(cast.phil).post("/queue/claim-next/")
    assert answer["Location"] == f"/queue/{hasty.reference}/"
    assert fresh(hasty).holder == cast.phil


def test_claim_next_says_when_nothing_is_free(cast: Cast) -> None:
    held(plain_order(cast.ada), cast.petra)
    answer = sign_in(cast.phil).post("/queue/claim-next/", follow=True)
    assert answer.redirect_chain == [("/queue/", 302)]
    assert "Nothing free" in answer.content.decode()


def test_a_reserved_order_is_only_for_the_one_who_asked(cast: Cast) -> None:
    order = held(plain_order(cast.ada), cast.petra)
    review.ask(order, by=cast.petra, reason=reason("clarification"), text="Which?")
    review.answer(fresh(order), by=cast.ada, choice=reason("answer"), text="")
    phil = sign_in(cast.phil)
    assert phil.post(f"/queue/{order.reference}/claim/").status_code == 409
    assert phil.post("/queue/claim-next/")["Location"] == "/queue/"
    assert sign_in(cast.petra).post(f"/queue/{order.reference}/claim/").status_code == 302


def test_a_lapsed_claim_is_free_for_others(cast: Cast) -> None:
    order = lapsed(held(plain_order(cast.ada), cast.petra))
    assert sign_in(cast.phil).post(f"/queue/{order.reference}/claim/").status_code == 302
    assert fresh(order).holder == cast.phil


def test_claiming_ones_own_order_again_prolongs_it(cast: Cast) -> None:
    order = held(plain_order(cast.ada), cast.phil)
    events = Event.objects.count()
    assert sign_in(cast.phil).post(f"/queue/{order.reference}/claim/").status_code == 302
    assert fresh(order).held_until > order.held_until  # type: ignore[operator]
    assert Event.objects.count() == events


@pytest.mark.parametrize("who", ["tess", "root", "ada"])
@pytest.mark.parametrize(
    "act", ["claim/", "approve/", "ask/", "reject/", "give-back/", "checklist/"]
)
def test_only_pharmacists_claim_and_decide(cast: Cast, who: str, act: str) -> None:
    order = held(plain_order(cast.ada), cast.phil)
    answer = sign_in(getattr(cast, who)).post(f"/queue/{order.reference}/{act}")
    assert answer.status_code == 403
    assert fresh(order).status == Status.IN_REVIEW


@pytest.mark.parametrize("act", ["", "claim/", "approve/", "ask/", "checklist/"])
def test_an_unknown_reference_and_a_draft_are_not_found(cast: Cast, act: str) -> None:
    draft, client = draft_of(cast.ada), sign_in(cast.phil)
    for reference in ("RX-00000000", draft.reference):
        address = f"/queue/{reference}/{act}"
        answer = client.post(address) if act else client.get(address)
        assert answer.status_code == 404


@pytest.mark.parametrize("reference", ["RX-1234567", "rx-12345678", "RX-1234567%00", "RX-<b>12345"])
def test_what_is_no_reference_is_no_address(cast: Cast, reference: str) -> None:
    assert sign_in(cast.phil).get(f"/queue/{reference}/").status_code == 404
