"""Storing what checks found: a row when it is new, an event when somebody must hear of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from accounts.models import Prescriber
from events.services import record as record_event
from intake.models import Applicant, CredentialCheck
from intake.services.checks.result import Result
from intake.services.checks.running import Key
from intake.status import CheckKind, Outcome

_TOLD = (Outcome.HIT, Outcome.POSSIBLE, Outcome.MISMATCH)


def newest_rows(owner: Applicant | Prescriber) -> dict[Key, CredentialCheck]:
    """The newest row of each kind and subject."""
    rows = owner.checks.newest()
    return {(row.kind, row.subject): row for row in rows}


def keep(owner: Applicant | Prescriber, results: Iterable[Result]) -> list[CredentialCheck]:
    """Store what was not known already, in the caller's transaction; returns the new rows."""
    known, run = newest_rows(owner), uuid.uuid4()
    fresh = [r for r in results if not r.says_the_same_as(known.get((r.kind, r.subject)))]
    whose = {"applicant": owner} if isinstance(owner, Applicant) else {"prescriber": owner}
    rows = CredentialCheck.objects.bulk_create(
        CredentialCheck(**whose, run=run, **result.as_fields()) for result in fresh
    )
    if rows:
        _tell(owner, rows)
    return rows


def _tell(owner: Applicant | Prescriber, rows: list[CredentialCheck]) -> None:
    if isinstance(owner, Applicant):
        record_event(
            "applicant.checked",
            subject="applicant",
            subject_id=owner.pk,
            reference=owner.application.reference,
            by=None,
        )
        return
    for row in rows:
        if row.outcome in _TOLD and not _is_old_news(row):
            _tell_of_finding(owner, row)


def _tell_of_finding(prescriber: Prescriber, row: CredentialCheck) -> None:
    record_event(
        "prescriber.check_found",
        subject="prescriber",
        subject_id=prescriber.pk,
        reference="",
        by=None,
        data={"kind": CheckKind(row.kind).value, "outcome": Outcome(row.outcome).value},
    )


def _is_old_news(row: CredentialCheck) -> bool:
    """Whether the same was found before, and nothing else since but silence; or was settled when
    the person applied."""
    same = CredentialCheck.objects.of_same_finding(row)
    before = (
        CredentialCheck.objects.filter(
            prescriber=row.prescriber, kind=row.kind, subject=row.subject, pk__lt=row.pk
        )
        .exclude(outcome=Outcome.UNCHECKED)
        .order_by("-pk")
        .first()
    )
    if before is not None and same.filter(pk=before.pk).exists():
        return True
    settled = same.filter(applicant__prescriber=row.prescriber, settlement__isnull=False)
    return settled.exists()
