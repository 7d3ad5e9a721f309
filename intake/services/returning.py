"""The private way back to an application."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import PrivateLink
from intake.models import Applicant, Application
from intake.services import agreeing
from intake.services.moves import note
from intake.status import DONE, Decision, Status

# A decided application can be looked at so long after its decision.
SHOWN = timedelta(days=90)
_AT_MOST = 10


def of_link(link: PrivateLink) -> Application | None:
    """The application that a private link opens; None when the draft was deleted."""
    return Application.objects.filter(pk=link.subject_id).first()


def applicant_of_link(link: PrivateLink) -> Applicant | None:
    """The prescriber a link asks to accept; None once nothing is to be accepted any more."""
    found = Applicant.objects.select_related("application").prefetch_related("acceptances")
    applicant = found.filter(pk=link.subject_id, decision=Decision.PENDING).first()
    if applicant is None or applicant.application.status in (Status.DRAFT, *DONE):
        return None
    return applicant if agreeing.missing(applicant) else None


@transaction.atomic
def ask_for_links(email: str) -> None:
    """Send a link to each application started with this address; an unknown one gets nothing."""
    since = timezone.now() - SHOWN
    known = Application.objects.returnable(email, since=since).order_by("-pk")
    for application in known[:_AT_MOST]:
        note(application, "application.return_asked", by=None)
