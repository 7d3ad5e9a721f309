"""The table of moves, in code and in the database, and what each verb guards."""

from __future__ import annotations

from itertools import product

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from events.models import Event
from orders.models import DoseStep, FindingReview, Message, Order, Review, Signature
from orders.services import claims, drafts, review
from orders.services.content import ContentChanged, verify
from orders.services.moves import Refused, StaleOrder
from orders.services.signing import sign
from orders.status import ALLOWED_MOVES, UNSIGNED, Check, Status
from tests.conftest import Cast
from tests.factories import draft, draft_of, minutes_ago, reason, signed_order, signing_form

pytestmark = pytest.mark.django_db


def kinds(order: Order) -> list[str]:
    return [event.kind for event in Event.objects.about("order", order.pk)]


def approve(order: Order, cast: Cast, **kwargs: object) -> None:
    given = {"checklist": Check.values, "reviewed": {f.pk for f in order.findings.all()}}
    review.approve(order, by=cast.phil, **(given | {"cleared": {}} | kwargs))  # type: ignore[arg-type]


def in_review(cast: Cast, **kwargs: object) -> Order:
    order = signed_order(cast.ada, **kwargs)
    claims.claim(order, by=cast.phil)
    return order


def test_the_whole_story_leaves_its_events_in_order(cast: Cast) -> None:
    order = in_review(cast)
    review.ask(order, by=cast.phil, reason=reason("clarification"), text="Which strength?")
    review.answer(order, by=cast.ada, choice=reason("answer"), text="4.5 mg capsules.")
    claims.claim(order, by=cast.phil)
    approve(order, cast)
    assert order.status == Status.APPROVED
    assert kinds(order) == [
        "order.drafted",
        "order.submitted",
        "order.claimed",
        "order.clarification_asked",
        "order.clarification_answered",
        "order.claimed",
        "order.approved",
    ]


@pytest.mark.parametrize(("here", "there"), product(Status, Status))
def test_the_database_refuses_every_move_outside_the_table(
    cast: Cast, here: Status, there: Status
) -> None:
    order = signed_order(cast.ada)
    shape = {
        "holder": cast.phil if there == Status.IN_REVIEW else None,
        "held_until": Now() if there == Status.IN_REVIEW else None,
        "paused_at": Now() if there == Status.NEEDS_CLARIFICATION else None,
        "submitted_at": None if there in UNSIGNED else order.submitted_at,
        "handed_over_at": Now(),
        "handed_over_by": cast.nils,
        "review_on": order.practice.today if there == Status.ON_HOLD else None,
    }
    _force(order, here, cast)
    if here == there or (here, there) in ALLOWED_MOVES:
        if there != Status.DRAFT:
            Order.objects.filter(pk=order.pk).update(status=there, **shape)
        return
    with pytest.raises(DatabaseError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(status=there, **shape)


def _force(order: Order, status: Status, cast: Cast) -> None:
    """Put a row into any state behind the triggers' back, as a test of what leaves it."""
    held = status == Status.IN_REVIEW
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE orders_order SET status = %s, holder_id = %s, held_until = %s,"
            " paused_at = %s, submitted_at = %s, review_on = %s, handed_over_at = now(),"
            " handed_over_by_id = %s WHERE id = %s",
            [
                status.value,
                cast.phil.pk if held else None,
                minutes_ago(-9) if held else None,
                minutes_ago(1) if status == Status.NEEDS_CLARIFICATION else None,
                None if status in UNSIGNED else order.submitted_at,
                order.practice.today if status == Status.ON_HOLD else None,
                cast.nils.pk,
                order.pk,
            ],
        )
        cursor.execute("SET session_replication_role = origin")


