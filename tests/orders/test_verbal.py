"""A verbal order: written down by a pharmacist, read back, signed, and countersigned later."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from events.models import Event
from orders.models import Countersignature, Order
from orders.services import claims, verbal
from orders.services.drafts import Draft
from orders.services.moves import Refused, StaleOrder
from orders.services.revising import revise
from orders.status import SignatureKind, Status
from tests.conftest import Cast
from tests.factories import draft, draft_step, signed_order
from tests.orders.life import approve, asked, in_days, whole

pytestmark = pytest.mark.django_db


def said(order: Order, cast: Cast, **given: Any) -> Draft:
    """3 mg instead of 4.5 mg, on the phone."""
    steps = (draft_step("3", "LDN-CAP-1.5"),)
    content = {"patient": order.patient, "steps": steps, "revises": order} | given
    return draft(cast.ada, **content)


def heard(**given: Any) -> verbal.VerbalForm:
    call: dict[str, Any] = {
        "spoke_with": "Dr Ada Sample",
        "at": timezone.now(),
        "read_back": True,
    } | given
    return verbal.VerbalForm(token=uuid.uuid4(), call=verbal.Call(**call))


def record(order: Order, cast: Cast, by: User | None = None) -> Order:
    return verbal.record(order, said(order, cast), by=by or cast.phil, form=heard())


def test_a_verbal_order_is_a_signed_revision_with_its_call(cast: Cast) -> None:
    order = asked(signed_order(cast.ada), cast.phil)
    made = whole(record(order, cast))
    signature = made.signature
    assert (signature.kind, signature.recorded_by) == (SignatureKind.VERBAL, cast.phil)
    assert (signature.spoke_with, signature.read_back) == ("Dr Ada Sample", True)
    assert signature.printed_name == cast.ada.prescriber.printed_name
    signed = json.loads(signature.content)["signed"]
    assert (signed["recorded_by"], signed["read_back"]) == ("Phil Pharmacist", True)
    assert (made.status, made.revision, made.revises) == (Status.SUBMITTED, 2, order)
    assert made.reserved_for == cast.phil
    assert whole(order).status_reason == f"Replaced by {made.reference}"
    assert approve(made, cast.phil).status == Status.APPROVED


def test_who_holds_the_order_may_write_it_down_too(cast: Cast) -> None:
    order = signed_order(cast.ada)
    claims.claim(order, by=cast.phil)
    made = record(whole(order), cast)
    assert (made.submitted_at, made.status) == (whole(order).submitted_at, Status.SUBMITTED)


def test_nobody_else_does(cast: Cast) -> None:
    order = signed_order(cast.ada)
    with pytest.raises(StaleOrder):
        record(order, cast)
    claims.claim(order, by=cast.petra)
    with pytest.raises(StaleOrder, match="Petra"):
        record(whole(order), cast)
    for who in (cast.tess, cast.root, cast.ada):
        with pytest.raises(PermissionDenied):
            record(whole(order), cast, by=who)


@pytest.mark.parametrize(
    "wrong",
    [
        {"read_back": False},
        {"spoke_with": ""},
        {"at": timezone.now() + timedelta(hours=1)},
        {"at": timezone.now() - timedelta(days=1)},
    ],
)
def test_a_call_is_read_back_and_lies_between_the_question_and_now(
    cast: Cast, wrong: dict[str, Any]
) -> None:
    order = asked(signed_order(cast.ada), cast.phil)
    with pytest.raises(Refused):
        verbal.record(order, said(order, cast), by=cast.phil, form=heard(**wrong))
    assert Order.objects.count() == 1


def test_a_stop_refuses_a_verbal_order_and_stores_nothing(cast: Cast) -> None:
    order = asked(signed_order(cast.ada), cast.phil)
    content = said(order, cast, opioid_use="now", opioid_kind="long_acting")
    found = verbal.preview(order, content, by=cast.phil)
    assert found.stops
    with pytest.raises(Refused, match="opioid"):
        verbal.record(order, content, by=cast.phil, form=heard())
    assert Order.objects.count() == 1
    assert whole(order).status == Status.NEEDS_CLARIFICATION


def test_it_is_for_the_same_patient_and_prescriber(cast: Cast) -> None:
    order, other = asked(signed_order(cast.ada), cast.phil), signed_order(cast.ada)
    anothers = said(order, cast, patient=other.patient)
    with pytest.raises(Refused, match="same patient"):
        verbal.record(order, anothers, by=cast.phil, form=heard())
    from_elsewhere = said(order, cast, prescriber=cast.ben.prescriber)
    with pytest.raises(Refused, match="its prescriber’s"):
        verbal.record(order, from_elsewhere, by=cast.phil, form=heard())


def test_the_same_page_sent_twice_records_once(cast: Cast) -> None:
    order, form = asked(signed_order(cast.ada), cast.phil), heard()
    content = said(order, cast)
    once = verbal.record(order, content, by=cast.phil, form=form)
    assert verbal.record(whole(order), content, by=cast.phil, form=form) == once
    assert Event.objects.filter(kind="order.verbal_recorded").count() == 1


def test_the_practices_own_revision_takes_precedence(cast: Cast) -> None:
    order = asked(signed_order(cast.ada), cast.phil)
    revise(order, by=cast.nils)
    with pytest.raises(Refused, match="writing a revision"):
        record(order, cast)
    with pytest.raises(Refused, match="writing a revision"):
        verbal.preview(order, said(order, cast), by=cast.phil)


def test_a_prescriber_who_left_speaks_for_no_order(cast: Cast) -> None:
    order = asked(signed_order(cast.ada), cast.phil)
    cast.ada.memberships.update(ended_at=timezone.now())
    with pytest.raises(Refused, match="no longer works"):
        verbal.speaker(order)


def test_the_prescriber_countersigns_once(cast: Cast) -> None:
    order = record(asked(signed_order(cast.ada), cast.phil), cast)
    for who in (cast.nils, cast.ben, cast.phil):
        with pytest.raises(PermissionDenied):
            verbal.countersign(order, by=who)
    once = verbal.countersign(order, by=cast.ada)
    assert verbal.countersign(order, by=cast.ada) == once
    assert once.content_sha256 == whole(order).signature.sha256
    assert Countersignature.objects.count() == 1


def test_an_order_signed_by_its_prescriber_needs_no_countersignature(cast: Cast) -> None:
    with pytest.raises(StaleOrder):
        verbal.countersign(signed_order(cast.ada), by=cast.ada)


def test_a_countersignature_is_asked_for_every_two_days_three_times_at_most(cast: Cast) -> None:
    order = record(asked(signed_order(cast.ada), cast.phil), cast)
    asked_for = Event.objects.filter(kind="order.countersign_asked", subject_id=order.pk)
    assert asked_for.count() == 1
    assert verbal.remind_due() == 0
    for number in range(1, 6):
        # An event cannot be moved into the past, so the clock goes on instead.
        with in_days(2 * number + 1):
            verbal.remind_due()
    assert asked_for.count() == 4


def test_a_countersigned_order_is_not_asked_for_again(cast: Cast) -> None:
    order = record(asked(signed_order(cast.ada), cast.phil), cast)
    verbal.countersign(order, by=cast.ada)
    with in_days(3):
        assert verbal.remind_due() == 0


def test_a_verbal_order_is_replaced_by_nothing_foreign(cast: Cast) -> None:
    order = asked(signed_order(cast.ada), cast.phil)
    other = signed_order(cast.ada)
    content = replace(said(order, cast), revises=other)
    with pytest.raises(Refused):
        verbal.record(order, content, by=cast.phil, form=heard())
