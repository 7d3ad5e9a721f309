"""Two people at once: real threads, real connections, one winner."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection

from accounts.models import User
from events.models import Event
from orders.models import Order, Review, Signature
from orders.services import claims, drafts, review
from orders.services.moves import StaleOrder
from orders.services.signing import sign
from orders.status import Check, Status
from tests.conftest import Cast
from tests.factories import draft, draft_of, reason, signed_order, signing_form

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts in threads that start together; each one's result or exception."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def claim(order: Order, who: User) -> None:
    claims.claim(Order.objects.get(pk=order.pk), by=who)


def test_two_pharmacists_claiming_at_once_leave_one_holder(cast: Cast) -> None:
    for _ in range(10):
        order = signed_order(cast.ada)
        people = (cast.phil, cast.petra, cast.phil, cast.petra)
        results = at_once(*(partial(claim, order, who) for who in people))
        losers = [result for result in results if isinstance(result, StaleOrder)]
        order.refresh_from_db()
        assert len(losers) == 2
        assert {error.holder for error in losers} == {order.holder.name if order.holder else ""}
        claimed = Event.objects.about("order", order.pk).filter(kind="order.claimed")
        assert claimed.count() == 1


def test_claim_next_by_many_never_hands_out_an_order_twice(cast: Cast) -> None:
    orders = [signed_order(cast.ada) for _ in range(6)]
    taken = at_once(*(partial(claims.claim_next, by=who) for who in [cast.phil, cast.petra] * 4))
    given = [order for order in taken if order is not None]
    assert sorted(order.pk for order in given) == sorted(order.pk for order in orders)  # type: ignore[attr-defined]


def test_a_form_sent_many_times_at_once_signs_one_order_once(cast: Cast) -> None:
    order = draft_of(cast.ada)
    form = signing_form(order)
    results = at_once(
        *(lambda: sign(Order.objects.get(pk=order.pk), by=cast.ada, form=form) for _ in range(8))
    )
    assert results == [order] * 8
    assert Signature.objects.count() == 1
    assert Event.objects.filter(kind="order.submitted").count() == 1


def test_the_order_form_sent_many_times_at_once_makes_one_draft(cast: Cast) -> None:
    content, token = draft(cast.ada), uuid.uuid4()
    results = at_once(
        *(lambda: drafts.save_draft(content, by=cast.ada, token=token) for _ in range(8))
    )
    order = Order.objects.get()
    assert results == [order] * 8
    assert order.steps.count() == 1


def test_the_same_form_with_other_content_is_told_apart(cast: Cast) -> None:
    patient = draft_of(cast.ada).patient
    token = uuid.uuid4()
    order = drafts.save_draft(draft(cast.ada, patient=patient), by=cast.ada, token=token)
    with pytest.raises(drafts.TokenReused) as caught:
        drafts.save_draft(
            draft(cast.ada, patient=patient, days_supply=60), by=cast.ada, token=token
        )
    assert caught.value.order == order


def test_a_signing_token_signs_one_order_only(cast: Cast) -> None:
    first, second = draft_of(cast.ada), draft_of(cast.ada)
    token = uuid.uuid4()
    sign(first, by=cast.ada, form=signing_form(first, token=token))
    with pytest.raises(drafts.TokenReused) as caught:
        sign(second, by=cast.ada, form=signing_form(second, token=token))
    assert caught.value.order == first
    assert Order.objects.get(pk=second.pk).status == Status.DRAFT


def cancel(order: Order, cast: Cast) -> None:
    """As the prescriber's page does, for the order as it was shown."""
    mine = Order.objects.get(pk=order.pk)
    why = reason("cancellation")
    drafts.cancel(mine, by=cast.ada, reason=why, version=order.version)


def approve(order: Order, cast: Cast) -> None:
    """As the pharmacist's page does, with everything ticked."""
    theirs = Order.objects.for_page().get(pk=order.pk)
    review.approve(theirs, by=cast.phil, checklist=Check.values, reviewed=set(), cleared={})


def test_cancelling_while_a_pharmacist_approves_has_one_winner(cast: Cast) -> None:
    outcomes = set()
    for _ in range(10):
        order = signed_order(cast.ada)
        claims.claim(order, by=cast.phil)
        results = at_once(partial(cancel, order, cast), partial(approve, order, cast))
        order.refresh_from_db()
        outcomes.add(order.status)
        assert [type(result) for result in results].count(StaleOrder) == 1
        assert order.status in (Status.CANCELLED, Status.APPROVED)
        assert Review.objects.filter(order=order).count() == (order.status == Status.APPROVED)
    assert outcomes


def test_approving_twice_at_once_decides_once(cast: Cast) -> None:
    order = signed_order(cast.ada)
    claims.claim(order, by=cast.phil)

    results = at_once(partial(approve, order, cast), partial(approve, order, cast))
    assert [type(result) for result in results].count(StaleOrder) == 1
    assert Review.objects.count() == 1
