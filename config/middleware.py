"""What every answer needs: a reference for the reader, local time, and no copy left in caches."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from accounts.models import User
from events.history import acting

_GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
# Opened by private links, without a sign-in.
_BY_LINK = "/apply/"
_READS = ("GET", "HEAD", "OPTIONS")
_Answer = Callable[[HttpRequest], HttpResponse]


class RequestId:
    """Give each request an id that error pages and logs repeat."""

    def __init__(self, get_response: _Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(6)
        request.id = request_id  # type: ignore[attr-defined]  # Django's request is open for this
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class LocalTime:
    """Show times and take dates in the zone of one's practice, or of the pharmacy."""

    def __init__(self, get_response: _Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        practice = user.membership.practice if isinstance(user, User) and user.membership else None
        zone = practice.time_zone if practice else settings.PHARMACY_TIME_ZONE
        with timezone.override(ZoneInfo(zone)):
            return self.get_response(request)


class HistoryContext:
    """Note with each version of a tracked row who sent the request, and its id."""

    def __init__(self, get_response: _Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # It adds to each statement that writes; pages that are only read need none.
        if request.method in _READS:
            return self.get_response(request)
        with acting(user=request.user.pk, request=request.id):  # type: ignore[attr-defined]
            return self.get_response(request)


class NoStore:
    """Keep out of caches what a signed-in person saw, or who opened an application by its link."""

    def __init__(self, get_response: _Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_private = request.user.is_authenticated or request.path.startswith(_BY_LINK)
        if is_private and "Cache-Control" not in response:
            add_never_cache_headers(response)
            response["Cache-Control"] = "no-store, private"
            patch_vary_headers(response, ["Cookie"])
        return response
