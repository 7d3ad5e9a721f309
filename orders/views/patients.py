"""The practice's patients: the list, one's page and history, a new one, changes."""

from __future__ import annotations

from secrets import token_urlsafe

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Right, requires
from formulary.services import load_formulary
from orders import patient_page
from orders.banner import banner
from orders.forms.patient_record import AnswersForm, ChangeForm, FindPatientForm, PersonForm
from orders.models import Patient
from orders.patient_list import Listing, listing
from orders.services import patients as records
from orders.views.conflicts import ensure_practice_shown, person
from orders.views.patient_conflicts import answers_stale, kept_patient, own_patient
from orders.views.shown import patient_rows

_SEARCHES = "patient_searches"
_KEPT = 10


# --- The list -----------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.VIEW_PRACTICE_ORDERS)
def patients(request: HttpRequest) -> HttpResponse:
    """What was searched for stays in the session: an address never holds a patient's name."""
    if request.method == "POST":
        form = FindPatientForm(request.POST)
        if form.is_valid():
            return _found(request, form.cleaned_data["words"])
    search = request.GET.get("search", "")
    words = request.session.get(_SEARCHES, {}).get(search, "")
    if request.method != "POST":
        form = FindPatientForm(initial={"words": words})
        # After a search the keys go on at the first one found.
        form.fields["words"].widget.attrs["autofocus"] = not words
    found = listing(person(request), words=words, page=request.GET.get("page", ""))
    may_keep = person(request).has_right(Right.PREPARE_ORDERS)
    context = {"listing": found, "form": form, "words": words, "may_keep": may_keep}
    return render(request, "patients/list.html", context | _pages(found, search if words else ""))


def _found(request: HttpRequest, words: str) -> HttpResponse:
    """Who alone fits the words is opened; of several, or of none, the list tells."""
    rows = listing(person(request), words=words, page="").rows if words else []
    if len(rows) == 1:
        return redirect("orders:patient", reference=rows[0].patient.reference)
    return redirect(_address(search=_remember(request, words)))


def _remember(request: HttpRequest, words: str) -> str:
    """A name for the search that tells nothing; the oldest of ten is forgotten."""
    if not words:
        return ""
    name = token_urlsafe(6)
    kept = list(request.session.get(_SEARCHES, {}).items())[1 - _KEPT :]
    request.session[_SEARCHES] = dict([*kept, (name, words)])
    return name


def _address(**query: str | int) -> str:
    return reverse("orders:patients", query={key: value for key, value in query.items() if value})


def _pages(found: Listing, search: str) -> dict[str, str]:
    before, after = found.page - 1, found.page + 1
    return {
        "newer_url": _address(search=search, page=before) if before else "",
        "older_url": _address(search=search, page=after) if after <= found.pages else "",
    }


# --- One patient ----------------------------------------------------------------------------------
@require_safe
@requires(Right.VIEW_PRACTICE_ORDERS)
def patient(request: HttpRequest, reference: str) -> HttpResponse:
    here = own_patient(request, reference)
    if here.merged_into:
        kept = here.merged_into.reference
        messages.info(request, f"{reference} was merged into this record.")
        return redirect("orders:patient", reference=kept)
    context = _about(here) | {
        "details": patient_rows(here),
        "known": patient_page.known(here),
        "orders": patient_page.orders_of(here, person(request), load_formulary()),
        "may_keep": person(request).has_right(Right.PREPARE_ORDERS),
        "twins": _twins(here),
        "merged": list(here.merged.order_by("pk").values_list("reference", flat=True)),
    }
    return render(request, "patients/page.html", context)


def _about(here: Patient) -> dict[str, object]:
    return {"here": here, "patient": banner(here)}


def _twins(here: Patient) -> list[Patient]:
    found = records.twins_of(records.person_of(here), here.practice)
    return [twin for twin in found if twin.pk != here.pk]


@require_safe
@requires(Right.VIEW_PRACTICE_ORDERS)
@answers_stale
def history(request: HttpRequest, reference: str) -> HttpResponse:
    here = own_patient(request, reference)
    context = _about(here) | {"entries": patient_page.history(here)}
    return render(request, "patients/history.html", context)


# --- Keeping records ------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.PREPARE_ORDERS)
@answers_stale
def new(request: HttpRequest) -> HttpResponse:
    twins: list[Patient] = []
    form = PersonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        ensure_practice_shown(request)
    if form.is_valid():
        try:
            made = records.create(
                form.person(), by=person(request), anyway=form.cleaned_data["anyway"]
            )
        except records.KnownPerson as known:
            twins = known.twins
            form.add_error(
                "anyway", "Open the record on file, or tick that this is another person."
            )
        else:
            messages.success(request, "The record is made.")
            return redirect("orders:patient", reference=made.reference)
    return render(request, "patients/new.html", {"form": form, "twins": twins})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.PREPARE_ORDERS)
@answers_stale
def change(request: HttpRequest, reference: str) -> HttpResponse:
    here = kept_patient(request, reference)
    data = request.POST if request.method == "POST" else None
    form = ChangeForm(data, initial=ChangeForm.initial_of(here))
    if form.is_valid():
        version = int(form.cleaned_data["version"])
        records.change(here, form.person(), by=person(request), version=version)
        return redirect("orders:patient", reference=reference)
    if "version" in form.errors:
        raise records.stale(here)
    return render(request, "patients/change.html", _about(here) | {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.PREPARE_ORDERS)
@answers_stale
def answers(request: HttpRequest, reference: str) -> HttpResponse:
    here = kept_patient(request, reference)
    data = request.POST if request.method == "POST" else None
    first = AnswersForm.initial_from(here)
    form = AnswersForm(data, by=person(request), patient=here, initial=first)
    if form.is_valid():
        version = int(form.cleaned_data["version"])
        records.record_answers(here, form.answers(), by=person(request), version=version)
        return redirect("orders:patient", reference=reference)
    if "version" in form.errors:
        raise records.stale(here)
    return render(request, "patients/answers.html", _about(here) | {"form": form})
