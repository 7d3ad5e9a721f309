"""Work that nobody waits for."""

from __future__ import annotations

from celery import shared_task

from intake.services import checks


# One person takes up to 5 s of network, and the last is begun before 5 s are over.
@shared_task(name="intake.tasks.run_due_checks", time_limit=45)
def run_due_checks() -> None:
    checks.freshen_reviewed()
    checks.run_due()


@shared_task(name="intake.tasks.plan_monthly_checks")
def plan_monthly_checks() -> None:
    checks.plan_monthly()
