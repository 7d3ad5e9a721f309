"""What beat calls is there to be called."""

from __future__ import annotations

from django.conf import settings

from config.celery import app


def test_every_entry_of_the_schedule_names_a_task() -> None:
    app.loader.import_default_modules()
    named = {str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert named <= set(app.tasks)
    assert "intake.tasks.plan_monthly_checks" in named
