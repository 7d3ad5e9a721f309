"""Licences that practices gave: the staff's list, and the decision on each."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Right, requires
from intake import register
from intake.forms.register import LookUpForm, RefuseForm
from intake.models import LicenceRenewal
from intake.services import renewals
from intake.services.renewals import CannotAccept, StaleRenewal
from intake.views.register import person, tabs


@require_safe
@requires(Right.REVIEW_APPLICATIONS)
def waiting(request: HttpRequest) -> HttpResponse:
    context = {"rows": register.renewals(person(request)), "tabs": tabs(request)}
    return render(request, "register/renewals.html", context)


@require_safe
@requires(Right.REVIEW_APPLICATIONS)
def renewal(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _renewal(request, pk), LookUpForm(), RefuseForm())


@require_POST
@requires(Right.REVIEW_APPLICATIONS)
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    row = _renewal(request, pk)
    renewals.ensure_may_decide(row, person(request))
    form = LookUpForm(request.POST)
    if not form.is_valid():
        return _show(request, row, form, RefuseForm())
    try:
        renewals.accept(row, by=person(request), **form.cleaned_data)
    except CannotAccept as cannot:
        form.add_error(None, str(cannot))
        return _show(request, row, form, RefuseForm())
    except StaleRenewal as stale:
        return _stale(request, stale)
    messages.success(request, f"{row} is on file until the date given.")
    return redirect("register:prescriber", pk=row.prescriber_id)


@require_POST
@requires(Right.REVIEW_APPLICATIONS)
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    row = _renewal(request, pk)
    renewals.ensure_may_decide(row, person(request))
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _show(request, row, LookUpForm(), form)
    try:
        renewals.refuse(row, by=person(request), text=form.cleaned_data["text"])
    except StaleRenewal as stale:
        return _stale(request, stale)
    messages.success(request, f"{row} is refused; the practice is told why.")
    return redirect("register:renewals")


def _renewal(request: HttpRequest, pk: int) -> LicenceRenewal:
    mine = LicenceRenewal.objects.reviewable_by(person(request))
    rows = mine.select_related("prescriber", "given_by", "decided_by", "licence", "upload")
    found: LicenceRenewal = get_object_or_404(rows, pk=pk)
    return found


def _show(
    request: HttpRequest, row: LicenceRenewal, look_up: LookUpForm, refusal: RefuseForm
) -> HttpResponse:
    context = {
        "renewal": row,
        "facts": register.renewal_facts(row),
        "may_decide": row.accepted is None and renewals.may_decide(row, person(request)),
        "look_up": look_up,
        "refusal": refusal,
    }
    return render(request, "register/renewal.html", context)


def _stale(request: HttpRequest, stale: StaleRenewal) -> HttpResponse:
    context = {
        "message": str(stale),
        "link": reverse("register:renewal", args=[stale.renewal.pk]),
        "link_text": "Open the licence",
    }
    return render(request, "409.html", context, status=409)
