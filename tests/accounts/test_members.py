"""Members of a practice: invited, changed, removed, and at home in several practices."""

from __future__ import annotations

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts import links
from accounts.models import Membership, Practice, User
from accounts.permissions import Right
from accounts.services.members import (
    INVITATIONS_AN_HOUR,
    MemberChanged,
    MemberRefused,
    change_duties,
    invite,
    remove_member,
    resend_invitation,
    switch_practice,
)
from accounts.status import Duty, LinkPurpose, Role
from events.models import Event
from tests.conftest import Cast
from tests.factories import member, prescriber

pytestmark = pytest.mark.django_db


def asked(cast: Cast, email: str = "New@Example.org", **more: object) -> Membership:
    given = {"name": "Nora Sampleton", "role": Role.DELEGATE, "duties": [Duty.VIEW]} | more
    practice = given.pop("practice", cast.practice)
    by = given.pop("by", cast.ada)
    return invite(practice, email=email, by=by, **given)  # type: ignore[arg-type]


def again(user: User) -> User:
    """The same person as the next request reads them."""
    return User.objects.get(pk=user.pk)


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


# --- Inviting -------------------------------------------------------------------------------------
def test_an_unknown_address_gets_an_account_without_a_password(cast: Cast) -> None:
    made = asked(cast, duties=[Duty.CLARIFY, Duty.PREPARE])
    assert made.user.email == "new@example.org"
    assert not made.user.has_usable_password()
    assert made.duties == ["prepare", "clarify"]
    assert kinds() == ["user.invited", "member.invited"]
    assert Event.objects.earliest("id").data == {"practice": cast.practice.pk}
    assert made.user.practice == cast.practice


def test_a_known_person_joins_and_stays_where_they_work(cast: Cast) -> None:
    made = asked(cast, cast.ben.email)
    ben = again(cast.ben)
    assert made.user == ben
    assert kinds() == ["user.joined", "member.invited"]
    assert ben.practice == cast.other_practice
    assert ben.has_right(Right.SIGN_ORDERS)


def test_whoever_never_set_a_password_is_invited_anew(cast: Cast) -> None:
    asked(cast)
    asked(cast, practice=cast.other_practice, by=cast.ben)
    assert kinds().count("user.invited") == 2
    assert User.objects.filter(email="new@example.org").count() == 1


@pytest.mark.parametrize("who", ["phil", "tess", "root"])
def test_the_staff_of_the_pharmacy_cannot_be_invited(cast: Cast, who: str) -> None:
    with pytest.raises(MemberRefused, match="cannot be invited"):
        asked(cast, getattr(cast, who).email)
    assert kinds() == []


def test_a_member_is_not_invited_twice(cast: Cast) -> None:
    with pytest.raises(MemberRefused, match="Nils Sampleton belongs to Sample Dermatology already"):
        asked(cast, cast.nils.email)


def test_nobody_is_invited_to_do_nothing(cast: Cast) -> None:
    with pytest.raises(MemberRefused, match="Choose what"):
        asked(cast, duties=[])


@pytest.mark.parametrize(
    ("by", "role"),
    [
        ("nils", Role.DELEGATE),
        ("ben", Role.DELEGATE),
        ("ada", Role.PRESCRIBER),
        ("tess", "delegate"),
    ],
)
def test_only_those_who_manage_a_practice_invite_its_delegates(
    cast: Cast, by: str, role: Role
) -> None:
    duties = [Duty.VIEW] if role == Role.DELEGATE else []
    with pytest.raises(PermissionDenied):
        asked(cast, by=getattr(cast, by), role=role, duties=duties)
    assert not User.objects.filter(email="new@example.org").exists()


def test_a_reviewer_makes_a_delegate_a_prescriber(cast: Cast) -> None:
    made = asked(cast, cast.nils.email, by=cast.phil, role=Role.PRESCRIBER, duties=[])
    assert again(cast.nils).role == Role.PRESCRIBER
    assert cast.nils.memberships.open().get() == made


