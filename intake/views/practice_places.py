"""How a practice is reached, where its orders go and who pays, and its further places."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Location
from accounts.permissions import Right, requires
from intake.forms.upkeep import BillingForm, DetailsForm, LocationForm
from intake.services.practice import (
    BILLING,
    DETAILS,
    PLACE,
    add_location,
    change_billing,
    change_details,
    change_location,
    close_location,
    mark,
)
from intake.views.practice_base import answers_changes, person, sent, tabs


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_PRACTICE)
@answers_changes
def details(request: HttpRequest) -> HttpResponse:
    user = person(request)
    practice = user.practice
    form = DetailsForm(sent(request), initial=DetailsForm.initial_of(practice))
    seen = request.POST.get("seen", mark(practice, DETAILS))
    if form.is_valid():
        change_details(practice, form.details(practice), by=user, seen=seen)
        messages.success(request, "Saved how we reach your practice.")
        return redirect("practice:home")
    context = {"form": form, "practice": practice, "seen": seen}
    context["tabs"] = tabs(user, "practice:details")
    return render(request, "practice/details.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_BILLING)
@answers_changes
def billing(request: HttpRequest) -> HttpResponse:
    user = person(request)
    practice = user.practice
    form = BillingForm(sent(request), initial=BillingForm.initial_of(practice))
    seen = request.POST.get("seen", mark(practice, BILLING))
    if form.is_valid():
        change_billing(practice, form.cleaned_data, by=user, seen=seen)
        messages.success(request, "Saved delivery and billing.")
        return redirect("practice:home")
    context = {"form": form, "practice": practice, "seen": seen}
    context["tabs"] = tabs(user, "practice:billing")
    return render(request, "practice/billing.html", context)


@require_safe
@requires(Right.MANAGE_PRACTICE)
def locations(request: HttpRequest) -> HttpResponse:
    user = person(request)
    mine = Location.objects.visible_to(user)
    context = {
        "practice": user.practice,
        "tabs": tabs(user, "practice:locations"),
        "locations": mine.active(),
        "closed": mine.filter(active=False),
    }
    return render(request, "practice/locations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_PRACTICE)
def new_location(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = LocationForm(sent(request))
    if form.is_valid():
        made = add_location(user.practice, form.place(), by=user)
        messages.success(request, f"Added {made.name}.")
        return redirect("practice:locations")
    return render(request, "practice/location.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_PRACTICE)
@answers_changes
def location(request: HttpRequest, pk: int) -> HttpResponse:
    here = _open_location(request, pk)
    form = LocationForm(sent(request), initial=LocationForm.initial_of(here))
    seen = request.POST.get("seen", mark(here, PLACE))
    if form.is_valid():
        change_location(here, form.place(), by=person(request), seen=seen)
        messages.success(request, f"Saved {form.cleaned_data['name']}.")
        return redirect("practice:locations")
    return render(request, "practice/location.html", {"form": form, "place": here, "seen": seen})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_PRACTICE)
def closing(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks once more, then closes a place."""
    here = _open_location(request, pk)
    if request.method != "POST":
        return render(request, "practice/close_location.html", {"place": here})
    close_location(here, by=person(request))
    messages.success(request, f"Closed {here.name}.")
    return redirect("practice:locations")


def _open_location(request: HttpRequest, pk: int) -> Location:
    mine = Location.objects.visible_to(person(request)).active()
    found: Location = get_object_or_404(mine, pk=pk)
    return found
