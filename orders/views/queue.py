"""The queue, one order's page, and claiming."""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.permissions import Right, requires
from orders import queue
from orders.models import Order
from orders.queue_rows import Row
from orders.services import claims
from orders.services.moves import StaleOrder
from orders.views.conflicts import person
from orders.views.desk import Desk, claim_and_open, names_who_was_faster


@lru_cache(maxsize=2_000)
def drawn(row: Row, tab: queue.Tab) -> SafeString:
    """A row's HTML. It depends on its values alone, so a row that did not change is not redrawn."""
    return render_to_string("queue/_row.html", {"row": row, "tab": tab})


@require_safe
@requires(Right.VIEW_QUEUE)
def show(request: HttpRequest) -> HttpResponse:
    user, asked = person(request), request.GET
    tab = queue.tab_named(asked.get("tab"))
    page = queue.page(tab, user, after=asked.get("after"), before=asked.get("before"))
    context = {
        "tab": tab,
        "tab_label": queue.label(tab, user),
        "tabs": queue.links(tab, user, page.counts, page.refills),
        "page": page,
        "rows": [drawn(row, tab) for row in page.rows],
        "empty": None if page.rows else queue.empty(tab, page.counts),
        "may_review": user.has_right(Right.REVIEW_ORDERS),
    }
    return render(request, "queue/list.html", context)


@require_safe
@requires(Right.VIEW_QUEUE)
def review(request: HttpRequest, reference: str) -> HttpResponse:
    return Desk(request, reference).page()


@require_POST
@requires(Right.REVIEW_ORDERS)
@names_who_was_faster
def claim_next(request: HttpRequest) -> HttpResponse:
    return claim_and_open(request)


@require_POST
@requires(Right.REVIEW_ORDERS)
@names_who_was_faster
def claim(request: HttpRequest, reference: str) -> HttpResponse:
    user = person(request)
    order = get_object_or_404(Order.objects.visible_to(user), reference=reference)
    within_page = request.headers.get("HX-Target", "").startswith("RX-")
    try:
        claims.claim(order, by=user)
    except StaleOrder as lost:
        if not within_page:
            raise
        row = queue.row(reference, user)
        context = {"row": row, "lost": str(lost), "tab": "actionable"}
        return render(request, "queue/_row.html", context)
    page = reverse("queue:review", args=[reference])
    return HttpResponseClientRedirect(page) if within_page else redirect(page)
