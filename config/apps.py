"""Django's admin, opened to administrators only."""

from django.contrib.admin.apps import AdminConfig as StockAdminConfig


class AdminConfig(StockAdminConfig):
    default_site = "config.admin.ScrupleAdminSite"