def test_a_practice_sends_so_many_invitations_an_hour(cast: Cast) -> None:
    for number in range(INVITATIONS_AN_HOUR):
        asked(cast, f"new{number}@example.org")
    with pytest.raises(MemberRefused, match="many invitations"):
        asked(cast, "one-more@example.org")
    assert not User.objects.filter(email="one-more@example.org").exists()


# --- Sending it again -----------------------------------------------------------------------------
def test_an_invitation_sent_again_ends_the_link_of_the_first(cast: Cast) -> None:
    made = asked(cast)
    token = links.issue(LinkPurpose.ACTIVATE, made.user.pk, seed="first")
    resend_invitation(made, by=cast.ada)
    assert links.find(LinkPurpose.ACTIVATE, token) is None
    assert kinds().count("user.invited") == 2


def test_nobody_is_written_to_more_than_three_times_an_hour(cast: Cast) -> None:
    made = asked(cast)
    resend_invitation(made, by=cast.ada)
    resend_invitation(made, by=cast.ada)
    with pytest.raises(MemberRefused, match="3 invitations within an hour"):
        resend_invitation(made, by=cast.ada)


def test_who_has_a_password_needs_no_invitation(cast: Cast) -> None:
    with pytest.raises(MemberRefused, match="no invitation any more"):
        resend_invitation(cast.nils.memberships.get(), by=cast.ada)


# --- Duties ---------------------------------------------------------------------------------------
def test_new_duties_act_on_the_next_request(cast: Cast) -> None:
    here = cast.nils.memberships.get()
    change_duties(here, [Duty.BILLING], by=cast.ada, seen=["prepare"])
    nils = again(cast.nils)
    assert nils.has_right(Right.MANAGE_BILLING)
    assert not nils.has_right(Right.VIEW_PRACTICE_ORDERS)
    assert kinds() == ["member.changed"]


def test_duties_changed_meanwhile_are_not_overwritten(cast: Cast) -> None:
    here = cast.nils.memberships.get()
    with pytest.raises(MemberChanged):
        change_duties(here, [Duty.BILLING], by=cast.ada, seen=["view"])
    assert cast.nils.memberships.get().duties == ["prepare"]


@pytest.mark.parametrize("by", ["nils", "ben", "phil"])
def test_others_change_nobodys_duties(cast: Cast, by: str) -> None:
    here = cast.nils.memberships.get()
    with pytest.raises(PermissionDenied):
        change_duties(here, [Duty.BILLING], by=getattr(cast, by), seen=["prepare"])


# --- Removing -------------------------------------------------------------------------------------
def test_who_is_removed_may_nothing_from_then_on(cast: Cast) -> None:
    remove_member(cast.nils.memberships.get(), by=cast.ada)
    assert again(cast.nils).rights == frozenset()
    assert kinds() == ["user.removed", "member.removed"]


def test_an_invitation_to_a_practice_one_was_removed_from_opens_nothing(cast: Cast) -> None:
    made = asked(cast)
    token = links.issue(LinkPurpose.ACTIVATE, made.user.pk, seed="first")
    remove_member(made, by=cast.ada)
    assert links.find(LinkPurpose.ACTIVATE, token) is None


def test_who_was_removed_can_be_invited_again(cast: Cast) -> None:
    remove_member(cast.nils.memberships.get(), by=cast.ada)
    asked(cast, cast.nils.email)
    assert again(cast.nils).practice == cast.practice


def test_nobody_removes_themselves_by_mistake(cast: Cast) -> None:
    with pytest.raises(MemberRefused, match="This is you"):
        remove_member(cast.ada.memberships.get(), by=cast.ada)


def test_the_last_prescriber_cannot_leave(cast: Cast) -> None:
    with pytest.raises(MemberRefused, match="only prescriber"):
        remove_member(cast.ada.memberships.get(), by=cast.ada, leaving=True)


