"""The written-out statements say the same as the querysets that define the tabs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orders import queue
from orders.services import drafts, fills, holding, review, validity
from tests.conftest import Cast
from tests.factories import draft_of, reason
from tests.orders.life import approved_order, in_days
from tests.orders.test_refills import ask
from tests.queue.desk import fresh, held, lapsed, plain_order

pytestmark = pytest.mark.django_db


def orders_in_every_state(cast: Cast) -> None:
    plain_order(cast.ada)
    with in_days(400):
        validity.expire_due()
    draft_of(cast.ada)
    thrown_away = draft_of(cast.ada)
    drafts.cancel(
        thrown_away, by=cast.ada, reason=reason("cancellation"), version=thrown_away.version
    )
    plain_order(cast.ada)
    for holder in (cast.phil, cast.petra):
        held(plain_order(cast.ada), holder)
        lapsed(held(plain_order(cast.ada), holder))
        asked, answered, rejected = (held(plain_order(cast.ada), holder) for _ in range(3))
        for order in (asked, answered):
            review.ask(order, by=holder, reason=reason("clarification"), text="Which?")
        review.answer(fresh(answered), by=cast.ada, choice=reason("answer"), text="")
        review.reject(rejected, by=holder, reason=reason("rejection"), text="")
        on_hold = held(plain_order(cast.ada), holder)
        soon = cast.practice.today + timedelta(days=3)
        holding.hold(on_hold, by=holder, reason=reason("hold"), review_on=soon)
    cancelled = plain_order(cast.ada)
    drafts.cancel(cancelled, by=cast.ada, reason=reason("cancellation"), version=cancelled.version)


@pytest.mark.parametrize("who", ["phil", "petra", "tess", "root"])
def test_each_tab_shows_the_rows_of_its_queryset(cast: Cast, who: str) -> None:
    orders_in_every_state(cast)
    user = getattr(cast, who)
    for tab in queue.Tab:
        defined = set(queue.orders_of(tab, user).values_list("reference", flat=True))
        page = queue.page(tab, user)
        assert {row.reference for row in page.rows} == defined, tab
        assert page.counts[tab] == len(defined), tab
        assert defined, tab


def test_refills_that_wait_are_counted_beside_the_tabs(cast: Cast) -> None:
    assert queue.page(queue.Tab.ACTIONABLE, cast.phil).refills == 0
    order = approved_order(cast.ada, cast.phil)
    with in_days(25):
        fill = ask(order, cast.ada)
        assert queue.page(queue.Tab.HOLD, cast.tess).refills == 1
        fills.release(fill, by=cast.petra)
    assert queue.page(queue.Tab.ACTIONABLE, cast.phil).refills == 0