def test_an_order_cannot_leave_draft_without_a_signature(cast: Cast) -> None:
    order = draft_of(cast.ada)
    with pytest.raises(DatabaseError, match="is not signed"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(
            status=Status.SUBMITTED, submitted_at=Now(), due_at=Now()
        )


@pytest.mark.parametrize(
    "change", [{"days_supply": 31}, {"refills": 0}, {"note": "x"}, {"icd_code": "L40.1"}]
)
def test_a_signed_order_is_frozen_for_update_statements_too(
    cast: Cast, change: dict[str, object]
) -> None:
    order = signed_order(cast.ada)
    with pytest.raises(DatabaseError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**change)


def test_the_steps_of_a_signed_order_are_frozen(cast: Cast) -> None:
    order = signed_order(cast.ada)
    step = order.steps.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        DoseStep.objects.filter(pk=step.pk).update(dose_mg="5")
    with pytest.raises(DatabaseError), transaction.atomic():
        step.delete()
    step.pk, step.position = None, 2
    with pytest.raises(DatabaseError), transaction.atomic():
        step.save(force_insert=True)


@pytest.mark.parametrize("model", [Event, Signature, Review, Message, FindingReview])
def test_history_is_append_only(cast: Cast, model: type) -> None:
    order = in_review(cast)
    review.ask(order, by=cast.phil, reason=reason("clarification"), text="Which?")
    table = model._meta.db_table  # type: ignore[attr-defined]
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")
    if model.objects.exists():  # type: ignore[attr-defined]
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all().delete()  # type: ignore[attr-defined]


def test_only_the_named_prescriber_signs(cast: Cast) -> None:
    order = draft_of(cast.ada)
    for stranger in (cast.nils, cast.ben, cast.phil, cast.root):
        with pytest.raises(PermissionDenied):
            sign(order, by=stranger, form=signing_form(order))
    assert not Signature.objects.exists()


def test_a_dose_outside_the_range_is_never_signed(cast: Cast) -> None:
    from tests.factories import draft_step

    order = draft_of(cast.ada, steps=(draft_step("9"),), refills=0)
    with pytest.raises(Refused, match="the documented range"):
        sign(order, by=cast.ada, form=signing_form(order))
    assert Order.objects.get(pk=order.pk).status == Status.DRAFT


@pytest.mark.parametrize("unanswered", ["treatment_status", "allergies", "opioid_use", "medicines"])
def test_an_unanswered_question_blocks_signing(cast: Cast, unanswered: str) -> None:
    blank = None if unanswered == "medicines" else ""
    order = draft_of(cast.ada, **{unanswered: blank})
    with pytest.raises(Refused, match="Answer the question"):
        sign(order, by=cast.ada, form=signing_form(order))


def test_a_warning_without_its_reason_blocks_signing(cast: Cast) -> None:
    order = draft_of(cast.ada, treatment_status="new_start")
    with pytest.raises(Refused, match="Give a reason"):
        sign(order, by=cast.ada, form=signing_form(order, reasons={}))
    assert Order.objects.get(pk=order.pk).status == Status.DRAFT


def test_what_changed_after_it_was_shown_is_not_signed(cast: Cast) -> None:
    order = draft_of(cast.ada)
    form = signing_form(order)
    drafts.edit_draft(
        order, draft(cast.ada, days_supply=60, patient=order.patient), by=cast.ada, version=1
    )
    with pytest.raises(ContentChanged):
        sign(order, by=cast.ada, form=form)


def test_a_prescriber_without_a_licence_in_the_state_cannot_sign(cast: Cast) -> None:
    order = draft_of(cast.ada)
    cast.ada.prescriber.licences.update(expires_on=minutes_ago(60 * 24 * 2).date())
    with pytest.raises(Refused, match="No licence"):
        sign(order, by=cast.ada, form=signing_form(order))


def test_the_signed_text_is_whole_and_matches_its_rows(cast: Cast) -> None:
    order = signed_order(cast.ada)
    verify(order)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE orders_order SET days_supply = 31 WHERE id = %s", [order.pk])
        cursor.execute("SET session_replication_role = origin")
    with pytest.raises(ContentChanged):
        verify(Order.objects.for_page().get(pk=order.pk))


def test_a_pharmacist_approves_only_with_everything_ticked(cast: Cast) -> None:
    order = in_review(cast, treatment_status="new_start")
    with pytest.raises(Refused, match="Still to be checked"):
        approve(order, cast, checklist=Check.values[1:])
    with pytest.raises(Refused, match="Still to be reviewed"):
        approve(order, cast, reviewed=set())
    assert Order.objects.get(pk=order.pk).status == Status.IN_REVIEW


def test_what_was_not_checked_is_cleared_by_name_and_reason(cast: Cast) -> None:
    order = in_review(cast, medicines="unheardofazole 10 mg")
    finding = order.findings.get(level="not_checked")
    with pytest.raises(Refused, match="Still to be cleared"):
        approve(order, cast)
    clearing = review.Clearing(reason("clearance"), "Looked up.")
    approve(order, cast, cleared={finding.pk: clearing})
    assert FindingReview.objects.get(finding=finding).reason == clearing.reason


def test_an_answer_keeps_the_age_and_reserves_the_order_for_who_asked(cast: Cast) -> None:
    order = in_review(cast)
    due, age = order.due_at, order.age(order.status_at)
    review.ask(order, by=cast.phil, reason=reason("clarification"), text="Which?")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_order SET paused_at = paused_at - interval '2 hours' WHERE id = %s",
            [order.pk],
        )
    order.refresh_from_db()
    review.answer(order, by=cast.ada, choice=reason("answer"), text="The 4.5 mg.")
    assert due is not None
    assert order.due_at is not None
    assert 7195 < (order.due_at - due).total_seconds() < 7260
    assert order.age(order.status_at) - age < minutes_ago(0) - minutes_ago(1)
    with pytest.raises(StaleOrder):
        claims.claim(order, by=cast.petra)
    Order.objects.filter(pk=order.pk).update(reserved_until=minutes_ago(1))
    claims.claim(order, by=cast.petra)
    assert order.holder == cast.petra


