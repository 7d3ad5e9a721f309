"""The hub and the pages of the form: shown, judged, saved, gone on from."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from intake import journey
from intake.forms.base import SectionForm
from intake.models import Applicant
from intake.services import drafts
from intake.status import FilledBy, Status
from intake.views.apply import going, rows
from intake.views.apply.shared import Target, answers_conflicts, draft, in_order, mine, target
from intake.views.apply.typing import remembered, typed_keys


@require_safe
@login_not_required
def hub(request: HttpRequest, reference: str) -> HttpResponse:
    """The list of tasks of a draft; once it was sent, where it stands."""
    application = mine(request, reference)
    if application.status != Status.DRAFT:
        return redirect("apply:status", reference=reference)
    applicants = in_order(application)
    standing = journey.standings(application, applicants)
    context = {
        "application": application,
        "groups": journey.groups(application, applicants, standing),
        "done": sum(one.state is journey.State.COMPLETED for one in standing),
        "total": len(standing),
        "can_add": application.filled_by == FilledBy.STAFF and not journey.is_short(application),
    }
    return render(request, "apply/hub.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@answers_conflicts
def section(request: HttpRequest, reference: str, whose: str, slug: str) -> HttpResponse:
    page = target(request, reference, whose, slug)
    if page.section.many:
        return rows.listing(request, page)
    form, kept_at = _form(request, page)
    if request.method == "POST" and form.is_valid():
        drafts.save(page.owner, slug, form.stored())
        for note in form.notes():
            messages.warning(request, note)
        return redirect(going.onward(request, page))
    return render(request, "apply/section.html", going.page_context(request, page, form, kept_at))


def _form(request: HttpRequest, page: Target) -> tuple[SectionForm, Any]:
    """The page's form, and when what it shows was typed, if it was not continued with yet."""
    stored = page.answers if isinstance(page.answers, dict) else {}
    own = page.application.filled_by == FilledBy.PRESCRIBER
    options: dict[str, Any] = {"beside": page.owner.answers, "own": own, "only": page.only}
    initial = page.section.form.shown(stored) if stored else _first_guess(page)
    if request.method == "POST":
        return page.section.form(request.POST, initial=initial, **options), None
    typed, at = remembered(page.owner, page.section.slug)
    if typed is None:
        return page.section.form(initial=initial, **options), None
    form = page.section.form(typed, initial=initial, **options)
    form.unjudged()
    return form, at


def _first_guess(page: Target) -> dict[str, Any]:
    """What was said on the first page already is not asked again, only shown (F14)."""
    if page.applicant is None or page.application.filled_by != FilledBy.PRESCRIBER:
        return {}
    given, _, family = page.application.contact_name.rpartition(" ")
    if page.section.slug == "person":
        return {"given_name": given, "family_name": family}
    return {"email": page.application.contact_email}


@require_POST
@login_not_required
@answers_conflicts
def keep(request: HttpRequest, reference: str, whose: str, slug: str, number: int) -> HttpResponse:
    """What stands in the fields now, right or wrong, so that nothing typed is lost (F10)."""
    page = target(request, reference, whose, slug)
    if bool(number) != page.section.many or number > page.section.most:
        raise Http404
    sent = {key: request.POST.getlist(key)[:60] for key in typed_keys(page.section.form)}
    name = f"{slug}/{number}" if number else slug
    drafts.keep_typed(page.owner, name, {key: texts for key, texts in sent.items() if texts})
    return HttpResponse(status=204)


@require_POST
@login_not_required
@answers_conflicts
def add_prescriber(request: HttpRequest, reference: str) -> HttpResponse:
    application = draft(request, reference)
    applicant = drafts.add_prescriber(application)
    return redirect(journey.section_url(application, applicant, "person"))


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@answers_conflicts
def remove_prescriber(request: HttpRequest, reference: str, whose: str) -> HttpResponse:
    application = draft(request, reference)
    applicant = one_of(in_order(application), whose)
    name = journey.name_of(applicant)
    if request.method != "POST":
        context = {"application": application, "whose": whose, "name": name}
        return render(request, "apply/remove_prescriber.html", context)
    drafts.remove_prescriber(applicant)
    messages.success(request, f"{name} is removed from the application.")
    return redirect("apply:hub", reference=reference)


def one_of(applicants: list[Applicant], whose: str) -> Applicant:
    found = next((one for one in applicants if journey.who(one) == whose), None)
    if found is None:
        raise Http404
    return found
