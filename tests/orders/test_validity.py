"""How long a prescription holds, and what happens on the days that count."""

from __future__ import annotations

from datetime import date

import pytest

from events.models import Event
from formulary.reference import USUAL_RULE, StateRule
from orders.services import claims, fills, validity
from orders.services.moves import Refused
from orders.services.validity import expires_on
from orders.status import Status
from tests.conftest import Cast
from tests.factories import signed_order
from tests.orders.life import approve, approved_order, asked, in_days, whole

ILLINOIS = StateRule(state="IL", source="15 months", validity_months=15)
NO_END = StateRule(state="ID", source="no end", validity_months=None)


@pytest.mark.parametrize(
    ("written", "rule", "last"),
    [
        (date(2026, 3, 4), USUAL_RULE, date(2027, 3, 4)),
        (date(2028, 2, 29), USUAL_RULE, date(2029, 2, 28)),
        (date(2027, 2, 28), USUAL_RULE, date(2028, 2, 28)),
        (date(2026, 12, 31), USUAL_RULE, date(2027, 12, 31)),
        (date(2026, 3, 4), ILLINOIS, date(2027, 6, 4)),
        (date(2026, 11, 30), ILLINOIS, date(2028, 2, 29)),
        (date(2026, 10, 15), ILLINOIS, date(2028, 1, 15)),
        (date(2025, 11, 29), ILLINOIS, date(2027, 2, 28)),
    ],
)
def test_a_prescription_holds_to_the_same_day_of_a_later_month(
    written: date, rule: StateRule, last: date
) -> None:
    assert expires_on(written, rule) == last


def test_a_state_without_an_end_gives_none() -> None:
    assert expires_on(date(2026, 3, 4), NO_END) is None


@pytest.mark.django_db
def test_what_waits_past_its_validity_expires_whoever_has_it(cast: Cast) -> None:
    waits = [signed_order(cast.ada), asked(signed_order(cast.ada), cast.phil)]
    held = signed_order(cast.ada)
    claims.claim(held, by=cast.phil)
    done = approved_order(cast.ada, cast.phil)
    with in_days(365):
        assert validity.expire_due() == 0
    with in_days(367):
        assert validity.expire_due() == 3
        assert validity.expire_due() == 0
    assert {whole(order).status for order in (*waits, held)} == {Status.EXPIRED}
    assert whole(done).status == Status.APPROVED
    assert whole(held).holder is None
    assert Event.objects.filter(kind="order.expired", actor=None).count() == 3


@pytest.mark.django_db
def test_a_pharmacist_does_not_verify_what_has_expired(cast: Cast) -> None:
    order = signed_order(cast.ada)
    claims.claim(order, by=cast.phil)
    with in_days(367), pytest.raises(Refused):
        approve(order, cast.phil)
    assert whole(order).status == Status.IN_REVIEW


@pytest.mark.django_db
def test_a_practice_is_told_of_the_end_a_month_ahead_and_once(cast: Cast) -> None:
    order = approved_order(cast.ada, cast.phil)
    approved_order(cast.ada, cast.phil, refills=0)
    told = Event.objects.filter(kind="order.expiring")
    with in_days(334):
        assert validity.notice_due() == 0
    with in_days(336):
        assert validity.notice_due() == 1
        assert validity.notice_due() == 0
    assert [event.subject_id for event in told] == [order.pk]


@pytest.mark.django_db
def test_a_practice_is_told_that_the_last_supply_ends(cast: Cast) -> None:
    last = approved_order(cast.ada, cast.phil, refills=0)
    approved_order(cast.ada, cast.phil, refills=1)
    with in_days(14):
        assert fills.notice_last() == 0
    with in_days(15):
        assert fills.notice_last() == 1
        assert fills.notice_last() == 0
    assert Event.objects.get(kind="order.last_fill_ending").subject_id == last.pk


@pytest.mark.django_db
def test_no_end_is_told_of_where_a_newer_order_goes_on(cast: Cast) -> None:
    last = approved_order(cast.ada, cast.phil, refills=0)
    signed_order(cast.ada, patient=last.patient)
    with in_days(20):
        assert fills.notice_last() == 0
