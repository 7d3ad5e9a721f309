"""Refills: what a verified order may be filled again for, asked by the practice, decided at the pharmacy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User
from events.models import Event
from orders.models import Fill, Order
from orders.services import fills
from orders.services.drafts import cancel
from orders.services.moves import Refused
from orders.services.refill_checks import RefillAnswers
from orders.services.signed_text import Acknowledgement
from orders.status import FillState
from tests.conftest import Cast
from tests.factories import draft_step, reason
from tests.orders.life import approved_order, in_days, whole

pytestmark = pytest.mark.django_db


def answers(order: Order, **given: Any) -> RefillAnswers:
    kept = {
        "opioid_use": "never",
        "medicines": order.medicines,
        "allergies": order.allergies,
        "cautions": tuple(order.cautions or ()),
        "cautions_on": order.practice.today,
    }
    return RefillAnswers(**kept | given)


def ask(order: Order, by: User, *, number: int = 2, early: str = "", **given: Any) -> Fill:
    reasons = {}
    if early:
        reasons["early_refill"] = Acknowledgement(reason("early_refill", early))
    asked = fills.Asked(number, answers(order, **given), reasons)
    return fills.ask(whole(order), by=by, asked=asked)


def kinds(order: Order) -> list[str]:
    return list(Event.objects.about("order", order.pk).values_list("kind", flat=True))


def test_the_approval_releases_the_first_fill_as_it_was_signed(cast: Cast) -> None:
    steps = (draft_step("1.5", "LDN-CAP-1.5", days=14), draft_step("4.5", "LDN-CAP-4.5"))
    order = approved_order(cast.ada, cast.phil, steps=steps, days_supply=90)
    fill = order.fills.get()
    assert (fill.number, fill.state, fill.days) == (1, FillState.RELEASED, 90)
    assert fill.quantities == {"LDN-CAP-1.5": "14", "LDN-CAP-4.5": "76"}
    assert fill.parts == [90]
    assert fill.starts_on == order.practice.today
    assert fill.ends_on == order.practice.today + timedelta(days=89)


def test_a_liquid_goes_out_in_parts_within_its_beyond_use_date(cast: Cast) -> None:
    steps = (draft_step("3", "LDN-LIQ-1"),)
    order = approved_order(cast.ada, cast.phil, steps=steps, days_supply=90)
    assert order.fills.get().parts == [25, 25, 25, 15]


def test_a_first_fill_starts_on_the_effective_date(cast: Cast) -> None:
    later = cast.practice.today + timedelta(days=5)
    order = approved_order(cast.ada, cast.phil, effective_on=later)
    assert order.fills.get().starts_on == later


def test_a_refill_holds_the_last_step_alone_and_follows_the_supply_before(cast: Cast) -> None:
    steps = (draft_step("1.5", "LDN-CAP-1.5", days=10), draft_step("4.5", "LDN-CAP-4.5"))
    order = approved_order(cast.ada, cast.phil, steps=steps)
    with in_days(25):
        fill = ask(order, cast.ada)
        assert (fill.state, fill.quantities) == (FillState.REQUESTED, {"LDN-CAP-4.5": "30"})
        fills.release(fill, by=cast.petra)
    first = order.fills.get(number=1)
    assert first.ends_on is not None
    assert fill.starts_on == first.ends_on + timedelta(days=1)
    assert kinds(order)[-2:] == ["order.refill_requested", "order.refill_released"]


def test_an_early_refill_needs_its_own_coded_reason(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    with in_days(22), pytest.raises(Refused, match="73 percent"):
        ask(order, cast.ada)
    with in_days(22):
        fill = ask(order, cast.ada, early="travel")
    assert fill.early_reason == reason("early_refill", "travel")
    assert fill.findings[0]["reason"] == "travel"


def test_from_three_quarters_on_a_refill_is_not_early(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    with in_days(23):
        assert ask(order, cast.ada).early_reason is None


def test_an_opioid_stops_a_refill(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    with in_days(25), pytest.raises(Refused, match="opioid"):
        ask(order, cast.ada, opioid_use="now")
    with in_days(25), pytest.raises(Refused, match="tramadol"):
        ask(order, cast.ada, medicines="tramadol")
    assert order.fills.count() == 1


def test_an_open_question_stops_a_refill(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    with in_days(25), pytest.raises(Refused):
        ask(order, cast.ada, opioid_use="")


def test_the_same_page_sent_twice_asks_once(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    with in_days(25):
        once, twice = ask(order, cast.ada), ask(order, cast.ada)
    assert once == twice
    assert kinds(order).count("order.refill_requested") == 1
    with in_days(25), pytest.raises(Refused, match="already"):
        ask(order, cast.nils)


def test_no_more_refills_than_were_signed(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil, refills=1)
    with in_days(25):
        fills.release(ask(order, cast.ada), by=cast.phil)
    with in_days(55), pytest.raises(Refused, match="No refills are left"):
        ask(order, cast.ada, number=3)


def test_no_refill_once_the_validity_has_ended(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    with in_days(367), pytest.raises(Refused, match="validity has ended"):
        ask(order, cast.ada)


def test_validity_that_ends_before_the_release_stops_it(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    with in_days(365):
        fill = ask(order, cast.ada)
    with in_days(367), pytest.raises(Refused, match="validity"):
        fills.release(fill, by=cast.phil)


def test_a_clinical_warning_is_for_the_prescriber_to_answer(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    with in_days(25), pytest.raises(Refused, match="For the prescriber to answer"):
        ask(order, cast.nils, cautions=("liver_disease",))
    with in_days(25):
        assert ask(order, cast.nils).asked_by == cast.nils


def test_a_release_asks_every_rule_again(cast: Cast) -> None:
    """What was fine when asked may not be when it is decided."""
    order = approved_order(cast.ada, cast.phil)
    with in_days(25):
        fill = ask(order, cast.ada)
    Fill.objects.filter(pk=fill.pk).update(answers=fill.answers | {"opioid_use": "now"})
    with in_days(26), pytest.raises(Refused, match="opioid"):
        fills.release(fill, by=cast.phil)


def test_a_pharmacist_goes_through_each_warning_before_releasing(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    with in_days(10):
        fill = ask(order, cast.ada, early="lost")
        with pytest.raises(Refused, match="Still to be reviewed"):
            fills.release(fill, by=cast.phil)
        fills.release(fill, by=cast.phil, reviewed=frozenset({"early_refill"}))
    assert fill.state == FillState.RELEASED


def test_a_refused_refill_keeps_its_reason_and_may_be_asked_for_again(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    with in_days(25):
        fill = ask(order, cast.ada)
        fills.refuse(fill, by=cast.phil, reason=reason("refill_refusal", "too_early"))
        again = ask(order, cast.ada)
    assert (fill.state, fill.refusal) == (
        FillState.REFUSED,
        reason("refill_refusal", "too_early"),
    )
    assert (again.number, again.state) == (2, FillState.REQUESTED)


def test_a_decided_refill_is_decided_once(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    with in_days(25):
        fill = ask(order, cast.ada)
        other = Fill.objects.get(pk=fill.pk)
        fills.release(fill, by=cast.phil)
        with pytest.raises(fills.StaleFill, match="released by Phil"):
            fills.refuse(other, by=cast.petra, reason=reason("refill_refusal", "too_early"))


def test_a_cancelled_order_withdraws_the_refill_that_was_asked_for(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    with in_days(25):
        fill = ask(order, cast.ada)
    here = whole(order)
    cancel(here, by=cast.ada, reason=reason("cancellation"), version=here.version)
    fill.refresh_from_db()
    assert fill.state == FillState.CANCELLED
    with in_days(25), pytest.raises(fills.StaleFill):
        fills.release(fill, by=cast.phil)


def test_the_pharmacists_own_duty_is_asked_first(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    with in_days(25):
        fill = ask(order, cast.ada)
        for who in (cast.ada, cast.tess, cast.root):
            with pytest.raises(PermissionDenied):
                fills.release(fill, by=who)
        with pytest.raises(PermissionDenied):
            ask(order, cast.ben)
