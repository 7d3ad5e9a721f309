"""After sending: where it stands, what a reviewer asked for, and the answer to it."""

from __future__ import annotations

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from intake import journey
from intake.forms.starting import GiveForm
from intake.models import Application
from intake.services import agreeing, answering
from intake.services.moves import StaleApplication
from intake.services.submitting import NotWhole
from intake.status import APPLICANT_SEES, Status
from intake.views.apply import summary
from intake.views.apply.asked import asked_parts, outcomes, story
from intake.views.apply.pages import one_of
from intake.views.apply.shared import (
    answers_conflicts,
    in_order,
    mine,
    rate_limited,
    wait_a_while,
)


@require_safe
@login_not_required
def status(request: HttpRequest, reference: str) -> HttpResponse:
    """Where the application stands, in the applicant's words."""
    application = mine(request, reference)
    if application.status == Status.DRAFT:
        return redirect("apply:hub", reference=reference)
    applicants = in_order(application, "reason")
    waiting = answering.open_request(application)
    context = {
        "application": application,
        "word": APPLICANT_SEES[Status(application.status)],
        "tone": _TONES[Status(application.status)],
        "icon": _ICONS[Status(application.status)],
        "asked": asked_parts(application, waiting) if waiting else [],
        "waiting": waiting,
        "agreed": summary.agreed(applicants),
        "outcomes": outcomes(applicants),
        "story": story(application),
    }
    return render(request, "apply/status.html", context)


_TONES = {
    Status.DRAFT: "neutral", Status.SUBMITTED: "info", Status.UNDER_REVIEW: "info",
    Status.INFO_REQUESTED: "ask", Status.APPROVED: "ok", Status.REJECTED: "stop",
}  # fmt: skip
_ICONS = {
    Status.DRAFT: "pen", Status.SUBMITTED: "inbox", Status.UNDER_REVIEW: "magnifying-glass",
    Status.INFO_REQUESTED: "circle-question", Status.APPROVED: "circle-check",
    Status.REJECTED: "circle-xmark",
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@answers_conflicts
def answer(request: HttpRequest, reference: str) -> HttpResponse:
    """The corrections asked for, and sending them back."""
    application = mine(request, reference)
    waiting = answering.open_request(application)
    if waiting is None:
        return redirect("apply:status", reference=reference)
    form = GiveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _given(request, application, form):
        messages.success(request, "Your answer is sent.")
        return redirect("apply:status", reference=reference)
    context = {
        "application": application,
        "form": form,
        "waiting": waiting,
        "asked": asked_parts(application, waiting),
        "problems": journey.obstacles(application, in_order(application)),
    }
    return render(request, "apply/answer.html", context)


def _given(request: HttpRequest, application: Application, form: GiveForm) -> bool:
    """Whether it was sent; if not, the page names what is in the way."""
    text = request.POST.get("version", "")
    version = int(text) if re.fullmatch("[0-9]{1,9}", text, re.ASCII) else 0
    said = form.cleaned_data["answer_text"]
    try:
        answering.give(application, version=version, text=said, judge=journey.problems)
    except NotWhole:
        return False
    return True


@require_POST
@login_not_required
@answers_conflicts
def ask_again(request: HttpRequest, reference: str, whose: str) -> HttpResponse:
    """Send a prescriber the link to the agreements once more."""
    application = mine(request, reference)
    applicant = one_of(in_order(application), whose)
    if application.status == Status.DRAFT:
        raise StaleApplication(application)
    if rate_limited(request, "apply_ask", str(applicant.pk)):
        return wait_a_while(request)
    agreeing.ask(applicant)
    messages.success(request, f"A new link is on its way to {journey.name_of(applicant)}.")
    return redirect("apply:status", reference=reference)
