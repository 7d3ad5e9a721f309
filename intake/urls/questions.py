"""Questions to the pharmacist: strangers', members' and the staff's pages."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "questions"
urlpatterns: list[URLPattern] = []
