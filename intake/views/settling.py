"""Settling what a monthly check left open: primary source, date and reason."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.permissions import Right, requires
from formulary.models import Reason
from formulary.reference import ReasonKind
from intake import register_checks
from intake.forms.register import SettleForm
from intake.models import CredentialCheck
from intake.services import settling
from intake.services.settling import CannotSettle
from intake.views.register import person


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.REVIEW_APPLICATIONS)
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    checks = CredentialCheck.objects.of_prescribers(person(request))
    row = get_object_or_404(checks.select_related("prescriber", "settlement"), pk=pk)
    reasons = list(Reason.objects.of(ReasonKind.SETTLEMENT))
    form = SettleForm(request.POST if request.method == "POST" else None, reasons=reasons)
    if form.is_valid():
        try:
            settling.settle(row, by=person(request), **form.settled())
            return redirect("register:prescriber", pk=row.prescriber_id)
        except CannotSettle as cannot:
            form.add_error(None, str(cannot))
    context = {"check": row, "mark": register_checks.mark(row), "form": form}
    return render(request, "register/settle.html", context)
