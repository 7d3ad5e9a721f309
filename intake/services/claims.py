"""Who holds an application for review: one reviewer at a time, for 30 idle minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import User
from accounts.permissions import Right, ensure
from formulary.models import Reason
from intake.models import Application
from intake.services.moves import move, note, stale
from intake.status import Status

CLAIM_LASTS = timedelta(minutes=30)
_UNHELD: dict[str, Any] = {"holder": None, "held_until": None}


def holds(by: User) -> Q:
    """The condition under which `by` still holds an application in review."""
    return Q(status=Status.UNDER_REVIEW, holder=by, held_until__gt=Now())


@transaction.atomic
def claim(application: Application, *, by: User) -> None:
    """Take it for review; taking what one holds already prolongs it. Raises StaleApplication."""
    ensure(by, Right.REVIEW_APPLICATIONS)
    before = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if Application.objects.filter(holds(by), pk=application.pk).exists():
        keep(application, by=by)
        return
    won = (
        Application.objects.free_for(by)
        .filter(pk=application.pk)
        .update(
            status=Status.UNDER_REVIEW,
            status_at=Now(),
            version=F("version") + 1,
            holder=by,
            held_until=Now() + CLAIM_LASTS,
            reserved_for=None,
            reserved_until=None,
        )
    )
    if not won:
        raise stale(application)
    if before.holder_id:
        note(application, "application.claim_lapsed", by=None)
    note(application, "application.claimed", by=by)
    application.refresh_from_db()


@transaction.atomic
def claim_next(*, by: User) -> Application | None:
    """Claim the oldest application that is free for `by`, or None when there is none."""
    ensure(by, Right.REVIEW_APPLICATIONS)
    application = (
        Application.objects.free_for(by)
        .oldest_first()
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if application is not None:
        claim(application, by=by)
    return application


def keep(application: Application, *, by: User) -> None:
    """Prolong one's own claim, as work does. Raises StaleApplication once it was lost."""
    held = Application.objects.filter(holds(by), pk=application.pk)
    if not held.update(held_until=Now() + CLAIM_LASTS):
        raise stale(application)


def lock_held(application: Application, *, by: User, version: int | None = None) -> Application:
    """The application as it stands, locked until the transaction ends, and its claim prolonged.

    `version` is what the page showed. Raises PermissionDenied, or StaleApplication when `by` does
    not hold it now or it has moved since.
    """
    ensure(by, Right.REVIEW_APPLICATIONS)
    locked = Application.objects.select_for_update(of=("self",))
    here = locked.filter(holds(by), pk=application.pk).first()
    if here is None or (version is not None and here.version != version):
        raise stale(application)
    keep(here, by=by)
    return here


def give_back(application: Application, *, by: User, reason: Reason) -> None:
    """Return one's own application to the queue, with its age."""
    ensure(by, Right.REVIEW_APPLICATIONS)
    _return(application, by, "application.given_back", reason, holder=by.pk)


def release(application: Application, *, by: User, reason: Reason) -> None:
    """Take an application from whoever holds it, by an administrator."""
    ensure(by, Right.RELEASE_CLAIMS)
    _return(application, by, "application.claim_released", reason, holder=application.holder_id)


def _return(
    application: Application, by: User, kind: str, reason: Reason, *, holder: int | None
) -> None:
    if application.status != Status.UNDER_REVIEW:
        raise stale(application)
    data = {"reason": reason.code}
    where = Q(holder=holder)
    move(application, Status.SUBMITTED, by=by, kind=kind, where=where, data=data, **_UNHELD)


def release_lapsed_applications() -> int:
    """Return every application whose claim ran out to the queue; returns how many."""
    released = 0
    lapsed = Application.objects.lapsed().order_by("held_until")
    for pk in lapsed.values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            # Whoever works on the row right now decides about it; the next minute looks again.
            rows = Application.objects.lapsed().filter(pk=pk)
            application = rows.select_for_update(skip_locked=True).first()
            if application is None:
                continue
            Application.objects.filter(pk=pk).update(
                status=Status.SUBMITTED, status_at=Now(), version=F("version") + 1, **_UNHELD
            )
            note(application, "application.claim_lapsed", by=None)
            released += 1
    return released
