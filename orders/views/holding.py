"""What a pharmacist does with an order besides deciding it: hold, put back, withdraw."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Right, requires
from formulary.services import load_formulary
from orders.banner import banner_of
from orders.forms.holding import HoldForm, WithdrawForm
from orders.models import Order
from orders.review_page import Standing, standing_of
from orders.services import holding
from orders.services.claims import keep
from orders.services.moves import stale
from orders.status import ALLOWED_MOVES, Status
from orders.views import shown
from orders.views.conflicts import person
from orders.views.desk import names_who_was_faster


def _order(request: HttpRequest, reference: str) -> Order:
    sent = Order.objects.visible_to(person(request)).for_page()
    found: Order = get_object_or_404(sent, reference=reference)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.REVIEW_ORDERS)
@names_who_was_faster
def hold(request: HttpRequest, reference: str) -> HttpResponse:
    order, user = _order(request, reference), person(request)
    data = request.POST if request.method == "POST" else None
    if data is not None:
        keep(order, by=user)
    form = HoldForm(data, formulary=load_formulary(), today=order.practice.today)
    if not form.is_valid():
        return _asked(request, order, form, "queue/hold.html")
    of = form.cleaned_data
    holding.hold(order, by=user, reason=form.row(), review_on=of["review_on"], text=of["text"])
    messages.success(request, f"{reference} is on hold. It comes back by itself.")
    return redirect("queue:list")


@require_POST
@requires(Right.REVIEW_ORDERS)
@names_who_was_faster
def end_hold(request: HttpRequest, reference: str) -> HttpResponse:
    holding.end_hold(_order(request, reference), by=person(request))
    messages.success(request, f"{reference} is back in the queue, with its age.")
    return redirect("queue:review", reference)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.REVIEW_ORDERS)
@names_who_was_faster
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Because the prescriber asked for it on the phone, say."""
    order = _order(request, reference)
    if (Status(order.status), Status.CANCELLED) not in ALLOWED_MOVES:
        raise stale(order)
    data = request.POST if request.method == "POST" else None
    seen = {"version": order.version}
    form = WithdrawForm(data, formulary=load_formulary(), initial=seen)
    if not form.is_valid():
        return _asked(request, order, form, "queue/withdraw.html")
    of, user = form.cleaned_data, person(request)
    version = int(of["version"])
    holding.withdraw(order, by=user, reason=form.row(), version=version, text=of["text"])
    messages.success(request, f"{reference} is cancelled. The practice is told.")
    return redirect("queue:review", reference)


def _asked(
    request: HttpRequest, order: Order, form: HoldForm | WithdrawForm, template: str
) -> HttpResponse:
    if "version" in form.errors:
        raise stale(order)
    now = standing_of(order, person(request), order.status_at)
    context = {
        "order": order,
        "form": form,
        "patient": banner_of(order),
        "mark": shown.mark(order),
        "is_mine": now is Standing.MINE,
    }
    return render(request, template, context)
