"""What strangers read."""

from __future__ import annotations

from django.urls import path

from intake.views import public

app_name = "public"
urlpatterns = [
    path("conditions/", public.conditions, name="conditions"),
    path("conditions/<slug:slug>/", public.condition, name="condition"),
]
