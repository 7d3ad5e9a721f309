"""What stands between a signed-in person and a page: the idle lock, and the second factor owed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRedirect

from accounts import idle, presence
from accounts.idle import Standing

_Answer = Callable[[HttpRequest], HttpResponse]

# Open while the session is locked: unlocking, leaving, and links that bring their own proof.
_WHILE_LOCKED = frozenset(
    {
        "account_lock",
        "account_logout",
        "account_session",
        "account_activate",
        "account_reset",
        "account_forgot",
        "account_forgot_sent",
    }
)
# Sent by scripts on their own, and again while refused: nobody need be there.
_NO_ACT = frozenset(
    {
        "account_session",
        "notifications:poll",
        "notifications:seen",
        "apply:keep",
        "orders:patient_import_poll",
    }
)
_ENROLMENT = frozenset(
    {
        "account_enrol",
        "account_enrol_app",
        "account_enrol_passkey",
        "account_confirm",
        "account_stay",
        "account_lock_now",
    }
)
_CODES = frozenset({"account_codes", "account_codes_kept", "account_codes_download"})


class SessionClock:
    """Lock a session that nobody used for 15 minutes; end it after 12 hours."""

    def __init__(self, get_response: _Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        name = _name(request)
        standing = idle.standing(request.session)
        if standing is Standing.OVER:
            return _ended(request)
        if name in _WHILE_LOCKED:
            return None
        if standing is Standing.LOCKED:
            idle.lock(request.session)
            return _locked(request)
        if name not in _NO_ACT:
            presence.seen(request)
        return None


class SecondFactorFirst:
    """Lead people who owe a second factor to its enrolment, and on to their recovery codes."""

    def __init__(self, get_response: _Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        name = _name(request)
        if not request.user.is_authenticated or name in _WHILE_LOCKED:
            return None
        if presence.shows_codes(request):
            ours, page = _CODES | {"account_stay", "account_lock_now"}, "account_codes"
        elif presence.must_enrol(request):
            ours, page = _ENROLMENT, "account_enrol"
        else:
            return None
        return (
            None if name in ours else _elsewhere(request, presence.with_next(page, _page(request)))
        )


def _name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _page(request: HttpRequest) -> str:
    """What to come back to; a script's own address is no page."""
    return "/" if _name(request) in _NO_ACT else presence.page_of(request)


def _elsewhere(request: HttpRequest, url: str) -> HttpResponse:
    if "HX-Request" in request.headers:
        return HttpResponseClientRedirect(url)
    return redirect(url)


def _locked(request: HttpRequest) -> HttpResponse:
    url = presence.with_next("account_lock", _page(request))
    if request.method in {"GET", "HEAD"} or "HX-Request" in request.headers:
        return _elsewhere(request, url)
    return render(request, "account/not_taken.html", {"go_on": url, "locked": True}, status=403)


def _ended(request: HttpRequest) -> HttpResponse:
    url, is_page = presence.with_next("account_login", _page(request)), request.method == "GET"
    logout(request)
    if is_page or "HX-Request" in request.headers:
        messages.info(request, "Your sign-in ended after 12 hours. Sign in again to go on.")
        return _elsewhere(request, url)
    return render(request, "account/not_taken.html", {"go_on": url}, status=403)
