"""Changing an application's state: compare, set and record in one transaction, or tell who was first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from events.services import record
from intake.models import Applicant, Application
from intake.status import Status


class StaleApplication(Exception):
    """The application is no longer what the page showed; the message says where it stands now."""

    def __init__(self, application: Application, words: str = "") -> None:
        self.application = application
        self.holder = application.holder.name if application.holder else ""
        super().__init__(words or self._words())

    @property
    def is_held(self) -> bool:
        until = self.application.held_until
        return until is not None and until > timezone.now()

    def _words(self) -> str:
        here = self.application
        if self.holder and not self.is_held:
            return f"The claim of {self.holder} on {here.reference} ran out; nobody holds it."
        if self.holder:
            return f"{here.reference} is held by {self.holder} now."
        return f"{here.reference} has moved on: {here.get_status_display()}."


class Refused(Exception):
    """It cannot be done as asked; the message names what is missing."""


def stale(application: Application) -> StaleApplication:
    """The error for a lost race, with the application as it stands in the database now."""
    return StaleApplication(Application.objects.select_related("holder").get(pk=application.pk))


def move(application: Application, to: Status, *, by: User | None, kind: str, **more: Any) -> None:
    """Set the new state if the application still stands where it was read, and write the event.

    Takes `where`, `data` (goes into the event) and changed columns. Raises StaleApplication for a
    lost race. Afterwards `application` is as the database has it.
    """
    with transaction.atomic():
        _move_within(application, to, by=by, kind=kind, **more)
    application.refresh_from_db()


def _move_within(
    application: Application,
    to: Status,
    *,
    by: User | None,
    kind: str,
    where: models.Q | None = None,
    data: Mapping[str, object] | None = None,
    **changes: object,
) -> None:
    here = Application.objects.filter(pk=application.pk, status=application.status)
    won = here.filter(where or models.Q()).update(
        status=to, status_at=Now(), version=F("version") + 1, **changes
    )
    if not won:
        raise stale(application)
    note(application, kind, by=by, data=data)


def note(
    application: Application,
    kind: str,
    *,
    by: User | None,
    data: Mapping[str, object] | None = None,
) -> None:
    """Write an event about the application."""
    record(
        kind,
        subject="application",
        subject_id=application.pk,
        reference=application.reference,
        by=by,
        data=data,
    )


def note_applicant(
    applicant: Applicant,
    kind: str,
    *,
    by: User | None,
    data: Mapping[str, object] | None = None,
) -> None:
    """Write an event about one prescriber of an application."""
    record(
        kind,
        subject="applicant",
        subject_id=applicant.pk,
        reference=applicant.application.reference,
        by=by,
        data=data,
    )
