"""The pharmacist's refills: what was asked for, one of them, and its decision."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Right, requires
from orders import queue
from orders.models import Fill
from orders.services import fills
from orders.services.fills import StaleFill
from orders.services.moves import Refused
from orders.views.conflicts import person
from orders.views.refill_page import RefillDesk, listed

_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def names_the_decision(view: _View[_P]) -> _View[_P]:
    """Answer 409 when somebody else decided the refill first."""

    @wraps(view)
    def answered(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except StaleFill as lost:
            context = {
                "message": str(lost),
                "link": reverse("queue:refills"),
                "link_text": "See the refills that wait",
            }
            return render(request, "409.html", context, status=409)

    return cast("_View[_P]", answered)


@require_safe
@requires(Right.VIEW_QUEUE)
def refills(request: HttpRequest) -> HttpResponse:
    user = person(request)
    counts = queue.page(queue.Tab.ACTIONABLE, user)
    context = {
        "rows": listed(Fill.objects.visible_to(user)),
        "tabs": queue.links(None, user, counts.counts, counts.refills),
    }
    return render(request, "queue/refills.html", context)


@require_safe
@requires(Right.VIEW_QUEUE)
def refill(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    return RefillDesk(request, _fill(request, reference, number)).page()


@require_POST
@requires(Right.REVIEW_ORDERS)
@names_the_decision
def release(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    desk = RefillDesk(request, _fill(request, reference, number), "release")
    if not desk.ticks.is_valid():
        return desk.page()
    try:
        fills.release(desk.fill, by=desk.user, reviewed=desk.ticks.reviewed)
    except Refused as refused:
        desk.ticks.add_error(None, str(refused))
        return desk.page()
    messages.success(request, f"{desk.name} of {reference} is released.")
    return redirect("queue:refills")


@require_POST
@requires(Right.REVIEW_ORDERS)
@names_the_decision
def refuse(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    desk = RefillDesk(request, _fill(request, reference, number), "refuse")
    if not desk.refusal.is_valid():
        return desk.page()
    text = desk.refusal.cleaned_data["text"]
    fills.refuse(desk.fill, by=desk.user, reason=desk.refusal.row(), text=text)
    messages.success(request, f"{desk.name} of {reference} is refused. The practice is told.")
    return redirect("queue:refills")


def _fill(request: HttpRequest, reference: str, number: int) -> Fill:
    """The latest row of that number: one refused may have been asked for again."""
    seen = Fill.objects.visible_to(person(request)).for_page()
    asked = seen.filter(order__reference=reference, number=number, number__gt=1)
    found: Fill = get_object_or_404(asked.order_by("-pk")[:1])
    return found
