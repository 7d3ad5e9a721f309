"""The Celery app. Workers and beat end on a lost broker; whoever started them starts them again."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery, Task
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class HouseTask(Task):  # type: ignore[type-arg]
    """Notes with each version of a tracked row which task wrote it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from events.history import acting  # only once Django is set up

        with acting(task=self.name):
            return super().__call__(*args, **kwargs)


app = Celery("scruple", task_cls=HouseTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def show_life(**kwargs: object) -> None:
    """Beat at once, so that a new worker counts as there before beat's first tick."""
    from notifications.tasks import beat  # only once Django is set up

    beat.delay()