def test_a_prescriber_who_never_signed_in_does_not_count_as_one_left(cast: Cast) -> None:
    asked(cast, by=cast.phil, role=Role.PRESCRIBER, duties=[])
    with pytest.raises(MemberRefused, match="only prescriber"):
        remove_member(cast.ada.memberships.get(), by=cast.ada, leaving=True)


def test_a_prescriber_leaves_where_another_one_stays(cast: Cast) -> None:
    prescriber("Dr Anna Sample-Two", cast.practice)
    remove_member(cast.ada.memberships.get(), by=cast.ada, leaving=True)
    assert again(cast.ada).rights == frozenset()


def test_a_delegate_leaves_and_removes_nobody(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        remove_member(cast.ada.memberships.get(), by=cast.nils)
    remove_member(cast.nils.memberships.get(), by=cast.nils, leaving=True)
    assert again(cast.nils).membership is None


def test_another_practices_people_cannot_be_removed(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        remove_member(cast.nils.memberships.get(), by=cast.ben)


def test_who_was_removed_already_is_not_removed_twice(cast: Cast) -> None:
    here = cast.nils.memberships.get()
    remove_member(Membership.objects.get(pk=here.pk), by=cast.ada)
    with pytest.raises(MemberChanged):
        remove_member(here, by=cast.ada)
    assert kinds().count("user.removed") == 1


@pytest.mark.django_db(transaction=True)
def test_two_prescribers_who_leave_at_once_never_leave_nobody(cast: Cast) -> None:
    prescriber("Dr Anna Sample-Two", cast.practice)
    two = [User.objects.get(email=e) for e in (cast.ada.email, "sample-two@example.org")]

    def leave(user: User) -> None:
        try:
            remove_member(user.memberships.get(), by=user, leaving=True)
        except MemberRefused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=[user]) for user in two]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    left = Membership.objects.open().filter(practice=cast.practice, role=Role.PRESCRIBER)
    assert left.count() == 1


# --- Several practices ----------------------------------------------------------------------------
def both(cast: Cast) -> User:
    """Nils, who works for Dr Ben as well."""
    asked(cast, cast.nils.email, practice=cast.other_practice, by=cast.ben, duties=[Duty.BILLING])
    return again(cast.nils)


def test_one_person_works_for_one_practice_at_a_time(cast: Cast) -> None:
    nils = both(cast)
    assert nils.practice == cast.practice
    assert switch_practice(nils, cast.other_practice.pk) == cast.other_practice
    assert nils.practice == cast.other_practice
    assert nils.rights == {Right.MANAGE_BILLING}
    assert again(nils).practice == cast.other_practice


def test_nobody_switches_to_a_practice_that_is_not_theirs(cast: Cast) -> None:
    with pytest.raises(Membership.DoesNotExist):
        switch_practice(cast.nils, cast.other_practice.pk)


def test_who_is_removed_from_the_chosen_practice_works_for_the_other(cast: Cast) -> None:
    nils = both(cast)
    switch_practice(nils, cast.other_practice.pk)
    remove_member(nils.memberships.get(practice=cast.other_practice), by=cast.ben)
    assert again(nils).practice == cast.practice
    assert again(nils).chosen_practice is None
    with pytest.raises(Membership.DoesNotExist):
        switch_practice(again(nils), cast.other_practice.pk)


def test_members_of_one_practice_are_hidden_from_the_other(cast: Cast) -> None:
    nils = both(cast)
    assert Membership.objects.visible_to(nils).filter(practice=cast.other_practice).count() == 0
    member(Role.DELEGATE, "Olga Sampleton-Three", cast.other_practice)
    switch_practice(nils, cast.other_practice.pk)
    seen = Membership.objects.visible_to(nils)
    assert set(seen.values_list("practice", flat=True)) == {cast.other_practice.pk}
    assert Practice.objects.visible_to(nils).get() == cast.other_practice
