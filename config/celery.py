"""The Celery app. Workers and beat end on a lost broker; whoever started them starts them again."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("scruple")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
