"""The pharmacy and the practice act at once: one of them wins, the other is told."""

from __future__ import annotations

from functools import partial

import pytest

from events.models import Event
from orders.models import Fill, Order
from orders.services import claims, fills, holding, revising, validity
from orders.services.moves import Refused, StaleOrder
from orders.services.signing import sign
from orders.status import FillState, Status
from tests.conftest import Cast
from tests.factories import reason, signed_order, signing_form
from tests.orders.life import approved_order, asked, in_days, whole
from tests.orders.test_races import at_once
from tests.orders.test_refills import ask
from tests.orders.test_revision import revised

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_claim_and_the_signature_of_a_revision_leave_one_winner(cast: Cast) -> None:
    for _ in range(6):
        order = signed_order(cast.ada)
        made = revised(order, cast.ada)
        form = signing_form(made)
        results = at_once(
            partial(claims.claim, Order.objects.get(pk=order.pk), by=cast.phil),
            partial(sign, made, by=cast.ada, form=form),
        )
        lost = [result for result in results if isinstance(result, Exception)]
        assert len(lost) == 1
        assert isinstance(lost[0], StaleOrder)
        old, new = whole(order).status, whole(made).status
        assert (old, new) in (
            (Status.IN_REVIEW, Status.DRAFT),
            (Status.CANCELLED, Status.SUBMITTED),
        )


def test_many_who_revise_at_once_write_one_revision(cast: Cast) -> None:
    order = asked(signed_order(cast.ada), cast.phil)
    people = (cast.ada, cast.nils, cast.ada, cast.nils)
    made = at_once(*(partial(revising.revise, order, by=who) for who in people))
    assert len({draft.pk for draft in made}) == 1  # type: ignore[attr-defined]
    assert Order.objects.filter(revises=order).count() == 1


def test_a_double_click_asks_for_one_refill(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    with in_days(25):
        results = at_once(*(partial(ask, order, cast.ada) for _ in range(4)))
    assert not [result for result in results if isinstance(result, Exception)]
    assert Fill.objects.filter(order=order, number=2).count() == 1
    assert Event.objects.filter(kind="order.refill_requested").count() == 1


def test_a_refill_is_decided_by_one_pharmacist(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    with in_days(25):
        fill = ask(order, cast.ada)
        why = reason("refill_refusal", "too_early")
        results = at_once(
            partial(fills.release, Fill.objects.get(pk=fill.pk), by=cast.phil),
            partial(fills.refuse, Fill.objects.get(pk=fill.pk), by=cast.petra, reason=why),
        )
    lost = [result for result in results if isinstance(result, Exception)]
    assert len(lost) == 1
    assert isinstance(lost[0], fills.StaleFill)
    fill.refresh_from_db()
    assert fill.state in (FillState.RELEASED, FillState.REFUSED)


def test_a_refill_and_the_cancellation_of_its_order_never_both_stand(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    why = reason("cancellation")
    with in_days(25):
        results = at_once(
            partial(ask, order, cast.ada),
            partial(holding.withdraw, whole(order), by=cast.phil, reason=why,
                    version=order.version),
        )  # fmt: skip
    assert whole(order).status == Status.CANCELLED
    assert not Fill.objects.filter(order=order, state=FillState.REQUESTED).exists()
    assert all(r is None or isinstance(r, Fill | Refused) for r in results)


def test_two_looks_at_the_clock_expire_an_order_once(cast: Cast) -> None:
    signed_order(cast.ada)
    with in_days(400):
        assert sum(at_once(validity.expire_due, validity.expire_due)) == 1  # type: ignore[arg-type]
    assert Event.objects.filter(kind="order.expired").count() == 1
