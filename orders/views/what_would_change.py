"""Before a change of the formulary is sent or approved: what it would have said of recent orders."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.permissions import Right, requires
from formulary import pages
from formulary.models import FormularyChange
from formulary.services.applying import CannotApply, RowChanged
from formulary.status import OPEN, State
from orders.services import what_would_change as comparing
from orders.views.conflicts import person


@require_safe
@requires(Right.KEEP_FORMULARY)
def what_would_change(request: HttpRequest, reference: str) -> HttpResponse:
    readable = FormularyChange.objects.visible_to(person(request)).with_people()
    change = get_object_or_404(readable, reference=reference)
    if change.state not in (State.DRAFT, *OPEN):
        return redirect("formulary:change", reference)
    try:
        report = comparing.what_would_change(change)
    except (RowChanged, CannotApply) as wrong:
        link = reverse("formulary:change", args=[reference])
        moved = {"message": str(wrong), "link": link, "link_text": f"Open {reference}"}
        return render(request, "409.html", moved, status=409)
    context = {"change": change, "title": pages.title(change), "report": report}
    return render(request, "queue/what_would_change.html", context)
