"""Orders on hold, and those withdrawn because their prescriber asked for it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from events.models import Event
from orders.models import Order
from orders.services import claims, holding
from orders.services.moves import Refused, StaleOrder
from orders.status import Status
from tests.conftest import Cast
from tests.factories import reason
from tests.orders.life import approved_order, asked, in_days, whole
from tests.orders.pages import sign_in
from tests.queue.desk import held, lapsed, plain_order

pytestmark = pytest.mark.django_db


def in_a_week(order: Order) -> date:
    return order.practice.today + timedelta(days=7)


def on_hold(cast: Cast) -> Order:
    order = held(plain_order(cast.ada), cast.phil)
    holding.hold(
        order, by=cast.phil, reason=reason("hold", "stock"), review_on=in_a_week(order),
        text="Expected on Friday.",
    )  # fmt: skip
    return whole(order)


def test_a_hold_has_a_reason_a_day_and_words_and_keeps_the_age(cast: Cast) -> None:
    order = on_hold(cast)
    assert (order.status, order.holder) == (Status.ON_HOLD, None)
    assert (order.status_reason, order.status_text) == ("Waiting for stock", "Expected on Friday.")
    assert order.review_on == in_a_week(order)
    assert order.submitted_at is not None
    assert order.due_at == order.submitted_at + timedelta(hours=24)
    event = Event.objects.get(kind="order.held")
    assert event.data == {"reason": "stock", "review_on": order.review_on.isoformat()}


@pytest.mark.parametrize("days", [0, -1, 91, 4000])
def test_a_review_date_lies_ahead_and_within_ninety_days(cast: Cast, days: int) -> None:
    order = held(plain_order(cast.ada), cast.phil)
    day = order.practice.today + timedelta(days=days)
    with pytest.raises(Refused, match="review date"):
        holding.hold(order, by=cast.phil, reason=reason("hold"), review_on=day)
    assert whole(order).status == Status.IN_REVIEW


def test_only_the_holder_puts_on_hold(cast: Cast) -> None:
    order = held(plain_order(cast.ada), cast.phil)
    day = in_a_week(order)
    for who in (cast.tess, cast.root, cast.ada):
        with pytest.raises(PermissionDenied):
            holding.hold(order, by=who, reason=reason("hold"), review_on=day)
    with pytest.raises(StaleOrder):
        holding.hold(order, by=cast.petra, reason=reason("hold"), review_on=day)
    with pytest.raises(StaleOrder):
        holding.hold(lapsed(order), by=cast.phil, reason=reason("hold"), review_on=day)
    with pytest.raises(Refused):
        holding.hold(
            held(plain_order(cast.ada), cast.phil), by=cast.phil, reason=reason("give_back"),
            review_on=day,
        )  # fmt: skip


def test_any_pharmacist_puts_it_back_with_its_age(cast: Cast) -> None:
    order = on_hold(cast)
    holding.end_hold(order, by=cast.petra)
    back = whole(order)
    assert (back.status, back.review_on, back.status_text) == (Status.SUBMITTED, None, "")
    assert (back.submitted_at, back.due_at) == (order.submitted_at, order.due_at)
    with pytest.raises(StaleOrder):
        holding.end_hold(order, by=cast.phil)


def test_the_day_of_review_puts_it_back_and_no_day_before(cast: Cast) -> None:
    order = on_hold(cast)
    with in_days(6):
        assert holding.end_holds_due() == 0
    with in_days(7):
        assert holding.end_holds_due() == 1
        assert holding.end_holds_due() == 0
    assert whole(order).status == Status.SUBMITTED
    assert Event.objects.filter(kind="order.hold_ended", actor=None).count() == 1


@pytest.mark.parametrize("state", ["submitted", "held", "asked", "on_hold", "approved"])
def test_a_pharmacist_withdraws_what_the_prescriber_asks_for(cast: Cast, state: str) -> None:
    order = {
        "submitted": lambda: plain_order(cast.ada),
        "held": lambda: held(plain_order(cast.ada), cast.phil),
        "asked": lambda: asked(plain_order(cast.ada), cast.phil),
        "on_hold": lambda: on_hold(cast),
        "approved": lambda: approved_order(cast.ada, cast.petra),
    }[state]()
    why = reason("cancellation", "patient_declined")
    holding.withdraw(order, by=cast.phil, reason=why, version=order.version, text="By phone.")
    order = whole(order)
    assert (order.status, order.status_reason) == (Status.CANCELLED, why.label)
    event = Event.objects.get(kind="order.withdrawn", subject_id=order.pk)
    assert event.data["reason"] == "patient_declined"


def test_a_colleagues_order_is_not_withdrawn_under_their_hands(cast: Cast) -> None:
    order = held(plain_order(cast.ada), cast.petra)
    why = reason("cancellation")
    with pytest.raises(StaleOrder, match="Petra"):
        holding.withdraw(order, by=cast.phil, reason=why, version=order.version)
    with pytest.raises(PermissionDenied):
        holding.withdraw(order, by=cast.tess, reason=why, version=order.version)


def test_an_order_that_moved_on_is_not_withdrawn_as_it_was_shown(cast: Cast) -> None:
    order = plain_order(cast.ada)
    claims.claim(order, by=cast.phil)
    claims.give_back(whole(order), by=cast.phil, reason=reason("give_back"))
    with pytest.raises(StaleOrder):
        holding.withdraw(order, by=cast.phil, reason=reason("cancellation"), version=1)


# --- pages --------------------------------------------------------------------------------------
def test_the_pages_hold_put_back_and_withdraw(cast: Cast) -> None:
    order, client = held(plain_order(cast.ada), cast.phil), sign_in(cast.phil)
    page = f"/queue/{order.reference}/"
    assert f"{page}hold/" in client.get(page).content.decode()
    wrong = client.post(f"{page}hold/", {"reason": "", "review_on_0": "x"})
    assert wrong.status_code == 200
    assert "Choose the reason for the hold" in wrong.content.decode()
    day = in_a_week(order)
    sent = {
        "reason": "wash_out", "review_on_0": str(day.month), "review_on_1": str(day.day),
        "review_on_2": str(day.year), "text": "",
    }  # fmt: skip
    assert client.post(f"{page}hold/", sent).status_code == 302
    tab = client.get("/queue/?tab=hold").content.decode()
    assert order.reference in tab
    assert "Opioid wash-out is not over" in tab
    assert "On hold" in sign_in(cast.ada).get(f"/orders/{order.reference}/").content.decode()
    assert client.post(f"{page}end-hold/").status_code == 302
    assert client.post(f"{page}end-hold/").status_code == 409
    here = whole(order)
    gone = {"version": here.version, "reason": "duplicate", "text": ""}
    assert client.post(f"{page}withdraw/", gone).status_code == 302
    assert client.post(f"{page}withdraw/", gone).status_code == 409
    assert whole(order).status == Status.CANCELLED
