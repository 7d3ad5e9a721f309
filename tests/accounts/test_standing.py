"""Suspended and deactivated accounts: who may, what it changes at once, and lost races."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Practice, Prescriber, StandingReason, User
from accounts.permissions import Right
from accounts.services.standing import StaleStanding, deactivate, reinstate, suspend
from accounts.status import ACCOUNT_MOVES, PRESCRIBER_MOVES, AccountStatus, Role
from events.models import Event
from notifications import sending, services
from notifications.models import Delivery
from notifications.status import Channel, State
from orders.services import claims, review
from tests.conftest import Cast
from tests.factories import reason, signed_order

pytestmark = pytest.mark.django_db
MOVES = {Prescriber: PRESCRIBER_MOVES, Practice: ACCOUNT_MOVES}
WHY = "The board has opened a case."


def fresh(user: User) -> User:
    """The person as the next request reads them."""
    return User.objects.get(pk=user.pk)


def gone(cast: Cast) -> None:
    suspend(cast.ada.prescriber, by=cast.phil, reason=WHY)
    deactivate(cast.ada.prescriber, by=cast.phil, reason="The licence was revoked.")


# --- The acts -------------------------------------------------------------------------------------
def test_each_act_writes_its_event_and_its_reason(cast: Cast) -> None:
    prescriber = cast.ada.prescriber
    suspend(prescriber, by=cast.phil, reason=WHY)
    reinstate(prescriber, by=cast.petra, reason="The case was closed.")
    gone(cast)
    events = Event.objects.about("prescriber", prescriber.pk).select_related("standing_reason")
    assert [(e.kind, e.actor_id, e.standing_reason.text, e.data) for e in events] == [
        ("prescriber.suspended", cast.phil.pk, WHY, {}),
        ("prescriber.reinstated", cast.petra.pk, "The case was closed.", {}),
        ("prescriber.suspended", cast.phil.pk, WHY, {}),
        ("prescriber.deactivated", cast.phil.pk, "The licence was revoked.", {}),
    ]
    assert Prescriber.objects.get(pk=prescriber.pk).status_reason == "The licence was revoked."


def test_reinstating_clears_the_reason_of_the_account(cast: Cast) -> None:
    suspend(cast.practice, by=cast.phil, reason=WHY)
    reinstate(cast.practice, by=cast.phil, reason="The case was closed.")
    now = Practice.objects.get(pk=cast.practice.pk)
    assert (now.status, now.status_reason) == (AccountStatus.APPROVED, "")


@pytest.mark.parametrize("who", ["ada", "nils", "tess"])
def test_only_who_reviews_accounts_decides_about_them(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        suspend(cast.other_practice, by=getattr(cast, who), reason=WHY)


def test_nobody_decides_about_an_account_of_their_own(cast: Cast) -> None:
    """Root, an administrator, also prescribes in the practice."""
    own = Prescriber.objects.create(
        user=cast.root, given_name="Root", family_name="Sample", credential="MD", npi="1234567893"
    )
    Membership.objects.create(user=cast.root, practice=cast.practice, role=Role.PRESCRIBER)
    Membership.objects.filter(user=cast.root, practice=None).update(started_at=timezone.now())
    for account in (own, cast.practice):
        with pytest.raises(PermissionDenied):
            suspend(account, by=fresh(cast.root), reason=WHY)
    assert not StandingReason.objects.exists()


def test_the_second_of_two_who_suspend_learns_that_somebody_was_faster(cast: Cast) -> None:
    first, second = (Prescriber.objects.get(pk=cast.ada.prescriber.pk) for _ in range(2))
    suspend(first, by=cast.phil, reason=WHY)
    with pytest.raises(StaleStanding, match="suspended now"):
        suspend(second, by=cast.petra, reason="Another reason.")
    assert StandingReason.objects.get().text == WHY


def test_an_open_account_is_not_deactivated_without_a_suspension(cast: Cast) -> None:
    with pytest.raises(StaleStanding):
        deactivate(cast.practice, by=cast.phil, reason=WHY)


@pytest.mark.parametrize("model", [Practice, Prescriber])
@pytest.mark.parametrize("here", list(AccountStatus))
@pytest.mark.parametrize("there", list(AccountStatus))
def test_the_database_refuses_every_other_move(
    cast: Cast, model: type[Practice] | type[Prescriber], here: AccountStatus, there: AccountStatus
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        model.objects.update(status=here)
        cursor.execute("SET session_replication_role = origin")
    if here == there or (here, there) in MOVES[model]:
        assert model.objects.update(status=there) > 0
    else:
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.update(status=there)


def test_the_reason_of_an_act_never_changes(cast: Cast) -> None:
    suspend(cast.practice, by=cast.phil, reason=WHY)
    with pytest.raises(DatabaseError), transaction.atomic():
        StandingReason.objects.update(text="Something else.")
    with pytest.raises(DatabaseError), transaction.atomic():
        StandingReason.objects.all().delete()


# --- What it changes ------------------------------------------------------------------------------
def test_a_suspended_prescriber_keeps_the_right_to_see(cast: Cast) -> None:
    before = cast.ada.rights
    suspend(cast.ada.prescriber, by=cast.phil, reason=WHY)
    assert fresh(cast.ada).rights == before


def test_a_deactivated_prescriber_keeps_nothing_from_the_next_request_on(cast: Cast) -> None:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(cast.ada)
    assert client.get("/orders/").status_code == 200
    gone(cast)
    assert client.get("/orders/").status_code == 403
    Membership.objects.create(
        user=cast.ada, practice=cast.other_practice, role=Role.DELEGATE, duties=["view"]
    )
    assert fresh(cast.ada).rights == fresh(cast.ada).rights_anywhere == frozenset()
    assert Right.VIEW_PRACTICE_ORDERS in fresh(cast.nils).rights


def test_members_of_a_deactivated_practice_have_no_rights_there(cast: Cast) -> None:
    suspend(cast.practice, by=cast.phil, reason=WHY)
    deactivate(cast.practice, by=cast.phil, reason="The practice has closed.")
    for person in (cast.ada, cast.nils):
        assert fresh(person).rights == frozenset()
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(person)
        assert client.get("/orders/").status_code == 403
    assert fresh(cast.ben).rights


def test_whoever_chose_a_practice_that_left_works_for_the_one_that_is_open(cast: Cast) -> None:
    Membership.objects.create(user=cast.nils, practice=cast.other_practice, role=Role.DELEGATE)
    User.objects.filter(pk=cast.nils.pk).update(chosen_practice=cast.practice)
    assert fresh(cast.nils).practice_id == cast.practice.pk
    suspend(cast.practice, by=cast.phil, reason=WHY)
    assert fresh(cast.nils).practice_id == cast.practice.pk
    deactivate(cast.practice, by=cast.phil, reason="The practice has closed.")
    assert fresh(cast.nils).practice_id == cast.other_practice.pk


def test_rights_in_one_practice_are_not_rights_in_another(cast: Cast) -> None:
    Membership.objects.create(
        user=cast.nils,
        practice=cast.other_practice,
        role=Role.DELEGATE,
        duties=["billing"],
        started_at=timezone.now() + timedelta(seconds=1),
    )
    nils = fresh(cast.nils)
    assert nils.rights_at(cast.practice.pk) == {Right.VIEW_PRACTICE_ORDERS, Right.PREPARE_ORDERS}
    assert nils.rights_at(cast.other_practice.pk) == {Right.MANAGE_BILLING}
    assert nils.rights_at(0) == frozenset()
    assert nils.rights_anywhere == nils.rights_at(cast.practice.pk) | {Right.MANAGE_BILLING}


def test_a_queued_mail_to_who_was_deactivated_meanwhile_is_not_sent(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task asks again at the moment of sending: a right that ended acts in the queue too."""
    monkeypatch.setattr("notifications.wake.publish", lambda *_: False)
    order = signed_order(cast.ada)
    claims.claim(order, by=cast.phil)
    review.reject(order, by=cast.phil, reason=reason("rejection"), text="")
    event = Event.objects.get(kind="order.rejected")
    services.expand(event.pk)
    mail = Delivery.objects.get(event=event, channel=Channel.EMAIL)
    assert mail.recipient == cast.ada
    gone(cast)
    assert sending._attempt(mail, 0.0).state == State.SUPPRESSED
