"""Work that nobody waits for."""

from __future__ import annotations

from celery import shared_task

from intake.services import checks, claims, drafts, licences, questions, scanning, sweeping


# One person takes up to 5 s of network, and the last is begun before 5 s are over.
@shared_task(name="intake.tasks.run_due_checks", time_limit=45)
def run_due_checks() -> None:
    checks.freshen_reviewed()
    checks.run_due()


@shared_task(name="intake.tasks.plan_monthly_checks")
def plan_monthly_checks() -> None:
    checks.plan_monthly()


# Runs each hour, so that a day's news is late by an hour at most; each threshold is told of once.
@shared_task(name="intake.tasks.tell_of_licences")
def tell_of_licences() -> None:
    licences.tell_of_licences()


@shared_task(name="intake.tasks.release_lapsed_questions")
def release_lapsed_questions() -> None:
    questions.release_lapsed()


@shared_task(name="intake.tasks.release_lapsed_applications")
def release_lapsed_applications() -> None:
    claims.release_lapsed_applications()


@shared_task(name="intake.tasks.discard_abandoned_drafts")
def discard_abandoned_drafts() -> None:
    drafts.discard_abandoned()


# Begins no scan after 10 s, and each takes 35 s at most.
@shared_task(name="intake.tasks.scan_papers", time_limit=60)
def scan_papers() -> None:
    scanning.scan_due()


@shared_task(name="intake.tasks.sweep_papers", time_limit=600)
def sweep_papers() -> None:
    sweeping.sweep()
