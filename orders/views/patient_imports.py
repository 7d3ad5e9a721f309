"""A list of patients: sending it, its progress, the last look over it, the result."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Right, requires
from orders import patient_files
from orders.forms.patient_import import LookOverForm, SendListForm
from orders.import_page import looked_over, progress
from orders.models import PatientImport
from orders.services import patient_imports as imports
from orders.status import ImportState
from orders.views.conflicts import ensure_practice_shown, person
from orders.views.patient_conflicts import answers_stale


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.PREPARE_ORDERS)
@answers_stale
def send(request: HttpRequest) -> HttpResponse:
    sent = request.method == "POST"
    form = SendListForm(request.POST, request.FILES) if sent else SendListForm()
    if sent:
        ensure_practice_shown(request)
    if form.is_valid():
        of = form.cleaned_data
        try:
            batch = imports.keep(of["file"], encoding=of["encoding"], by=person(request))
        except imports.TooMany as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("orders:patient_import", batch.reference)
    mine = PatientImport.objects.visible_to(person(request)).light().order_by("-pk")[:10]
    labels = [label for name, label in patient_files.LABELS.items()]
    context = {"form": form, "earlier": mine, "labels": labels}
    return render(request, "patients/import_send.html", context)


@require_safe
@requires(Right.PREPARE_ORDERS)
def sample(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(patient_files.sample(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="patients-sample.csv"'
    return answer


@require_safe
@requires(Right.PREPARE_ORDERS)
def batch(request: HttpRequest, reference: str) -> HttpResponse:
    """The page of one import, whatever it is at."""
    here = _own(request, reference)
    return _show(request, here, LookOverForm(initial={"version": here.version}))


@require_safe
@requires(Right.PREPARE_ORDERS)
def poll(request: HttpRequest, reference: str) -> HttpResponse:
    """The progress alone; the whole page once the work is done."""
    here = _own(request, reference)
    if here.state not in (ImportState.READING, ImportState.IMPORTING):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = reverse("orders:patient_import", args=[reference])
        return answer
    return render(request, "patients/_progress.html", {"progress": progress(here)})


@require_POST
@requires(Right.PREPARE_ORDERS)
@answers_stale
def choose(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep the ticks of this page of doubles."""
    here, form = _looked(request, reference)
    imports.choose(here, by=person(request), **_sent(form))
    return redirect(reverse("orders:patient_import", args=[reference], query={"show": "doubles"}))


@require_POST
@requires(Right.PREPARE_ORDERS)
@answers_stale
def start(request: HttpRequest, reference: str) -> HttpResponse:
    here, form = _looked(request, reference)
    imports.start(here, by=person(request), **_sent(form))
    return redirect("orders:patient_import", reference)


@require_POST
@requires(Right.PREPARE_ORDERS)
@answers_stale
def drop(request: HttpRequest, reference: str) -> HttpResponse:
    here, form = _looked(request, reference)
    imports.drop(here, by=person(request), version=int(form.cleaned_data["version"]))
    return redirect("orders:patient_import", reference)


def _looked(request: HttpRequest, reference: str) -> tuple[PatientImport, LookOverForm]:
    """Raise StaleImport for anything that this page could not have sent."""
    here = _own(request, reference)
    form = LookOverForm(request.POST)
    if not form.is_valid():
        raise imports.StaleImport(here)
    return here, form


def _sent(form: LookOverForm) -> dict[str, Any]:
    of = form.cleaned_data
    return {"shown": form.lines_shown, "anyway": of["anyway"], "version": int(of["version"])}


def _own(request: HttpRequest, reference: str) -> PatientImport:
    mine = PatientImport.objects.visible_to(person(request)).light().select_related("by")
    found: PatientImport = get_object_or_404(mine, reference=reference)
    return found


def _show(request: HttpRequest, here: PatientImport, form: LookOverForm) -> HttpResponse:
    context: dict[str, object] = {"batch": here, "form": form}
    if here.state == ImportState.CHECKED:
        asked = request.GET.get("page", "")
        number = int(asked) if re.fullmatch(r"[1-9][0-9]?", asked, re.ASCII) else 1
        context["looked"] = looked_over(here, show=request.GET.get("show", ""), page=number)
        return render(request, "patients/import_look.html", context)
    if here.state in (ImportState.READING, ImportState.IMPORTING):
        return render(request, "patients/import_wait.html", context | {"progress": progress(here)})
    return render(request, "patients/import_end.html", context)
