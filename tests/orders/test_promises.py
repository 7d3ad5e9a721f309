"""What once slipped through, or could: each of these orders must be stopped, seen or heard of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.db.models import TextChoices
from django.test import Client

from events.models import Event
from formulary import facts
from formulary.models import DocumentedRange, Indication, Product
from formulary.reference import ReasonKind
from notifications.models import Delivery
from notifications.services import expand
from orders import status
from orders.models import Order, Patient
from orders.services import claims, drafts, review
from orders.services.content import ContentChanged, verify
from orders.services.moves import Refused, StaleOrder
from orders.services.signing import Acknowledgement, sign
from orders.status import Check
from tests.conftest import Cast
from tests.factories import (
    draft,
    draft_of,
    draft_step,
    minutes_ago,
    reason,
    signed_order,
    signing_form,
)

pytestmark = pytest.mark.django_db
# Saturday evening in New York, Sunday in London.
EVENING = datetime(2026, 11, 8, 1, 0, tzinfo=UTC)


def approve(order: Order, cast: Cast) -> None:
    reviewed = {finding.pk for finding in order.findings.all()}
    review.approve(order, by=cast.phil, checklist=Check.values, reviewed=reviewed, cleared={})


def claimed(cast: Cast, **kwargs: object) -> Order:
    order = signed_order(cast.ada, **kwargs)
    claims.claim(order, by=cast.phil)
    return order


def test_wash_out_days_are_the_practices_days(cast: Cast) -> None:
    with time_machine.travel(EVENING, tick=False):
        order = draft_of(
            cast.ada,
            opioid_use="within_30_days",
            opioid_kind="short_acting",
            opioid_last_use=date(2026, 11, 1),
        )
        with pytest.raises(Refused, match="6 full days"):
            sign(order, by=cast.ada, form=signing_form(order))


def test_a_licence_holds_until_the_end_of_its_day_at_the_practice(cast: Cast) -> None:
    cast.ada.prescriber.licences.update(expires_on=date(2026, 11, 7))
    with time_machine.travel(EVENING, tick=False):
        signed_order(cast.ada)


def test_what_was_signed_is_verified_by_the_ranges_it_was_signed_with(cast: Cast) -> None:
    order = claimed(cast)
    DocumentedRange.objects.update(max_mg="4")
    approve(order, cast)
    with pytest.raises(Refused, match=r"more than the documented maximum|above|over"):
        signed_order(cast.ada)


def test_a_product_under_an_order_never_changes(cast: Cast) -> None:
    claimed(cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        Product.objects.filter(code="LDN-CAP-4.5").update(strength_mg="1.5")


def test_the_signature_says_what_the_reader_saw(cast: Cast) -> None:
    order = signed_order(cast.ada)
    for words in (
        "naltrexone 4.5 mg capsule, by mouth",
        "Take one 4.5",
        "30 capsules",
        "0.5 mg to 5 mg a day",
    ):
        assert words in order.signature.content.replace("\u00a0", " ")


def test_renaming_a_condition_leaves_signed_orders_whole(cast: Cast) -> None:
    order = claimed(cast)
    Indication.objects.filter(slug="psoriasis").update(name="Psoriasis, all kinds")
    verify(Order.objects.for_page().get(pk=order.pk))


def test_what_was_shown_is_what_is_signed_the_range_included(cast: Cast) -> None:
    order = draft_of(cast.ada)
    form = signing_form(order)
    DocumentedRange.objects.update(max_mg="6")
    with pytest.raises(ContentChanged):
        sign(order, by=cast.ada, form=form)


@pytest.mark.parametrize("kind", [ReasonKind.REJECTION, ReasonKind.CLEARANCE])
def test_a_warning_takes_one_of_its_own_reasons(cast: Cast, kind: str) -> None:
    order = draft_of(cast.ada, treatment_status="new_start")
    form = signing_form(order)
    others = {key: Acknowledgement(reason(kind)) for key in form.reasons}
    with pytest.raises(Refused, match="Give a reason"):
        sign(order, by=cast.ada, form=signing_form(order, reasons=others))


def test_a_point_not_checked_is_not_cleared_with_any_reason(cast: Cast) -> None:
    order = claimed(cast, medicines="unheardofazole")
    (finding,) = order.findings.filter(level="not_checked")
    with pytest.raises(Refused, match="Still to be cleared"):
        review.approve(
            order,
            by=cast.phil,
            checklist=Check.values,
            reviewed=set(),
            cleared={finding.pk: review.Clearing(reason("cancellation"))},
        )


def test_a_closed_practice_signs_nothing(cast: Cast) -> None:
    order = draft_of(cast.ada)
    type(cast.practice).objects.filter(pk=cast.practice.pk).update(status="suspended")
    order = Order.objects.for_signing().get(pk=order.pk)
    with pytest.raises(Refused, match="not open for new orders"):
        sign(order, by=cast.ada, form=signing_form(order))


def test_an_order_of_a_prescriber_suspended_since_is_not_approved(cast: Cast) -> None:
    order = claimed(cast)
    type(cast.ada.prescriber).objects.update(status="suspended")
    with pytest.raises(Refused, match="suspended or closed after signing"):
        approve(Order.objects.for_page().get(pk=order.pk), cast)


def test_services_refuse_another_practices_order(cast: Cast) -> None:
    order = draft_of(cast.ben)
    with pytest.raises(PermissionDenied):
        drafts.edit_draft(order, draft(cast.ada), by=cast.ada, version=order.version)
    with pytest.raises(PermissionDenied):
        drafts.cancel(order, by=cast.ada, reason=reason("cancellation"), version=order.version)


def test_an_unsigned_draft_leaves_the_patients_allergies_alone(cast: Cast) -> None:
    order = signed_order(cast.ada, allergies="listed", allergies_text="penicillin")
    draft_of(cast.nils, patient=order.patient, allergies="none_known")
    assert Patient.objects.get(pk=order.patient_id).allergies_text == "penicillin"


def test_what_a_draft_says_cannot_change_in_the_move_that_sends_it(cast: Cast) -> None:
    order = signed_order(cast.ada)
    other = draft_of(cast.ada)
    assert order.signature is not None
    with pytest.raises(DatabaseError), transaction.atomic():
        Order.objects.filter(pk=other.pk).update(status="cancelled", days_supply=31)


def told(kind: str, order: Order) -> set[int | None]:
    event = Event.objects.about("order", order.pk).filter(kind=kind).latest("id")
    expand(event.pk)
    return set(Delivery.objects.filter(event=event).values_list("recipient_id", flat=True))


def test_whoever_verified_or_asked_hears_of_a_cancellation(cast: Cast) -> None:
    verified, asked = claimed(cast), claimed(cast)
    approve(verified, cast)
    review.ask(asked, by=cast.phil, reason=reason("clarification"), text="Which?")
    for order in (verified, asked):
        drafts.cancel(order, by=cast.ada, reason=reason("cancellation"), version=order.version)
        assert told("order.cancelled", order) == {cast.phil.pk}


def test_an_order_that_no_pharmacist_can_hear_of_reaches_an_administrator(cast: Cast) -> None:
    for person in (cast.phil, cast.petra):
        person.memberships.update(ended_at=minutes_ago(1))
    assert told("order.submitted", signed_order(cast.ada)) == {cast.root.pk}


def test_a_lapsed_holder_is_told_that_the_claim_ran_out(cast: Cast) -> None:
    order = claimed(cast)
    Order.objects.filter(pk=order.pk).update(held_until=minutes_ago(1))
    with pytest.raises(StaleOrder, match="ran out; nobody holds it"):
        approve(order, cast)


def test_a_cookie_of_rubbish_is_no_session() -> None:
    client = Client()
    client.cookies["session"] = "\x00aaaaaaaaaaaaaaa"
    assert client.get("/", HTTP_HOST="127.0.0.1").status_code == 200


def test_the_prescriber_reads_the_pharmacists_words_on_a_rejection(cast: Cast) -> None:
    order = claimed(cast)
    review.reject(order, by=cast.phil, reason=reason("rejection", "other"), text="Zebra words.")
    client = Client(HTTP_HOST="127.0.0.1")
    for person, page in ((cast.ada, "orders"), (cast.phil, "queue")):
        client.force_login(person)
        assert "Zebra words." in client.get(f"/{page}/{order.reference}/").content.decode()


def test_a_prescribers_first_order_is_flagged_until_one_was_verified(cast: Cast) -> None:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(cast.petra)
    first = claimed(cast)
    signed_order(cast.ada)
    assert "New prescriber" in client.get("/queue/").content.decode()
    approve(first, cast)
    assert "New prescriber" not in client.get("/queue/").content.decode()


def test_a_titration_that_ends_is_signed_without_refills_only(cast: Cast) -> None:
    ends = (draft_step("3", "LDN-CAP-3", days=10), draft_step("4.5", days=20))
    order = draft_of(cast.ada, steps=ends, refills=11)
    with pytest.raises(Refused, match="A refill repeats the last step"):
        sign(order, by=cast.ada, form=signing_form(order))
    signed_order(cast.ada, steps=ends, refills=0)
    signed_order(cast.ada, steps=(draft_step("4.5", days=30),), refills=11)


@pytest.mark.parametrize(
    ("stored", "ruled"),
    [
        (status.TreatmentStatus, facts.TreatmentStatus),
        (status.OpioidUse, facts.OpioidUse),
        (status.OpioidKind, facts.OpioidClass),
        (status.Allergies, facts.Allergies),
        (status.Caution, facts.Caution),
    ],
)
def test_the_answers_stored_are_the_answers_that_rules_know(
    stored: type[TextChoices], ruled: type[StrEnum]
) -> None:
    assert set(stored.values) == set(ruled)
