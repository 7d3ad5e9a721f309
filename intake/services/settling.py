"""Settling what a monthly check of a prescriber on file left open, after a look at the source."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.models import Prescriber, User
from accounts.permissions import Right, ensure
from accounts.services.standing import concerns
from events.services import record
from formulary.models import Reason
from formulary.reference import ReasonKind
from intake.models import CredentialCheck, Settlement
from intake.services.look_ups import TOO_OLD, is_recent
from intake.status import SETTLEABLE


class CannotSettle(Exception):
    """Why this check is not settled, in words for the reviewer."""


def settle(
    check: CredentialCheck,
    *,
    by: User,
    primary_source: str,
    looked_up_on: date,
    reason: Reason,
    text: str,
) -> Settlement:
    """Store that the finding stands against the prescriber no longer.

    Raises CannotSettle for a pass, a hit (which ends in a suspension), an older check, a reason
    without its words, or a check that somebody settled meanwhile.
    """
    ensure(by, Right.REVIEW_APPLICATIONS)
    prescriber = _prescriber(check)
    if concerns(prescriber, by):
        raise PermissionDenied("Somebody else settles a check of your own account.")
    _ensure_open(check, prescriber)
    if not is_recent(looked_up_on):
        raise CannotSettle(TOO_OLD)
    if reason.kind != ReasonKind.SETTLEMENT or len(text) < reason.min_chars:
        raise CannotSettle("Choose a listed reason, in words where it asks for them.")
    try:
        with transaction.atomic():
            row = Settlement.objects.create(
                check_row=check,
                by=by,
                primary_source=primary_source,
                looked_up_on=looked_up_on,
                reason=reason,
                text=text,
            )
            _note(check, prescriber, by)
    except IntegrityError:
        raise CannotSettle("Somebody settled this check meanwhile.") from None
    return row


def _prescriber(check: CredentialCheck) -> Prescriber:
    if check.prescriber is None:
        raise CannotSettle("Checks of an application are settled in its review.")
    return check.prescriber


def _ensure_open(check: CredentialCheck, prescriber: Prescriber) -> None:
    if check.outcome not in SETTLEABLE:
        raise CannotSettle("Only what differs or could not be checked is settled.")
    newer = CredentialCheck.objects.filter(
        prescriber=prescriber, kind=check.kind, subject=check.subject, pk__gt=check.pk
    )
    if newer.exists():
        raise CannotSettle("This check was made again meanwhile: look at the newest.")


def _note(check: CredentialCheck, prescriber: Prescriber, by: User) -> None:
    record(
        "prescriber.check_settled",
        subject="prescriber",
        subject_id=prescriber.pk,
        reference="",
        by=by,
        data={"kind": check.kind},
    )
