"""One's own account: first password, forgotten password, second factors, sessions."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
