"""Where a page's links and its Continue lead, and what every page of the form is drawn from."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from intake import journey
from intake.forms.base import SectionForm
from intake.views.apply.shared import Target


def page_context(
    request: HttpRequest, page: Target, form: SectionForm | None = None, kept_at: Any = None
) -> dict[str, Any]:
    """What the page of one section, or of one of its rows, is drawn from."""
    here = journey.place(page.application, page.applicants, page.section.slug, page.applicant)
    several = len(page.applicants) > 1 and page.applicant is not None
    whose = journey.name_of(page.applicant) if page.applicant and several else ""
    fixed = [
        (page.section.label(name), page.section.form.words(name, (page.answers or {}).get(name)))
        for name, field in (form.fields.items() if form else ())
        if field.disabled and isinstance(page.answers, dict)
    ]
    return {
        "page": page,
        "application": page.application,
        "form": form,
        "caption": "Correction" if page.correcting else here.caption,
        "whose": whose,
        "back_url": back_of(request, page, here.back),
        "keep_url": page.url("keep", 0),
        "kept_at": kept_at,
        "fixed": fixed,
        "then": then_of(request),
    }


def then_of(request: HttpRequest) -> str:
    """`check` when the page was opened to change one answer; Continue returns there (F19)."""
    wanted = request.POST.get("then") or request.GET.get("then")
    return "check" if wanted == "check" else ""


def onward(request: HttpRequest, page: Target) -> str:
    """Where Continue leads."""
    at = [page.application.reference]
    if page.correcting:
        return reverse("apply:answer", args=at)
    if then_of(request):
        return reverse("apply:check", args=at)
    return journey.place(
        page.application, page.applicants, page.section.slug, page.applicant
    ).onward


def back_of(request: HttpRequest, page: Target, usual: str) -> str:
    at = [page.application.reference]
    if page.correcting:
        return reverse("apply:answer", args=at)
    return reverse("apply:check", args=at) if then_of(request) else usual


def with_then(request: HttpRequest, url: str) -> str:
    """The same address, keeping where Continue is to lead."""
    return f"{url}?then=check" if then_of(request) else url
