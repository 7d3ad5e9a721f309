"""Django's admin, opened to administrators only; and the Celery app, made known to every process."""

from django.contrib.admin.apps import AdminConfig as StockAdminConfig


class AdminConfig(StockAdminConfig):
    default_site = "config.admin.ScrupleAdminSite"

    def ready(self) -> None:
        """Without it a process that publishes a task would speak to Celery's default broker."""
        import config.celery  # noqa: F401

        super().ready()
