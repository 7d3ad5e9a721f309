"""What an applicant sends after a reviewer asked for something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from accounts import links
from accounts.status import LinkPurpose
from intake.models import Applicant, Application, InfoRequest
from intake.services import agreeing, checks
from intake.services.drafts import TYPED, ensure_still_asked
from intake.services.moves import note, stale
from intake.services.submitting import NotWhole, repeat_for_search
from intake.status import Decision, Status

Judge = Callable[[Application, Sequence[Applicant]], Sequence[str]]


def open_request(application: Application) -> InfoRequest | None:
    """What the pharmacy waits for, with its items; None when it waits for nothing."""
    if application.status != Status.INFO_REQUESTED:
        return None
    waiting = application.info_requests.filter(answered_at=None)
    return waiting.prefetch_related("items__reason", "items__applicant").first()


@transaction.atomic
def give(application: Application, *, version: int, text: str, judge: Judge) -> None:
    """Send corrections and an answer back to who asked; the clock goes on where it rested.

    Sent already: nothing happens. Raises StaleApplication when the answers changed after the page
    that was confirmed, NotWhole when the judge finds something.
    """
    held = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    request = open_request(held)
    if request is None:
        return
    if held.version != version or held.paused_at is None:
        raise stale(held)
    ensure_still_asked(held)
    applicants = list(held.applicants.prefetch_related("acceptances", "uploads"))
    if problems := judge(held, applicants):
        raise NotWhole(problems)
    InfoRequest.objects.filter(pk=request.pk).update(answered_at=Now(), answer=text)
    before = {one.pk: (one.email, bool(one.acceptances.all())) for one in applicants}
    repeat_for_search(applicants)
    _send_back(held, request, held.paused_at)
    for applicant in applicants:
        applicant.application = held
        checks.plan(applicant)
        address, had_agreed = before[applicant.pk]
        if applicant.email != address or had_agreed:
            _ask_anew(applicant)


def _ask_anew(applicant: Applicant) -> None:
    """Under a corrected address or name the prescriber is asked; an older link accepts nothing."""
    links.take_back(LinkPurpose.ACCEPT, applicant.pk)
    if applicant.decision == Decision.PENDING and agreeing.missing(applicant):
        agreeing.ask(applicant)


def _send_back(held: Application, request: InfoRequest, paused_at: datetime) -> None:
    now = timezone.now()
    Application.objects.filter(pk=held.pk, version=held.version).update(
        answers={key: value for key, value in held.answers.items() if key != TYPED},
        status=Status.SUBMITTED,
        status_at=Now(),
        version=F("version") + 1,
        paused_at=None,
        waited=held.waited + (now - paused_at),
        reserved_for=request.asked_by,
        reserved_until=next_business_day(now),
    )
    note(held, "application.info_given", by=None, data={"asked_by": request.asked_by_id})


def next_business_day(moment: datetime) -> datetime:
    """The same hour of the pharmacy's clock on its next day of work, Monday to Friday."""
    here = moment.astimezone(ZoneInfo(settings.PHARMACY_TIME_ZONE)) + timedelta(days=1)
    while here.weekday() > 4:
        here += timedelta(days=1)
    return here
