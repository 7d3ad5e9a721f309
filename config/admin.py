"""The admin site: for administrators, entered through the house's own sign-in page."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse

from accounts.permissions import Right


class ScrupleAdminSite(AdminSite):
    site_header = site_title = "Scruple administration"
    index_title = "Records"

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return user.is_authenticated and user.is_active and user.has_right(Right.USE_ADMIN_SITE)

    def login(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Strangers go to the rate-limited sign-in page; others without the right get a 403."""
        return secure_admin_login(super().login)(request, extra_context)
