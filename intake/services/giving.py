"""A practice gives a licence: a new one, or one on file with its new last day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Licence, Prescriber, User
from accounts.permissions import Right, ensure
from events.services import record
from intake.models import LicenceRenewal
from intake.papers.inspection import Paper
from intake.services import papers
from intake.status import UploadKind


class CannotGive(Exception):
    """Why the licence is not taken, in words for the practice."""


@transaction.atomic
def give_renewal(
    licence: Licence, *, expires_on: date, paper: Paper | None, by: User
) -> LicenceRenewal:
    """The same licence with a later last day; it counts once the pharmacy has looked it up.

    Raises CannotGive while another one waits, or for a day that is no later; PaperRefused.
    """
    _lock(licence.prescriber, by)
    if expires_on <= licence.expires_on:
        raise CannotGive("This is no later than the day on file: enter the renewed last day.")
    if LicenceRenewal.objects.waiting().filter(licence=licence).exists():
        raise CannotGive("A renewal of this licence is with the pharmacy already.")
    same = {name: getattr(licence, name) for name in ("state", "kind", "number", "authority")}
    return _give(licence.prescriber, {**same, "licence": licence}, expires_on, paper, by)


@transaction.atomic
def give_licence(
    prescriber: Prescriber,
    *,
    state: str,
    kind: str,
    number: str,
    expires_on: date,
    authority: str = "",
    paper: Paper | None,
    by: User,
) -> LicenceRenewal:
    """A licence that is not on file yet. Raises CannotGive for one that is, or that waits."""
    _lock(prescriber, by)
    if prescriber.licences.filter(state=state, number__iexact=number).exists():
        raise CannotGive("This licence is on file already: send its renewal instead.")
    given = prescriber.renewals.filter(accepted=None, state=state, number__iexact=number)
    if given.exists():
        raise CannotGive("This licence is with the pharmacy already.")
    what = {"state": state, "kind": kind, "number": number, "authority": authority}
    return _give(prescriber, what, expires_on, paper, by)


def _lock(prescriber: Prescriber, by: User) -> None:
    """One at a time for each prescriber; PermissionDenied for one of another practice."""
    ensure(by, Right.MANAGE_PRACTICE)
    if not prescriber.practises_at(by.practice):
        raise PermissionDenied("This prescriber belongs to another practice.")
    Prescriber.objects.select_for_update(no_key=True).get(pk=prescriber.pk)


def _give(
    prescriber: Prescriber,
    what: Mapping[str, object],
    expires_on: date,
    paper: Paper | None,
    by: User,
) -> LicenceRenewal:
    kept = None
    if paper is not None:
        kept = papers.store(paper, kind=UploadKind.LICENCE, prescriber=prescriber, by=by)
    made = LicenceRenewal.objects.create(
        prescriber=prescriber, expires_on=expires_on, upload=kept, given_by=by, **what
    )
    record("renewal.given", subject="renewal", subject_id=made.pk, reference="", by=by)
    return made
