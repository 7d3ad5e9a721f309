"""A draft on its way between who prepares it and who signs it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.permissions import Right, requires
from orders.forms.handing import HandOverForm, TakeBackForm
from orders.models import Order
from orders.services.handing_over import hand_over as put_before
from orders.services.handing_over import take_back as make_draft
from orders.services.moves import Refused
from orders.views.conflicts import answers_conflicts, person


@require_POST
@requires(Right.PREPARE_ORDERS)
@answers_conflicts
def hand_over(request: HttpRequest, reference: str) -> HttpResponse:
    order = _order(request, reference)
    try:
        put_before(order, by=person(request), version=HandOverForm(request.POST).seen)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("orders:review", reference)
    messages.success(request, f"{reference} waits for {order.prescriber.printed_name} to sign.")
    return redirect("orders:review", reference)


@require_POST
@requires(Right.PREPARE_ORDERS)
@answers_conflicts
def take_back(request: HttpRequest, reference: str) -> HttpResponse:
    """By who prepared it, or by the prescriber with words on what to change."""
    order, form = _order(request, reference), TakeBackForm(request.POST)
    if "words" in form.errors:
        messages.error(request, " ".join(map(str, form.errors["words"])))
        return redirect("orders:review", reference)
    words = form.answer("words") or ""
    make_draft(order, by=person(request), version=form.seen, words=words)
    messages.success(request, f"{reference} is a draft again.")
    return redirect("orders:review", reference)


def _order(request: HttpRequest, reference: str) -> Order:
    mine = Order.objects.visible_to(person(request)).for_page()
    found: Order = get_object_or_404(mine, reference=reference)
    return found
