"""Before the form and around it: the start page, the way back, throwing it away."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import links, throttle
from accounts.status import LinkPurpose
from intake.forms.starting import LostForm, StartForm
from intake.services import drafts, returning
from intake.status import FilledBy
from intake.views.apply.shared import (
    answers_conflicts,
    draft,
    open_here,
    opened,
    rate_limited,
    wait_a_while,
)


@require_safe
@login_not_required
def start(request: HttpRequest) -> HttpResponse:
    """Before you start: what to have at hand, and what this browser has begun already."""
    begun = opened(request).order_by("-pk") if request.session.get("applications") else []
    return render(request, "apply/start.html", {"begun": begun})


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def begin(request: HttpRequest) -> HttpResponse:
    form = StartForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "apply/begin.html", {"form": form})
    if rate_limited(request, "apply_start"):
        return wait_a_while(request)
    told = form.cleaned_data
    application = drafts.start(
        filled_by=FilledBy(told["filled_by"]),
        name=told["contact_name"],
        email=told["contact_email"],
    )
    open_here(request, application)
    return redirect("apply:hub", reference=application.reference)


@require_safe
@login_not_required
def resume(request: HttpRequest, token: str) -> HttpResponse:
    """Open the application in this browser; every link that does not, answers alike."""
    link = links.find(LinkPurpose.RESUME, token)
    found = returning.of_link(link) if link else None
    if found is None:
        return render(request, "apply/dead_link.html", status=404)
    open_here(request, found)
    return redirect("apply:hub", reference=found.reference)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def lost(request: HttpRequest) -> HttpResponse:
    """The same answer for every address, known or not, and as quick; the mail is made later."""
    form = LostForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "apply/lost.html", {"form": form})
    email = form.cleaned_data["email"]
    if rate_limited(request, "apply_lost") or rate_limited(request, "apply_lost_mail", email):
        return wait_a_while(request)
    with throttle.even_pace():
        returning.ask_for_links(email)
    return render(request, "apply/lost.html", {"sent": True})


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@answers_conflicts
def delete(request: HttpRequest, reference: str) -> HttpResponse:
    application = draft(request, reference)
    if request.method != "POST":
        return render(request, "apply/delete.html", {"application": application})
    drafts.discard(application)
    messages.success(request, "The application and its papers are deleted.")
    return redirect("apply:start")
