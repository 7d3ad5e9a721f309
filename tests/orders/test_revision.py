"""A revision: a new linked order that replaces a signed one, with its age and its asker."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User
from events.models import Event
from orders.models import Order, Review
from orders.revision_page import changes, conversation, revision_of
from orders.services import claims, drafts, review, revising
from orders.services.moves import StaleOrder
from orders.services.signing import sign
from orders.status import Status
from tests.conftest import Cast
from tests.factories import draft, draft_step, minutes_ago, reason, signed_order, signing_form
from tests.orders.life import approve, approved_order, asked, whole

pytestmark = pytest.mark.django_db


def revised(order: Order, by: User, dose: str = "3") -> Order:
    """The draft of a revision as the order form saves it: another dose, opioids answered anew."""
    made = whole(revising.revise(order, by=by))
    product = "LDN-CAP-1.5" if dose in ("1.5", "3") else "LDN-CAP-4.5"
    steps = (draft_step(dose, product),)
    content = draft(by, patient=made.patient, steps=steps, revises=made.revises)
    return whole(drafts.edit_draft(made, content, by=by, version=made.version))


def signed_revision(order: Order, by: User) -> Order:
    made = revised(order, by)
    return whole(sign(made, by=by, form=signing_form(made)))


def test_a_revision_holds_everything_but_the_answer_on_opioids(cast: Cast) -> None:
    order = signed_order(cast.ada, note="Ring twice.", cautions=("depression",))
    made = revising.revise(order, by=cast.nils)
    assert (made.status, made.revises, made.revision) == (Status.DRAFT, order, 2)
    assert (made.note, made.cautions, made.patient) == (
        "Ring twice.",
        ["depression"],
        order.patient,
    )
    assert (made.opioid_use, made.opioid_kind, made.opioid_last_use) == ("", "", None)
    assert [step.dose_mg for step in made.steps.all()] == [Decimal("4.5")]
    assert order.status == Status.SUBMITTED


def test_there_is_one_revision_in_hand(cast: Cast) -> None:
    order = signed_order(cast.ada)
    assert revising.revise(order, by=cast.ada) == revising.revise(order, by=cast.nils)
    assert Order.objects.filter(revises=order).count() == 1


def test_a_cancelled_revision_leaves_the_order_where_it_is(cast: Cast) -> None:
    order = asked(signed_order(cast.ada), cast.phil)
    made = revising.revise(order, by=cast.ada)
    drafts.cancel(made, by=cast.ada, reason=reason("cancellation"), version=made.version)
    assert whole(order).status == Status.NEEDS_CLARIFICATION
    assert revising.revise(order, by=cast.ada) != made


def test_signing_a_revision_replaces_the_order_and_links_both_ways(cast: Cast) -> None:
    order = signed_order(cast.ada)
    made = signed_revision(order, cast.ada)
    old = whole(order)
    assert (old.status, old.status_reason) == (Status.CANCELLED, f"Replaced by {made.reference}")
    assert (made.status, made.revises) == (Status.SUBMITTED, order)
    assert revision_of(old)["replaced_by"] == made
    event = Event.objects.get(kind="order.replaced", subject_id=order.pk)
    assert event.data == {"revision": made.reference, "was": "submitted"}


def test_a_revision_keeps_the_age_and_goes_back_to_who_asked(cast: Cast) -> None:
    order = signed_order(cast.ada)
    earlier = {"submitted_at": minutes_ago(120), "due_at": minutes_ago(120) + timedelta(hours=24)}
    Order.objects.filter(pk=order.pk).update(**earlier)
    order = asked(whole(order), cast.phil)
    Order.objects.filter(pk=order.pk).update(paused_at=minutes_ago(60))
    made = signed_revision(whole(order), cast.ada)
    assert made.submitted_at == earlier["submitted_at"]
    assert timedelta(minutes=59) < made.waited < timedelta(minutes=61)
    assert made.due_at - earlier["due_at"] == made.waited
    assert made.reserved_for == cast.phil
    claims.claim(made, by=cast.phil)
    assert [message.text for message in conversation(made)] == ["Which dose is meant?"]


def test_what_was_changed_is_told_in_words(cast: Cast) -> None:
    order = signed_order(cast.ada)
    told = {one.label: one.words for one in changes(revised(order, cast.ada))}
    assert set(told) == {"Product", "Dose", "Quantity"}
    assert told["Dose"] == (
        "dose 4.5\u00a0mg, once a day, at bedtime, to the end of the supply → "
        "3\u00a0mg, once a day, at bedtime, to the end of the supply"
    )


def test_steps_are_compared_one_by_one_where_one_side_has_several(cast: Cast) -> None:
    order = signed_order(cast.ada)
    made = whole(revising.revise(order, by=cast.ada))
    steps = (draft_step("1.5", "LDN-CAP-1.5", days=14), draft_step("4.5"))
    content = draft(cast.ada, patient=made.patient, steps=steps, revises=order)
    made = whole(drafts.edit_draft(made, content, by=cast.ada, version=made.version))
    labels = [one.label for one in changes(made)]
    assert labels[:3] == ["Product", "Step 1", "Step 2"]


def test_an_order_under_review_or_decided_is_not_revised(cast: Cast) -> None:
    order = signed_order(cast.ada)
    claims.claim(order, by=cast.phil)
    with pytest.raises(StaleOrder, match="held by Phil"):
        revising.revise(whole(order), by=cast.ada)
    decided = approved_order(cast.ada, cast.phil)
    with pytest.raises(StaleOrder, match="Verified"):
        revising.revise(decided, by=cast.ada)


def test_a_claim_that_came_first_keeps_the_revision_a_draft(cast: Cast) -> None:
    order = signed_order(cast.ada)
    made = revised(order, cast.ada)
    claims.claim(order, by=cast.phil)
    with pytest.raises(StaleOrder) as lost:
        sign(made, by=cast.ada, form=signing_form(made))
    assert lost.value.order == order
    assert whole(made).status == Status.DRAFT
    assert whole(order).status == Status.IN_REVIEW


def test_each_revision_is_verified_by_itself(cast: Cast) -> None:
    order = asked(signed_order(cast.ada), cast.phil)
    made = approve(signed_revision(order, cast.ada), cast.phil)
    assert made.status == Status.APPROVED
    decisions = Review.objects.filter(order__in=[order, made]).values_list("decision", flat=True)
    assert sorted(decisions) == ["approved", "clarification"]
    with pytest.raises(StaleOrder):
        review.answer(whole(order), by=cast.ada, choice=reason("answer"), text="")


def test_a_revision_of_a_revision_goes_on_in_the_same_place(cast: Cast) -> None:
    order = signed_order(cast.ada)
    second = signed_revision(order, cast.ada)
    third = whole(sign(made := revised(second, cast.ada, "1.5"), by=cast.ada,
                       form=signing_form(made)))  # fmt: skip
    assert (third.revision, third.submitted_at) == (3, whole(order).submitted_at)
    assert whole(second).status_reason == f"Replaced by {third.reference}"


def test_other_practices_revise_nothing(cast: Cast) -> None:
    order = signed_order(cast.ada)
    for who in (cast.ben, cast.phil):
        with pytest.raises(PermissionDenied):
            revising.revise(order, by=who)
        with pytest.raises(PermissionDenied):
            revising.order_again(order, by=who)


def test_ordering_again_leaves_open_what_is_asked_on_every_order(cast: Cast) -> None:
    order = signed_order(cast.ada, note="Ring twice.", treatment_status="continuing")
    again = revising.order_again(order, by=cast.nils)
    assert (again.reorder_of, again.revises, again.revision) == (order, None, 1)
    assert (again.opioid_use, again.treatment_status, again.seen_where, again.note) == ("",) * 4
    assert again.days_supply == order.days_supply
    assert revising.order_again(order, by=cast.nils) == again


def test_ordering_again_takes_the_newest_record(cast: Cast) -> None:
    first = signed_order(cast.ada, medicines="")
    signed_order(cast.ada, patient=first.patient, medicines="levothyroxine 50 mcg")
    again = revising.order_again(whole(first), by=cast.ada)
    assert again.medicines == "levothyroxine 50 mcg"
