"""An order that replaces another of the same medicine ends the refills of that one."""

from __future__ import annotations

import pytest

from accounts.models import User
from events.models import Event
from formulary.models import Reason
from formulary.services import load_formulary
from orders.models import Order
from orders.services.active import ActiveOrders
from orders.services.moves import Refused
from orders.services.signed_text import Acknowledgement
from orders.services.signing import sign
from orders.status import FillState
from orders.supply_page import supply_of
from tests.conftest import Cast
from tests.factories import draft_of, signing_form
from tests.orders.life import approve, approved_order, in_days, whole
from tests.orders.test_refills import ask

pytestmark = pytest.mark.django_db


def answered(by: User, patient: object, choice: str) -> Order:
    """A newer order of the same patient, its overlap answered with the choice."""
    order = draft_of(by, patient=patient)
    form = signing_form(order)
    why = Reason.objects.get(kind="acknowledgement", code=choice)
    for key in form.reasons:
        if key.startswith("active_order"):
            form.reasons[key] = Acknowledgement(why, "Taken in addition for now.")  # type: ignore[index]
    return whole(sign(order, by=by, form=form))


def test_replacing_ends_the_refills_of_the_older_order_on_approval(cast: Cast) -> None:
    older = approved_order(cast.ada, cast.phil)
    with in_days(24):
        fill = ask(older, cast.ada)
        newer = answered(cast.ada, older.patient, "replaces_it")
        assert whole(older).refills_ended_by is None
        newer = approve(newer, cast.phil)
    older = whole(older)
    fill.refresh_from_db()
    assert (older.refills_ended_by, fill.state) == (newer, FillState.CANCELLED)
    event = Event.objects.get(kind="order.refills_cancelled")
    assert (event.subject_id, event.data) == (
        older.pk,
        {"replaced_by": newer.reference, "asked": 1},
    )
    with in_days(25), pytest.raises(Refused, match=newer.reference):
        ask(older, cast.ada)
    told = supply_of(older, load_formulary())
    assert told is not None
    assert (told["ended_by"], told["left"]) == (newer, 0)


def test_in_addition_leaves_the_older_orders_refills(cast: Cast) -> None:
    older = approved_order(cast.ada, cast.phil)
    approve(answered(cast.ada, older.patient, "in_addition"), cast.phil)
    assert whole(older).refills_ended_by is None
    assert not Event.objects.filter(kind="order.refills_cancelled").exists()


def test_an_order_whose_refills_ended_is_active_for_its_supply_alone(cast: Cast) -> None:
    older = approved_order(cast.ada, cast.phil)
    approve(answered(cast.ada, older.patient, "replaces_it"), cast.phil)
    today = older.practice.today
    found = ActiveOrders.of(older.patient, drug="naltrexone", on=today)
    left = {one.reference: one.refills_left for one in found.orders}
    assert left[older.reference] == 0


def test_nobody_elses_refills_end(cast: Cast) -> None:
    """Only orders of the same person, medicine and practice, whatever a finding names."""
    older, strangers = approved_order(cast.ada, cast.phil), approved_order(cast.ada, cast.phil)
    elsewhere = approved_order(cast.ben, cast.phil)
    approve(answered(cast.ada, older.patient, "replaces_it"), cast.phil)
    assert whole(older).refills_ended_by is not None
    assert whole(strangers).refills_ended_by is None
    assert whole(elsewhere).refills_ended_by is None
