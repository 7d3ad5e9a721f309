"""The WSGI entry point for gunicorn."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
if not settings.DATABASES:
    raise ImproperlyConfigured("DATABASE_URL must be set to serve pages.")
