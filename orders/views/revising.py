"""Starting another order from one: its revision, or the same once more."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.permissions import Right, requires
from orders.models import Order
from orders.services import revising
from orders.views.conflicts import answers_conflicts, person


@require_POST
@requires(Right.PREPARE_ORDERS)
@answers_conflicts
def revise(request: HttpRequest, reference: str) -> HttpResponse:
    order = _order(request, reference)
    draft = revising.revise(order, by=person(request))
    return redirect("orders:edit", reference=draft.reference)


@require_POST
@requires(Right.PREPARE_ORDERS)
@answers_conflicts
def again(request: HttpRequest, reference: str) -> HttpResponse:
    order = _order(request, reference)
    draft = revising.order_again(order, by=person(request))
    return redirect("orders:edit", reference=draft.reference)


def _order(request: HttpRequest, reference: str) -> Order:
    mine = Order.objects.visible_to(person(request))
    found: Order = get_object_or_404(mine, reference=reference)
    return found
