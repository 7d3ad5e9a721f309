"""Work that nobody waits for."""

from __future__ import annotations

from celery import shared_task

from formulary.services import changes


@shared_task(name="formulary.tasks.apply_due_changes")
def apply_due_changes() -> None:
    changes.apply_due()
