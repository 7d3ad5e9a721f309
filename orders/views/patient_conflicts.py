"""A record or an import that moved on while its page was open: 409, with the way back."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from orders.models import Patient
from orders.services.patient_imports import StaleImport
from orders.services.patients import StalePatient
from orders.views.conflicts import OtherPractice, person

_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def own_patient(request: HttpRequest, reference: str) -> Patient:
    """The practice's record, also one that was merged into another; 404 for everybody else's."""
    mine = Patient.objects.visible_to(person(request)).select_related("practice", "merged_into")
    found: Patient = get_object_or_404(mine, reference=reference)
    return found


def kept_patient(request: HttpRequest, reference: str) -> Patient:
    """The same for a change: StalePatient for a record that was merged into another."""
    patient = own_patient(request, reference)
    if patient.merged_into_id:
        raise StalePatient(patient)
    return patient


def answers_stale(view: _View[_P]) -> _View[_P]:
    """409 with a link to the record or the import as it stands now."""

    @wraps(view)
    def answered(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except StalePatient as stale:
            kept = stale.patient.merged_into or stale.patient
            return _conflict(request, str(stale), reverse("orders:patient", args=[kept.reference]))
        except StaleImport as stale:
            link = reverse("orders:patient_import", args=[stale.batch.reference])
            return _conflict(request, str(stale), link)
        except OtherPractice as other:
            context = {"title": "You work for another practice now", "message": str(other)}
            return render(request, "409.html", context, status=409)

    return cast("_View[_P]", answered)


def _conflict(request: HttpRequest, message: str, link: str) -> HttpResponse:
    name = link.rstrip("/").rsplit("/", 1)[-1]
    context = {"message": message, "link": link, "link_text": f"Open {name}"}
    return render(request, "409.html", context, status=409)
