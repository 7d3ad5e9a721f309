"""The pages for when something is wrong. None shows a stack, none names a patient."""

from __future__ import annotations

import sys
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from config.context import standing

_LAST_WORDS = (
    "<!doctype html><html lang=en-US><title>Something broke on our side – Scruple</title>"
    "<h1>Something broke on our side</h1><p>An order counts as sent only once you see its "
    "reference: look in your list before you send it again.</p>"
)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return render(request, "413.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return render(request, "400.html", status=HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=HTTPStatus.FORBIDDEN)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The reason is for developers; the reader needs to know how to get the work sent."""
    return render(request, "403.html", {"stale_page": True}, status=HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A foreign order and one that never was answer alike; the path is not repeated."""
    return render(request, "404.html", status=HTTPStatus.NOT_FOUND)


def too_many(request: HttpRequest) -> HttpResponse:
    """The longest window that counts tries is five minutes long."""
    answer = render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    answer["Retry-After"] = "300"
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """503 where the database is away or too busy: that passes, and trying again helps."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        answer = _without_database(request, "503.html", HTTPStatus.SERVICE_UNAVAILABLE)
        answer["Retry-After"] = "30"
        return answer
    return _without_database(request, "500.html", HTTPStatus.INTERNAL_SERVER_ERROR)


def _without_database(request: HttpRequest, template: str, status: HTTPStatus) -> HttpResponse:
    """No context processors, hence no user and no query: the database may be the fault."""
    context = {**standing(), "reference_id": getattr(request, "id", "")}
    try:
        return HttpResponse(render_to_string(template, context), status=status)
    except Exception:  # even the templates or the static files may be what broke
        return HttpResponse(_LAST_WORDS, status=status)
