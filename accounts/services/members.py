"""Who belongs to a practice: inviting, resending, changing duties, removing, switching."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import links
from accounts.models import Membership, Practice, User
from accounts.permissions import Right, ensure
from accounts.status import Duty, LinkPurpose, Role
from events.models import Event
from events.services import record

# A practice writes to at most so many addresses an hour, one person at most so often.
INVITATIONS_AN_HOUR = 30
MAILS_AN_HOUR_EACH = 3
_HOUR = timedelta(hours=1)


class MemberRefused(Exception):
    """It cannot be done as asked; the message can stand on the page."""


class MemberChanged(Exception):
    """The membership is no longer what the page showed; the message says so."""


@transaction.atomic
def invite(
    practice: Practice, *, name: str, email: str, role: Role, duties: Sequence[Duty], by: User
) -> Membership:
    """Make the person a member; whoever has no password yet is sent a link to set one.

    Members invite delegates. Reviewers, at approval, make prescribers members too; of a delegate
    who is approved the duties end. Raises MemberRefused in words that fit the page, whether or
    not the address was known; PermissionDenied for who may not invite there.
    """
    _ensure_may_invite(practice, role, by)
    if (role == Role.DELEGATE) != bool(duties):
        raise MemberRefused("Choose what the person may do.")
    user = _person(email.strip().lower(), name)
    _ensure_may_join(user, practice, role)
    _keep_present_practice(user)
    asked = [duty for duty in Duty if duty in duties]
    try:
        with transaction.atomic():
            made = Membership.objects.create(
                user=user, practice=practice, role=role, duties=[str(duty) for duty in asked]
            )
    except IntegrityError:
        raise _already(user, practice) from None
    _tell_of_invitation(made, by=by)
    _note(practice, "member.invited", by=by, user=user)
    return made


@transaction.atomic
def resend_invitation(membership: Membership, *, by: User) -> None:
    """Send the link to the first password anew; the one sent before opens nothing any more.

    Raises MemberRefused when the person has signed in already, or was written to too often.
    """
    _ensure_manages(membership, by)
    user = User.objects.select_for_update(of=("self",)).get(pk=membership.user_id)
    if membership.ended_at or user.has_usable_password():
        raise MemberRefused(f"{user.name} needs no invitation any more.")
    sent = Event.objects.about("user", user.pk).filter(kind="user.invited")
    if sent.filter(at__gt=timezone.now() - _HOUR).count() >= MAILS_AN_HOUR_EACH:
        raise MemberRefused(
            f"{user.name} was sent {MAILS_AN_HOUR_EACH} invitations within an hour. "
            "Look at the spam folder first, or send another one later."
        )
    links.take_back(LinkPurpose.ACTIVATE, user.pk)
    _tell_of_invitation(membership, by=by)


@transaction.atomic
def change_duties(
    membership: Membership, duties: Sequence[Duty], *, by: User, seen: Sequence[str]
) -> None:
    """Set what a delegate does here; `seen` is what the page showed.

    Raises MemberChanged when it is something else by now, MemberRefused for nobody's duties.
    """
    _ensure_manages(membership, by)
    wanted = [str(duty) for duty in Duty if duty in duties]
    if membership.role != Role.DELEGATE:
        raise MemberRefused("A prescriber does everything; there is nothing to choose.")
    if not wanted:
        raise MemberRefused("Choose what the person may do, or remove the person.")
    shown = [str(duty) for duty in Duty if duty in seen]
    here = Membership.objects.open().filter(pk=membership.pk, duties=shown)
    if not here.update(duties=wanted):
        raise MemberChanged(f"What {membership.user.name} may do was changed by somebody else.")
    if wanted != shown:
        _note(membership.practice, "member.changed", by=by, user=membership.user)


@transaction.atomic
def remove_member(membership: Membership, *, by: User, leaving: bool = False) -> None:
    """End the membership, and with it every right in the practice, at once.

    One's own is ended only when `leaving` says so. Raises MemberRefused where nobody would be
    left to manage the practice, MemberChanged when it has ended already.
    """
    practice, user = membership.practice, membership.user
    if practice is None:
        raise PermissionDenied("Members of the pharmacy's staff are no matter of a practice.")
    if user == by and not leaving:
        raise MemberRefused("This is you. To go, choose “Leave this practice”.")
    if user == by:
        _ensure_own(membership, by)
    else:
        _ensure_manages(membership, by)
    # Two who remove each other wait here: the second finds itself the last.
    _lock(practice)
    if membership.role == Role.PRESCRIBER and not _others_manage(membership):
        raise MemberRefused(
            f"{user.name} is the only prescriber who manages this practice. Another prescriber "
            "has to join first, or call the pharmacy to close the account."
        )
    if not Membership.objects.open().filter(pk=membership.pk).update(ended_at=timezone.now()):
        raise MemberChanged(f"{user.name} was removed before.")
    User.objects.filter(pk=user.pk, chosen_practice=practice).update(chosen_practice=None)
    if not user.memberships.open().exists():
        links.take_back(LinkPurpose.ACTIVATE, user.pk)
    _tell("user.removed", membership, by=by)
    _note(practice, "member.removed", by=by, user=user)


def switch_practice(user: User, practice_id: int) -> Practice:
    """Work for another practice of one's own from now on.

    Raises Membership.DoesNotExist for a practice that the person does not belong to now.
    """
    here = user.memberships.open().select_related("practice").get(practice_id=practice_id)
    practice: Practice = here.practice
    User.objects.filter(pk=user.pk).update(chosen_practice=practice)
    user.chosen_practice = practice
    user.__dict__.pop("membership", None)
    return practice


# --- Who may, and who can be ------------------------------------------------------------------
def _ensure_may_invite(practice: Practice, role: Role, by: User) -> None:
    if by.has_right(Right.REVIEW_APPLICATIONS) and role in (Role.PRESCRIBER, Role.DELEGATE):
        return
    ensure(by, Right.MANAGE_PRACTICE)
    if by.practice_id != practice.pk or role != Role.DELEGATE:
        raise PermissionDenied("A practice invites its own delegates; prescribers apply.")
    # Invitations of one practice wait for each other: the limit counts those written before.
    _lock(practice)
    sent = Event.objects.about("practice", practice.pk).filter(kind="member.invited", actor=by)
    if sent.filter(at__gt=timezone.now() - _HOUR).count() >= INVITATIONS_AN_HOUR:
        raise MemberRefused("You sent many invitations within an hour. Send the next ones later.")


def _lock(practice: Practice) -> None:
    Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)


def _ensure_own(membership: Membership, by: User) -> None:
    if membership.practice_id is None or membership.practice_id != by.practice_id:
        raise PermissionDenied("This person belongs to another practice.")


def _ensure_manages(membership: Membership, by: User) -> None:
    ensure(by, Right.MANAGE_PRACTICE)
    _ensure_own(membership, by)


def _person(email: str, name: str) -> User:
    """The account with this address, made without a password where there is none."""
    if known := User.objects.filter(email=email).first():
        return known
    try:
        with transaction.atomic():
            return User.objects.create_user(email, None, name=name)
    except IntegrityError:
        return User.objects.get(email=email)


def _ensure_may_join(user: User, practice: Practice, role: Role) -> None:
    mine = user.memberships.open()
    if not user.is_active or mine.filter(practice=None).exists():
        raise MemberRefused("This address cannot be invited to a practice. Call the pharmacy.")
    here = mine.filter(practice=practice).first()
    if here is None:
        return
    if role == Role.PRESCRIBER and here.role == Role.DELEGATE:
        mine.filter(pk=here.pk).update(ended_at=timezone.now())
        return
    raise _already(user, practice)


def _already(user: User, practice: Practice) -> MemberRefused:
    return MemberRefused(f"{user.name} belongs to {practice.name} already.")


def _keep_present_practice(user: User) -> None:
    """Whoever works for a practice stays there: an invitation must not move them unseen."""
    if user.chosen_practice_id is None and user.practice_id is not None:
        User.objects.filter(pk=user.pk, chosen_practice=None).update(
            chosen_practice_id=user.practice_id
        )
    user.__dict__.pop("membership", None)


def _others_manage(membership: Membership) -> bool:
    """Whether another prescriber, who has a password, is left in the practice."""
    others = Membership.objects.open().filter(
        practice_id=membership.practice_id, role=Role.PRESCRIBER, user__is_active=True
    )
    waiting = others.filter(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return others.exclude(pk=membership.pk).exclude(pk__in=waiting).exists()


# --- What is told -----------------------------------------------------------------------------
def _tell_of_invitation(membership: Membership, *, by: User) -> None:
    known = membership.user.has_usable_password()
    _tell("user.joined" if known else "user.invited", membership, by=by)


def _tell(kind: str, membership: Membership, *, by: User) -> None:
    data = {"practice": membership.practice_id}
    record(kind, subject="user", subject_id=membership.user_id, reference="", by=by, data=data)


def _note(practice: Practice | None, kind: str, *, by: User, user: User) -> None:
    assert practice is not None  # noqa: S101  memberships of the pharmacy are no matter of ours
    data = {"user": user.pk}
    record(kind, subject="practice", subject_id=practice.pk, reference="", by=by, data=data)
