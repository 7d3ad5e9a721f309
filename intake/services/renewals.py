"""The staff's decision on a licence that a practice gave, new or with a new date."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Licence, User
from accounts.permissions import Right, ensure
from events.services import record
from intake.models import LicenceRenewal
from intake.services.look_ups import TOO_OLD, is_recent


class StaleRenewal(Exception):
    """Somebody decided it meanwhile."""

    def __init__(self, renewal: LicenceRenewal) -> None:
        self.renewal = renewal
        renewal.refresh_from_db()
        by = renewal.decided_by.name if renewal.decided_by else "somebody else"
        word = "accepted" if renewal.accepted else "refused"
        super().__init__(f"{by} {word} this licence meanwhile, so what you sent was not stored.")


class CannotAccept(Exception):
    """Why the licence cannot be taken over, in words for the reviewer."""


@transaction.atomic
def accept(renewal: LicenceRenewal, *, by: User, primary_source: str, looked_up_on: date) -> None:
    """Put the licence on file as it was given, after a look at the board's own record.

    Raises CannotAccept for one that has ended or ends before what is on file, StaleRenewal.
    """
    ensure_may_decide(renewal, by)
    if renewal.expires_on < timezone.localdate():
        raise CannotAccept("This licence has expired: refuse it, and ask for one that holds.")
    if not is_recent(looked_up_on):
        raise CannotAccept(TOO_OLD)
    _decide(renewal, by=by, accepted=True, primary_source=primary_source, looked_up_on=looked_up_on)
    renewal.licence = _on_file(renewal)
    renewal.save(update_fields=["licence"])
    _note(renewal, "renewal.accepted", by)


@transaction.atomic
def refuse(renewal: LicenceRenewal, *, by: User, text: str) -> None:
    """Leave what is on file as it is; the practice reads why. Raises StaleRenewal."""
    ensure_may_decide(renewal, by)
    _decide(renewal, by=by, accepted=False, text=text)
    _note(renewal, "renewal.refused", by)


def may_decide(renewal: LicenceRenewal, user: User) -> bool:
    """Nobody decides what they gave themselves, nor about a licence of their own."""
    own = user.pk in (renewal.given_by_id, renewal.prescriber.user_id)
    return user.has_right(Right.REVIEW_APPLICATIONS) and not own


def ensure_may_decide(renewal: LicenceRenewal, by: User) -> None:
    ensure(by, Right.REVIEW_APPLICATIONS)
    if not may_decide(renewal, by):
        raise PermissionDenied("A licence is accepted by somebody other than who gave it.")


def _decide(renewal: LicenceRenewal, *, by: User, **how: object) -> None:
    open_one = LicenceRenewal.objects.waiting().filter(pk=renewal.pk)
    if not open_one.update(decided_by=by, decided_at=Now(), **how):
        raise StaleRenewal(renewal)
    renewal.refresh_from_db()


def _on_file(renewal: LicenceRenewal) -> Licence:
    """The licence of that number with its new date; a new number is a licence of its own."""
    known, is_new = Licence.objects.select_for_update().get_or_create(
        prescriber=renewal.prescriber,
        state=renewal.state,
        number=renewal.number,
        defaults={
            "kind": renewal.kind,
            "expires_on": renewal.expires_on,
            "authority": renewal.licence.authority if renewal.licence else renewal.authority,
        },
    )
    if known.expires_on > renewal.expires_on:
        raise CannotAccept("The licence on file runs longer than this one: refuse it.")
    if not is_new:
        known.kind, known.expires_on = renewal.kind, renewal.expires_on
        known.save(update_fields=["kind", "expires_on"])
    return known


def _note(renewal: LicenceRenewal, kind: str, by: User) -> None:
    record(kind, subject="renewal", subject_id=renewal.pk, reference="", by=by)
