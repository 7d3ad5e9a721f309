"""What the staff do to an account that is open: suspend it, reinstate it, close it for good.

A suspended prescriber or practice keeps its records and its open orders; new ones are refused.
Rights are read on each request and when a task runs, so that every one of these acts at once.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import Practice, Prescriber, StandingReason, User
from accounts.permissions import Right, ensure
from accounts.status import ACCOUNT_MOVES, AccountStatus
from events.services import record

Account = Practice | Prescriber

_KINDS = {
    AccountStatus.APPROVED: "reinstated",
    AccountStatus.SUSPENDED: "suspended",
    AccountStatus.DEACTIVATED: "deactivated",
}


class StaleStanding(Exception):
    """Somebody was faster: the account no longer stands where the page showed it."""

    def __init__(self, account: Account) -> None:
        self.account = account
        account.refresh_from_db(fields=["status", "status_reason"])
        now = AccountStatus(account.status).label.lower()
        super().__init__(f"This account is {now} now, so what you sent was not stored.")


def suspend(account: Account, *, by: User, reason: str) -> None:
    """Refuse new orders from now on; records stay readable. Raises StaleStanding."""
    _move(account, AccountStatus.APPROVED, AccountStatus.SUSPENDED, by=by, reason=reason)


def reinstate(account: Account, *, by: User, reason: str) -> None:
    """Take orders from a suspended account again. Raises StaleStanding."""
    _move(account, AccountStatus.SUSPENDED, AccountStatus.APPROVED, by=by, reason=reason)


def deactivate(account: Account, *, by: User, reason: str) -> None:
    """Close a suspended account for good; who returns applies anew. Raises StaleStanding."""
    _move(account, AccountStatus.SUSPENDED, AccountStatus.DEACTIVATED, by=by, reason=reason)


@transaction.atomic
def reopen(prescriber: Prescriber, *, by: User) -> None:
    """Take back a deactivated prescriber whose new application is approved.

    The practices of before are left: only the one that applied is joined. Raises StaleStanding.
    """
    ensure_may_decide(prescriber, by)
    here = Prescriber.objects.filter(pk=prescriber.pk, status=AccountStatus.DEACTIVATED)
    if not here.update(status=AccountStatus.APPROVED, status_reason=""):
        raise StaleStanding(prescriber)
    # A place on the pharmacy's staff is no practice: whoever has one cannot join another.
    before = prescriber.user.memberships.open().exclude(practice=None)
    before.update(ended_at=timezone.now())
    _note(prescriber, AccountStatus.APPROVED, by=by, reason="Applied anew, and was approved.")


def ensure_may_decide(account: Account, by: User) -> None:
    """Raise PermissionDenied for who may not review accounts, and for who is concerned."""
    ensure(by, Right.REVIEW_APPLICATIONS)
    if concerns(account, by):
        raise PermissionDenied("Somebody else decides about an account of your own.")


def concerns(account: Account, user: User) -> bool:
    """Whether the account is the user's own, or a practice that they work for."""
    if isinstance(account, Prescriber):
        return account.user_id == user.pk
    return account.memberships.open().filter(user=user).exists()


@transaction.atomic
def _move(
    account: Account, here: AccountStatus, there: AccountStatus, *, by: User, reason: str
) -> None:
    ensure_may_decide(account, by)
    if (here, there) not in ACCOUNT_MOVES:
        raise ValueError(f"no account goes from {here} to {there}")
    kept = "" if there == AccountStatus.APPROVED else reason
    now = type(account).objects.filter(pk=account.pk, status=here)
    if not now.update(status=there, status_reason=kept):
        raise StaleStanding(account)
    _note(account, there, by=by, reason=reason)
    account.status_reason = kept


def _note(account: Account, now: AccountStatus, *, by: User, reason: str) -> None:
    subject = "prescriber" if isinstance(account, Prescriber) else "practice"
    event = record(
        f"{subject}.{_KINDS[now]}", subject=subject, subject_id=account.pk, reference="", by=by
    )
    StandingReason.objects.create(event=event, text=reason)
    account.status = now
