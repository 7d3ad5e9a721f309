"""The new-account form; opened by a private link, never by a sign-in."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "apply"
urlpatterns: list[URLPattern] = []
