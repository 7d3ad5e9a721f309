"""Handing out papers: as attachments, to who may see them, once the scanner has had its say."""

from __future__ import annotations

from http import HTTPStatus
from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.permissions import Right, requires
from intake.models import Application, Upload
from intake.services.papers import PaperLost, open_paper

_HEADERS = {
    # Should a browser show it in spite of all: no script, no form, no address of ours.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store, private",
    "Accept-Ranges": "none",
}


@require_safe
@login_not_required
def of_application(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """For the browser that opened the application by its private link."""
    opened = Application.objects.opened_by(request.session.get("applications"))
    application = get_object_or_404(opened, reference=reference)
    return _answer(request, get_object_or_404(application.uploads, pk=pk))


@require_safe
@requires(Right.REVIEW_APPLICATIONS)
def for_review(request: HttpRequest, pk: int) -> HttpResponse:
    return _answer(
        request, get_object_or_404(Upload.objects.reviewable_by(_person(request)), pk=pk)
    )


@require_safe
@requires(Right.MANAGE_PRACTICE)
def of_practice(request: HttpRequest, pk: int) -> HttpResponse:
    return _answer(request, get_object_or_404(Upload.objects.of_practice(_person(request)), pk=pk))


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _answer(request: HttpRequest, upload: Upload) -> HttpResponse:
    """The file, or a page that says why it is not handed out."""
    if not upload.is_served:
        return _held(request, upload, HTTPStatus.CONFLICT)
    try:
        content = open_paper(upload)
    except PaperLost:
        return _held(request, upload, HTTPStatus.SERVICE_UNAVAILABLE)
    answer = FileResponse(
        content,
        as_attachment=True,
        filename=upload.name,
        content_type=upload.content_type,
        headers=_HEADERS | {"Content-Length": str(upload.size)},
    )
    return cast("HttpResponse", answer)  # streamed, so of another class; views differ in no more


def _held(request: HttpRequest, upload: Upload, status: HTTPStatus) -> HttpResponse:
    lost = status == HTTPStatus.SERVICE_UNAVAILABLE
    return render(request, "apply/paper_held.html", {"paper": upload, "lost": lost}, status=status)
