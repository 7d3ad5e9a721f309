"""The list of applications, one application's page, and claiming."""

from __future__ import annotations

from functools import lru_cache

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Right, requires
from intake import review_queue
from intake.models import Application
from intake.review_rows import Row
from intake.services import claims
from intake.views.review_desk import Desk, names_who_was_faster, person


@lru_cache(maxsize=2_000)
def drawn(row: Row, tab: review_queue.Tab) -> SafeString:
    """A row's HTML. It depends on its values alone, so a row that did not change is not redrawn."""
    return render_to_string("applications/_row.html", {"row": row, "tab": tab})


@require_safe
@requires(Right.REVIEW_APPLICATIONS)
def show(request: HttpRequest) -> HttpResponse:
    user, asked = person(request), request.GET
    tab = review_queue.tab_named(asked.get("tab"))
    page = review_queue.page(tab, user, after=asked.get("after"), before=asked.get("before"))
    sums = review_queue.sums(user)
    context = {
        "tab": tab,
        "tabs": review_queue.links(tab, sums.counts),
        "page": page,
        "rows": [drawn(row, tab) for row in page.rows],
        "sums": sums,
        "empty": None if page.rows else review_queue.empty(tab, sums.counts),
    }
    return render(request, "applications/list.html", context)


@require_safe
@requires(Right.REVIEW_APPLICATIONS)
def review(request: HttpRequest, reference: str) -> HttpResponse:
    return Desk(request, reference).page()


@require_POST
@requires(Right.REVIEW_APPLICATIONS)
@names_who_was_faster
def claim_next(request: HttpRequest) -> HttpResponse:
    application = claims.claim_next(by=person(request))
    if application is None:
        messages.info(request, "Nothing free: no application waits that nobody holds.")
        return redirect("applications:list")
    return redirect("applications:review", application.reference)


@require_POST
@requires(Right.REVIEW_APPLICATIONS)
@names_who_was_faster
def claim(request: HttpRequest, reference: str) -> HttpResponse:
    user = person(request)
    application = get_object_or_404(Application.objects.reviewable_by(user), reference=reference)
    claims.claim(application, by=user)
    return redirect("applications:review", reference)
