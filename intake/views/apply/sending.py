"""The end of the form: papers, agreements, the check of all answers, sending, the receipt."""

from __future__ import annotations

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.services import client_ip
from intake import journey
from intake.forms.paper_of import ApplicantPaperForm
from intake.forms.starting import AgreeForm
from intake.models import Application
from intake.papers.refusals import PaperRefused
from intake.services import agreeing, answering, drafts, papers
from intake.services.moves import StaleApplication
from intake.services.submitting import NotWhole, submit
from intake.status import FilledBy, Status, UploadKind
from intake.views.apply import going, summary
from intake.views.apply.shared import answers_conflicts, draft, in_order, mine

_USUAL = (UploadKind.LICENCE, UploadKind.SUPERVISION, UploadKind.DEA)


def _writable(request: HttpRequest, reference: str) -> Application:
    application = mine(request, reference)
    if not application.is_writable:
        raise StaleApplication(application)
    return application


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@answers_conflicts
def paper_list(request: HttpRequest, reference: str) -> HttpResponse:
    """The papers so far, and one more; all of them may be left out."""
    application = _writable(request, reference)
    applicants = in_order(application)
    asked = application.status == Status.INFO_REQUESTED
    form = ApplicantPaperForm(
        *([request.POST, request.FILES] if request.method == "POST" else []),
        applicants=applicants,
        names=[journey.name_of(one) for one in applicants],
        kinds=(*_USUAL, UploadKind.OTHER) if asked else _USUAL,
    )
    if request.method == "POST" and _stored(form):
        messages.success(request, "The paper is stored.")
        return redirect(going.with_then(request, request.path))
    stored, request_ = list(application.uploads.all()), answering.open_request(application)
    context = {
        "application": application,
        "form": form,
        "papers": stored,
        "sent_before": {paper.pk for paper in stored if papers.was_sent(paper, request_)},
        "then": going.then_of(request),
        "asked": asked,
        "place": journey.place(application, applicants, "papers", None),
    }
    return render(request, "apply/papers.html", context)


def _stored(form: ApplicantPaperForm) -> bool:
    """Whether the form's paper was taken; if not, the form says why."""
    if not form.is_valid():
        return False
    paper, kind = form.paper()
    try:
        papers.store(paper, kind=kind, applicant=form.applicant())
    except PaperRefused as refused:
        form.refuse(refused)
        return False
    return True


@require_POST
@login_not_required
@answers_conflicts
def paper_remove(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    application = _writable(request, reference)
    upload = get_object_or_404(application.uploads, pk=pk)
    try:
        papers.remove(upload)
    except PaperRefused:
        raise StaleApplication(application) from None
    messages.success(request, "The paper is removed.")
    return redirect("apply:papers", reference=reference)


@require_POST
@login_not_required
@answers_conflicts
def papers_done(request: HttpRequest, reference: str) -> HttpResponse:
    application = _writable(request, reference)
    if application.status == Status.INFO_REQUESTED:
        return redirect("apply:answer", reference=reference)
    if "papers" not in application.answers:
        drafts.save(application, "papers", {"seen": True})
    if going.then_of(request):
        return redirect("apply:check", reference=reference)
    return redirect(journey.place(application, in_order(application), "papers", None).onward)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@answers_conflicts
def agreements(request: HttpRequest, reference: str) -> HttpResponse:
    """The prescriber who fills in for oneself accepts here, in person."""
    application = _writable(request, reference)
    applicants = in_order(application)
    back = "apply:check" if application.status == Status.DRAFT else "apply:answer"
    if application.filled_by != FilledBy.PRESCRIBER or not applicants[0].answers.get("person"):
        return redirect("apply:hub", reference=reference)
    left, person = agreeing.missing(applicants[0]), applicants[0].answers["person"]
    data = request.POST if request.method == "POST" else None
    form = AgreeForm(data, agreements=left, person=person)
    if request.method == "POST" and not left:
        return redirect(back, reference=reference)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data["typed_name"]
        agreeing.accept(applicants[0], typed_name=typed, ip=client_ip(request))
        return redirect(back, reference=reference)
    context = {
        "application": application,
        "form": form,
        "agreed": summary.agreed(applicants)[0],
        "place": journey.place(application, applicants, "agreements", None),
    }
    return render(request, "apply/agreements.html", context)


@require_safe
@login_not_required
@answers_conflicts
def check(request: HttpRequest, reference: str) -> HttpResponse:
    return _check(request, draft(request, reference))


def _check(request: HttpRequest, application: Application) -> HttpResponse:
    applicants = in_order(application)
    context = {
        "application": application,
        "parts": summary.parts(application, applicants, links=True),
        "papers": list(application.uploads.all()),
        "agreed": summary.agreed(applicants),
        "agrees_here": journey.agrees_here(application),
        "place": journey.place(application, applicants, "check", None),
        "problems": journey.obstacles(application, applicants),
    }
    return render(request, "apply/check.html", context)


@require_POST
@login_not_required
@answers_conflicts
def send(request: HttpRequest, reference: str) -> HttpResponse:
    """Send it once: a second click ends at the same receipt."""
    application = mine(request, reference)
    try:
        submit(application, version=_whole(request), judge=journey.problems)
    except NotWhole:
        return _check(request, application)
    return redirect("apply:sent", reference=reference)


def _whole(request: HttpRequest) -> int:
    """The version the page showed; 0, which none has, for anything else."""
    text = request.POST.get("version", "")
    return int(text) if re.fullmatch("[0-9]{1,9}", text, re.ASCII) else 0


@require_safe
@login_not_required
def sent(request: HttpRequest, reference: str) -> HttpResponse:
    """The receipt (F21); reload and bookmark work."""
    application = mine(request, reference)
    if application.status == Status.DRAFT:
        return redirect("apply:hub", reference=reference)
    context = {"application": application, "agreed": summary.agreed(in_order(application))}
    return render(request, "apply/sent.html", context)


@require_safe
@login_not_required
def printed(request: HttpRequest, reference: str) -> HttpResponse:
    """A copy to keep: birth dates and DEA numbers are masked."""
    application = mine(request, reference)
    applicants = in_order(application)
    context = {
        "application": application,
        "parts": summary.parts(application, applicants, masked=True),
        "papers": list(application.uploads.all()),
        "agreed": summary.agreed(applicants),
    }
    return render(request, "apply/print.html", context)
