"""The admin site: for administrators, entered through the house's own sign-in page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator

from accounts.permissions import Right, ensure

_View = TypeVar("_View", bound=Callable[..., HttpResponseBase])


class ScrupleAdminSite(AdminSite):
    site_header = site_title = "Scruple administration"
    index_title = "Records"

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return user.is_authenticated and user.is_active and user.has_right(Right.USE_ADMIN_SITE)

    def admin_view(self, view: _View, cacheable: bool = False) -> _View:
        """Strangers go to the house's sign-in page, people without the right get a 403."""
        guarded = super().admin_view(view, cacheable)

        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            ensure(request.user, Right.USE_ADMIN_SITE)
            return guarded(request, *args, **kwargs)

        return cast(_View, inner)

    def password_change(  # type: ignore[override]  # a redirect answers as well
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """There is one page for it, which ends the other sessions."""
        return redirect("account_password")

    @method_decorator(login_not_required)
    def login(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """There is one sign-in page, which counts failed tries."""
        return redirect(f"{reverse('account_login')}?{request.GET.urlencode()}")
