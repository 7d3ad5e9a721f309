"""The licences of a practice's prescribers, and what the practice sends of them."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Licence, Prescriber
from accounts.permissions import Right, requires
from intake.forms.renewal import NewLicenceForm, RenewalForm
from intake.papers.refusals import PaperRefused
from intake.practice_page import expiry, prescriber_rows
from intake.services.giving import CannotGive, give_licence, give_renewal
from intake.views.practice_base import person, sent, tabs

_Form = RenewalForm | NewLicenceForm


@require_safe
@requires(Right.MANAGE_PRACTICE)
def licences(request: HttpRequest) -> HttpResponse:
    user = person(request)
    context = {
        "practice": user.practice,
        "tabs": tabs(user, "practice:licences"),
        "prescribers": prescriber_rows(user),
    }
    return render(request, "practice/licences.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_PRACTICE)
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    mine = Licence.objects.visible_to(user).select_related("prescriber")
    licence = get_object_or_404(mine, pk=pk)
    form = RenewalForm(sent(request), request.FILES, licence=licence)
    if _given(form, lambda: give_renewal(licence, **form.cleaned_data, by=user)):
        return _thanks(request, licence.prescriber)
    context = {
        "form": form,
        "licence": licence,
        "expiry": expiry(licence.expires_on, user.practice.today),
    }
    return render(request, "practice/renewal.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_PRACTICE)
def new_licence(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    prescriber = get_object_or_404(Prescriber.objects.visible_to(user), pk=pk)
    form = NewLicenceForm(sent(request), request.FILES, prescriber=prescriber)
    if _given(form, lambda: give_licence(prescriber, **form.cleaned_data, by=user)):
        return _thanks(request, prescriber)
    return render(request, "practice/licence.html", {"form": form, "prescriber": prescriber})


def _given(form: _Form, give: Callable[[], object]) -> bool:
    """Whether what was sent is with the pharmacy now; else the form holds what stands in the way."""
    if not form.is_valid():
        return False
    try:
        give()
    except CannotGive as refused:
        form.add_error("expires_on" if isinstance(form, RenewalForm) else "number", str(refused))
    except PaperRefused as refused:
        form.add_error("paper", str(refused))
    else:
        return True
    return False


def _thanks(request: HttpRequest, prescriber: Prescriber) -> HttpResponse:
    text = f"Sent to the pharmacy: a licence of {prescriber.printed_name}. It counts once checked."
    messages.success(request, text)
    return redirect("practice:licences")
