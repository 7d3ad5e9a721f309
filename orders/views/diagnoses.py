"""The list of diagnosis codes beside the field one types in. It stores nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.permissions import Right, requires_any
from formulary.services import load_formulary
from orders.diagnosis_list import FIELD, SEARCH_FIELD, diagnosis_list


@require_POST
@requires_any(Right.PREPARE_ORDERS, Right.REVIEW_ORDERS)
def diagnoses(request: HttpRequest) -> HttpResponse:
    """By POST, so that no address or log holds what was typed."""
    found = diagnosis_list(
        request.POST.get(SEARCH_FIELD, ""),
        chosen=request.POST.get(FIELD, ""),
        on=timezone.localdate(),
        formulary=load_formulary(),
    )
    return render(request, "orders/_diagnoses_reply.html", {"diagnoses": found})
