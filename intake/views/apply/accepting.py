"""The agreements: their texts for everybody, and accepting them by a private link."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import links
from accounts.services import client_ip
from accounts.status import LinkPurpose
from intake import journey
from intake.agreements import ALL, CURRENT
from intake.forms.starting import AgreeForm
from intake.models import Applicant
from intake.services import agreeing, returning
from intake.services.agreeing import LinkUsed
from intake.views.apply import summary


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """What was given about the prescriber, and the agreements; every dead link answers alike."""
    link = links.find(LinkPurpose.ACCEPT, token)
    applicant = returning.applicant_of_link(link) if link else None
    if link is None or applicant is None:
        return render(request, "apply/dead_link.html", {"accepting": True}, status=404)
    data = request.POST if request.method == "POST" else None
    left = agreeing.missing(applicant)
    form = AgreeForm(data, agreements=left, person=applicant.answers.get("person") or {})
    if request.method == "POST" and form.is_valid():
        typed, ip = form.cleaned_data["typed_name"], client_ip(request)
        try:
            agreeing.accept_by_link(applicant, link, typed_name=typed, ip=ip)
        except LinkUsed:
            return render(request, "apply/dead_link.html", {"accepting": True}, status=404)
        return redirect("apply:agreed")
    return _page(request, applicant, form)


def _page(request: HttpRequest, applicant: Applicant, form: AgreeForm) -> HttpResponse:
    application = applicant.application
    context = {
        "application": application,
        "name": journey.name_of(applicant),
        "form": form,
        "parts": summary.parts(application, [applicant]),
    }
    return render(request, "apply/accept.html", context)


@require_safe
@login_not_required
def agreed(request: HttpRequest) -> HttpResponse:
    return render(request, "apply/agreed.html")


@require_safe
@login_not_required
def agreement(request: HttpRequest, slug: str, version: str) -> HttpResponse:
    """One version of one agreement; old ones stay readable."""
    found = ALL.get((slug, version))
    if found is None:
        raise Http404
    context = {"agreement": found, "is_current": found in CURRENT}
    return render(request, "apply/agreement.html", context)


@require_safe
@login_not_required
def agreement_list(request: HttpRequest) -> HttpResponse:
    return render(request, "apply/agreement_list.html", {"agreements": CURRENT})
