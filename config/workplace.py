"""Which practice a member works for now, the others of theirs, and what is wrong with an account."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from accounts.models import Membership, Practice, User
from accounts.status import AccountStatus


@dataclass(frozen=True)
class Workplace:
    """`others` are the practices that the person can switch to; `notice` is empty when all is well."""

    name: str
    others: tuple[tuple[int, str], ...]
    notice: str


def workplace(user: object) -> Workplace | None:
    """None for strangers, and for who belongs to no practice."""
    if not isinstance(user, User) or user.membership is None or user.membership.practice is None:
        return None
    here = user.membership.practice
    return Workplace(here.name, _others(user, here), _notice(user.membership, here))


def _others(user: User, here: Practice) -> tuple[tuple[int, str], ...]:
    mine = user.memberships.open().exclude(practice=here).exclude(practice=None)
    names = mine.order_by("practice__name").values_list("practice_id", "practice__name")
    return tuple((int(pk), str(name)) for pk, name in names)


def _notice(membership: Membership, practice: Practice) -> str:
    call = f"Call {settings.PHARMACY_PHONE}."
    if practice.is_closed:
        return f"The account of {practice.name} is closed. {call}"
    own = getattr(membership, "prescriber_status", None)
    if own == AccountStatus.DEACTIVATED:
        return f"Your account as a prescriber is closed. {call}"
    if not practice.is_active:
        return (
            f"The account of {practice.name} is suspended: new orders are not taken. Orders that "
            f"were sent go on. {call}"
        )
    if own == AccountStatus.SUSPENDED:
        return (
            "Your account as a prescriber is suspended: new orders of yours are not taken. Orders "
            f"that were sent go on. {call}"
        )
    return ""
