"""The Celery app. Workers and beat end on a lost broker; whoever started them starts them again."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("scruple")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def show_life(**kwargs: object) -> None:
    """Beat at once, so that a new worker counts as there before beat's first tick."""
    from notifications.tasks import beat  # only once Django is set up

    beat.delay()