def test_a_claim_lapses_and_another_pharmacist_may_take_it(cast: Cast) -> None:
    order = in_review(cast)
    with pytest.raises(StaleOrder, match="held by Phil"):
        claims.claim(order, by=cast.petra)
    Order.objects.filter(pk=order.pk).update(held_until=minutes_ago(1))
    with pytest.raises(StaleOrder):
        approve(order, cast)
    claims.claim(order, by=cast.petra)
    assert kinds(order)[-2:] == ["order.claim_lapsed", "order.claimed"]


def test_lapsed_claims_go_back_to_the_queue(cast: Cast) -> None:
    order = in_review(cast)
    assert claims.release_lapsed_claims() == 0
    Order.objects.filter(pk=order.pk).update(held_until=minutes_ago(1))
    assert claims.release_lapsed_claims() == 1
    order.refresh_from_db()
    assert (order.status, order.holder) == (Status.SUBMITTED, None)


def test_claim_next_takes_urgent_first_then_oldest_and_passes_by_what_is_reserved(
    cast: Cast,
) -> None:
    first, second = signed_order(cast.ada), signed_order(cast.ada)
    urgent = signed_order(cast.ben, urgent_reason=reason("urgency"))
    Order.objects.filter(pk=first.pk).update(
        reserved_for=cast.petra, reserved_until=minutes_ago(-20)
    )
    taken = [claims.claim_next(by=cast.phil) for _ in range(3)]
    assert taken == [urgent, second, None]


def test_an_administrator_releases_anothers_claim_and_a_pharmacist_may_not(cast: Cast) -> None:
    order = in_review(cast)
    with pytest.raises(PermissionDenied):
        claims.release(order, by=cast.petra, reason=reason("release"))
    claims.release(order, by=cast.root, reason=reason("release"))
    assert order.status == Status.SUBMITTED
    assert kinds(order)[-1] == "order.claim_released"


def test_ticks_prolong_the_claim_and_survive_its_lapse(cast: Cast) -> None:
    order = in_review(cast)
    Order.objects.filter(pk=order.pk).update(held_until=minutes_ago(-1))
    review.save_checklist(order, by=cast.phil, ticks=["dose", "no-such-tick"])
    order.refresh_from_db()
    assert order.held_until is not None
    assert order.held_until > minutes_ago(-25)
    assert order.checklists.get().ticks == ["dose"]


def test_patients_and_prescribers_of_another_practice_are_refused(cast: Cast) -> None:
    foreign = draft_of(cast.ben).patient
    with pytest.raises(PermissionDenied):
        draft_of(cast.ada, patient=foreign)
    with pytest.raises(PermissionDenied):
        draft_of(cast.ada, prescriber=cast.ben.prescriber)


def test_cancelling_what_moved_on_meanwhile_is_refused(cast: Cast) -> None:
    order = signed_order(cast.ada)
    seen = order.version
    claims.claim(order, by=cast.phil)
    with pytest.raises(StaleOrder, match="held by Phil"):
        drafts.cancel(order, by=cast.ada, reason=reason("cancellation"), version=seen)
    drafts.cancel(order, by=cast.ada, reason=reason("cancellation"), version=order.version)
    event = Event.objects.about("order", order.pk).last()
    assert event is not None
    assert event.data["concerned"] == [cast.phil.pk]
