"""The signed prescription as a PDF, for the practice and for the pharmacy's staff."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.permissions import Right, requires_any
from orders.models import Order
from orders.paper import PaperFailed, build
from orders.views.conflicts import answers_conflicts, person


@require_safe
@requires_any(Right.VIEW_PRACTICE_ORDERS, Right.VIEW_QUEUE)
@answers_conflicts
def paper(request: HttpRequest, reference: str) -> HttpResponse:
    """404 for a draft: only what was signed is a prescription."""
    signed = Order.objects.visible_to(person(request)).sent().for_paper()
    order = get_object_or_404(signed, reference=reference)
    try:
        pdf = build(order)
    except PaperFailed:
        return render(request, "orders/no_paper.html", {"order": order}, status=503)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{order.reference}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
