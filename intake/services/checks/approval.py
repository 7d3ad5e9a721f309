"""What approval asks of the checks: an answer of the registry from today, and the rest made anew."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from intake.models import Applicant, CheckPlan
from intake.services.checks.person import of_applicant
from intake.services.checks.plans import plan
from intake.services.checks.recording import keep
from intake.services.checks.running import local_results
from intake.services.checks.standing import Standing, standing

FRESH = timedelta(hours=24)


class NotFresh(Exception):
    """The registry's answer is too old to approve on; the words say what happens next."""


def ensure_fresh(applicant: Applicant) -> None:
    """Raise NotFresh unless everything was asked within FRESH; then it is planned anew.

    Call it before the transaction of the approval: raised inside one, the plan would be undone
    (run_due_checks then finds it by itself while the application is under review).
    """
    planned = CheckPlan.objects.filter(applicant=applicant).first()
    if planned is None or planned.checked_at is None:
        if planned is None or planned.due_at is None:
            plan(applicant)
        raise NotFresh("The checks have not been made yet. They are being made: try in a minute.")
    if planned.checked_at < timezone.now() - FRESH:
        if planned.due_at is None or planned.due_at > timezone.now():
            plan(applicant)
        hours = int(FRESH.total_seconds() // 3600)
        raise NotFresh(
            f"The registry’s answer is more than {hours} hours old. It is being asked again: "
            "approve in a minute."
        )


def recheck_now(applicant: Applicant) -> Standing:
    """Make the checks that need no network again, in the caller's transaction; where it stands.

    The registry's answer is the one ensure_fresh asked for.
    """
    keep(applicant, local_results(of_applicant(applicant)))
    return standing(applicant)
