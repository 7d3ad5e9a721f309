"""Settings, routing, the Celery app and the embedded stack."""
