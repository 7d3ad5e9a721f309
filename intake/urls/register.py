"""The staff's register of practices and prescribers."""

from __future__ import annotations

from django.urls import path

from intake.views import register, renewals, settling, standing

app_name = "register"
urlpatterns = [
    path("", register.accounts, name="list"),
    path("prescribers/<int:pk>/", register.prescriber, name="prescriber"),
    path("prescribers/<int:pk>/suspend/", standing.suspend_prescriber, name="suspend_prescriber"),
    path(
        "prescribers/<int:pk>/reinstate/",
        standing.reinstate_prescriber,
        name="reinstate_prescriber",
    ),
    path(
        "prescribers/<int:pk>/deactivate/",
        standing.deactivate_prescriber,
        name="deactivate_prescriber",
    ),
    path("practices/<int:pk>/", register.practice, name="practice"),
    path("practices/<int:pk>/suspend/", standing.suspend_practice, name="suspend_practice"),
    path("practices/<int:pk>/reinstate/", standing.reinstate_practice, name="reinstate_practice"),
    path(
        "practices/<int:pk>/deactivate/", standing.deactivate_practice, name="deactivate_practice"
    ),
    path("checks/<int:pk>/settle/", settling.settle, name="settle"),
    path("renewals/", renewals.waiting, name="renewals"),
    path("renewals/<int:pk>/", renewals.renewal, name="renewal"),
    path("renewals/<int:pk>/accept/", renewals.accept, name="accept"),
    path("renewals/<int:pk>/refuse/", renewals.refuse, name="refuse"),
]
