"""Sending an application to the pharmacy, once, whole, in one transaction with its events."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from intake.models import Applicant, Application
from intake.services import agreeing, checks
from intake.services.drafts import TYPED, ensure_still_asked
from intake.services.moves import note, stale
from intake.status import FilledBy, Status

# Judges every answer once more, by the same forms that took them; words for each that fails.
Judge = Callable[[Application, Sequence[Applicant]], Sequence[str]]


class NotWhole(Exception):
    """Something is missing or no longer right; `problems` says what."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(problems))


@transaction.atomic
def submit(application: Application, *, version: int, judge: Judge) -> None:
    """Send a draft. Sent already: nothing happens, so that two clicks make one submission.

    Raises StaleApplication when the answers changed after the page that was confirmed, NotWhole
    when the judge finds something, Refused for who has left the practice meanwhile.
    """
    held = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if held.status != Status.DRAFT:
        return
    if held.version != version:
        raise stale(held)
    ensure_still_asked(held)
    applicants = list(held.applicants.prefetch_related("acceptances", "uploads"))
    if problems := judge(held, applicants):
        raise NotWhole(problems)
    repeat_for_search(applicants)
    _send(held)
    for applicant in applicants:
        applicant.application = held
        checks.plan(applicant)
        if held.filled_by != FilledBy.PRESCRIBER and agreeing.missing(applicant):
            agreeing.ask(applicant)


def _send(held: Application) -> None:
    answers = {key: value for key, value in held.answers.items() if key != TYPED}
    Application.objects.filter(pk=held.pk, status=Status.DRAFT, version=held.version).update(
        answers=answers,
        status=Status.SUBMITTED,
        status_at=Now(),
        submitted_at=Now(),
        version=F("version") + 1,
    )
    note(held, "application.submitted", by=None)
    note(held, "application.received", by=None)


def repeat_for_search(applicants: Sequence[Applicant]) -> None:
    """Copy NPI and e-mail out of the answers, and forget what was typed and never continued with."""
    for applicant in applicants:
        told = applicant.answers.get("credentials")
        told = told if isinstance(told, dict) else {}
        applicant.npi = str(told.get("npi", ""))[:10]
        applicant.email = str(told.get("email", ""))[:254]
        applicant.answers = {k: v for k, v in applicant.answers.items() if k != TYPED}
    Applicant.objects.bulk_update(applicants, ["npi", "email", "answers"])
