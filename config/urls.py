"""Where each address leads. Every name has a row in the table of tests/test_access.py."""

from __future__ import annotations

from allauth.account import views as sign_in
from django.contrib import admin
from django.urls import include, path

from config import errors, home

urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in/", sign_in.login, name="account_login"),
    path("sign-out/", sign_in.logout, name="account_logout"),
    path("admin/", admin.site.urls),
    path("account/", include("accounts.urls")),
    path("apply/", include("intake.urls.apply")),
    path("applications/", include("intake.urls.review")),
    path("register/", include("intake.urls.register")),
    path("practice/", include("intake.urls.practice")),
    path("questions/", include("intake.urls.questions")),
    path("queue/", include("orders.queue_urls")),
    path("formulary/", include("formulary.urls")),
    path("notifications/", include("notifications.urls")),
    path("", include("intake.urls.public")),
    path("", include("orders.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler429 = errors.too_many  # asked for by allauth
handler500 = errors.server_error
