"""Sections of several rows: the list, and one row on a page of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from intake import journey
from intake.forms.base import SectionForm
from intake.sections import Section
from intake.services import drafts
from intake.views.apply import going
from intake.views.apply.shared import Target, answers_conflicts, target
from intake.views.apply.typing import remembered


def listing(request: HttpRequest, page: Target) -> HttpResponse:
    """The rows so far; Continue is refused while there are too few."""
    rows = journey.rows_of(page.owner, page.section)
    if not rows and page.section.least and request.method != "POST":
        return redirect(_there(request, page, 1))
    if request.method == "POST":
        if len(rows) >= page.section.least:
            if page.section.slug not in page.owner.answers:
                drafts.save(page.owner, page.section.slug, rows)
            return redirect(going.onward(request, page))
        messages.error(request, f"Add at least one {page.section.one}.")
        return redirect(_there(request, page, 1))
    forms = list(journey.judged(page.owner, page.section))
    context = going.page_context(request, page) | {
        "rows": [_shown(request, page, at, form) for at, form in enumerate(forms, start=1)],
        "add_url": _there(request, page, len(rows) + 1),
        "may_add": page.only is None and len(rows) < page.section.most,
    }
    return render(request, "apply/rows.html", context)


def _shown(request: HttpRequest, page: Target, number: int, form: SectionForm) -> dict[str, Any]:
    stored = journey.rows_of(page.owner, page.section)[number - 1]
    whole = form.is_valid()
    return {
        "title": title(page.section, stored),
        "facts": [
            {"term": page.section.label(name), "value": form.words(name, stored.get(name))}
            for name in form.fields
            if stored.get(name)
        ],
        "problem": "" if whole else next(iter(form.errors.values()))[0],
        "notes": form.notes() if whole else [],
        "change_url": _there(request, page, number),
        "remove_url": going.with_then(request, page.url("remove_row", number)),
    }


def title(section: Section, stored: dict[str, Any]) -> str:
    """What a row is called in its list: a licence by state and number, all else by name."""
    if section.slug == "licences":
        return f"{stored.get('state', '')} {stored.get('number', '')}".strip()
    return str(stored.get("name", ""))


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@answers_conflicts
def row(request: HttpRequest, reference: str, whose: str, slug: str, number: int) -> HttpResponse:
    """Row `number` from 1; one past the last adds. Sent twice it is stored once."""
    page, rows = _rows_page(request, reference, whose, slug)
    is_new = number == len(rows) + 1
    if not 1 <= number <= min(len(rows) + 1, page.section.most) or (is_new and page.only):
        raise Http404
    before = {} if is_new else rows[number - 1]
    form, kept_at = _form(request, page, rows, number)
    if request.method == "POST" and form.is_valid():
        seen = request.POST.get("seen", "")
        drafts.save_row(page.owner, slug, number - 1, form.stored(), seen=seen)
        for note in form.notes():
            messages.warning(request, note)
        return redirect(going.with_then(request, page.url("section")))
    context = going.page_context(request, page, form, kept_at) | {
        "row_title": f"{'Add a' if is_new else 'Change the'} {page.section.one}",
        "seen": drafts.digest(before),
        "keep_url": page.url("keep", number),
        "fixed": _fixed(page, form, before),
    }
    if rows:
        context["back_url"] = going.with_then(request, page.url("section"))
    return render(request, "apply/section.html", context)


def _fixed(page: Target, form: SectionForm, before: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (page.section.label(name), form.words(name, before.get(name)))
        for name, field in form.fields.items()
        if field.disabled
    ]


def _form(
    request: HttpRequest, page: Target, rows: list[dict[str, Any]], number: int
) -> tuple[SectionForm, Any]:
    before = rows[number - 1] if number <= len(rows) else {}
    others = [other for at, other in enumerate(rows, start=1) if at != number]
    options: dict[str, Any] = {
        "beside": page.owner.answers,
        "others": others,
        "only": page.only,
        "initial": page.section.form.shown(before),
    }
    if request.method == "POST":
        return page.section.form(request.POST, **options), None
    typed, at = remembered(page.owner, f"{page.section.slug}/{number}")
    if typed is None:
        return page.section.form(**options), None
    form = page.section.form(typed, **options)
    form.unjudged()
    return form, at


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@answers_conflicts
def remove(
    request: HttpRequest, reference: str, whose: str, slug: str, number: int
) -> HttpResponse:
    page, rows = _rows_page(request, reference, whose, slug)
    if not 1 <= number <= len(rows) or page.only:
        raise Http404
    back = going.with_then(request, page.url("section"))
    if request.method == "POST":
        drafts.remove_row(page.owner, slug, number - 1, seen=request.POST.get("seen", ""))
        return redirect(back)
    context = {
        "page": page,
        "name": title(page.section, rows[number - 1]),
        "seen": drafts.digest(rows[number - 1]),
        "back_url": back,
        "then": going.then_of(request),
    }
    return render(request, "apply/remove_row.html", context)


def _rows_page(
    request: HttpRequest, reference: str, whose: str, slug: str
) -> tuple[Target, list[dict[str, Any]]]:
    page = target(request, reference, whose, slug)
    if not page.section.many:
        raise Http404
    return page, journey.rows_of(page.owner, page.section)


def _there(request: HttpRequest, page: Target, number: int) -> str:
    return going.with_then(request, page.url("row", number))
