"""The session of the request at hand: renewed, seen, confirmed, and where it goes on to."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import factors, idle, links
from accounts.models import User
from accounts.status import LinkPurpose

CONFIRMED_FOR = 5 * 60
_ENROLLED, _MUST_ENROL, _SHOW_CODES = "enrolled", "must_enrol", "show_codes"
_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def person(request: HttpRequest) -> User:
    """The signed-in user, for views that only those reach."""
    return cast(User, request.user)


# --- Where to go on ----------------------------------------------------------------------------
def onward(request: HttpRequest, default: str = "/") -> str:
    """`next` of the form or the address, if it leads to a page of ours; else `default`."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if is_ours and target.startswith("/") else default


def page_of(request: HttpRequest) -> str:
    """The page that the person looks at: this one, or the one that this request came from."""
    if request.method in {"GET", "HEAD"} and "HX-Request" not in request.headers:
        return request.get_full_path()
    said = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "/"
    try:
        parts = urlsplit(said)
    except ValueError:
        return "/"
    if parts.netloc != request.get_host():
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def with_next(name: str, target: str) -> str:
    return f"{reverse(name)}?{urlencode({'next': target})}"


# --- The session's key and its row in the list -----------------------------------------------------
def renew(request: HttpRequest) -> None:
    """A new key for the same session, so that one known from before opens nothing."""
    old = request.session.session_key
    request.session.cycle_key()
    _moved(request, old)


def keep_after_password(request: HttpRequest) -> None:
    """The session in which the password was changed goes on under a new key."""
    old = request.session.session_key
    update_session_auth_hash(request, person(request))
    _moved(request, old)


def _moved(request: HttpRequest, old: str | None) -> None:
    UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)


def seen(request: HttpRequest) -> None:
    """The person did something in this session."""
    if idle.note(request.session):
        mine = UserSession.objects.filter(session_key=request.session.session_key)
        if not mine.update(last_seen_at=timezone.now()):
            UserSession.objects.create_from_request(request)


def key_of(request: HttpRequest) -> str:
    return request.session.session_key or ""


# --- Proved again ----------------------------------------------------------------------------------
def is_confirmed(request: HttpRequest) -> bool:
    """Whether the person proved in the last minutes who they are, by signing in or again."""
    proofs = get_authentication_records(request, person(request))
    return bool(proofs) and time.time() - proofs[-1]["at"] < CONFIRMED_FOR


def confirm(request: HttpRequest, method: str) -> None:
    """Note that the person has just proved who they are, and renew the session."""
    record_authentication(request, person(request), method, reauthenticated=True)
    renew(request)


def confirmed(view: _View[_P]) -> _View[_P]:
    """Ask for the password or a passkey first, where the last proof is older than 5 minutes."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        if is_confirmed(request):
            return view(request, *args, **kwargs)
        is_page = request.method in {"GET", "HEAD"}
        target = request.get_full_path() if is_page else reverse("account_security")
        return redirect(with_next("account_confirm", target))

    return guarded


# --- Enrolment -------------------------------------------------------------------------------------
def lead_to_enrolment(request: HttpRequest) -> None:
    """Whatever the installation asks of others, this person adds a second factor now."""
    request.session[_MUST_ENROL] = True


def must_enrol(request: HttpRequest) -> bool:
    """Whether a second factor is owed. Remembered once there is one; ending it ends sessions."""
    session = request.session
    if session.get(_ENROLLED) or not (settings.REQUIRE_MFA or session.get(_MUST_ENROL)):
        return False
    if not factors.is_enrolled(person(request)):
        return True
    session[_ENROLLED] = True
    return False


def wizard(request: HttpRequest) -> dict[str, object]:
    """The site's places are left out of the header while every one of them leads back here."""
    return {"nav": []} if shows_codes(request) or must_enrol(request) else {}


def enrolled(request: HttpRequest, *, show_codes: bool) -> None:
    request.session.pop(_MUST_ENROL, None)
    if show_codes:
        request.session[_SHOW_CODES] = True
    renew(request)


def factor_removed(request: HttpRequest) -> None:
    request.session.pop(_ENROLLED, None)
    request.session.pop(_SHOW_CODES, None)


def shows_codes(request: HttpRequest) -> bool:
    return bool(request.session.get(_SHOW_CODES))


def codes_kept(request: HttpRequest) -> None:
    request.session.pop(_SHOW_CODES, None)


def started(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Receiver of Django's user_logged_in: the clock starts, nothing is left of who was here.

    Who was invited owes a second factor at every sign-in until there is one.
    """
    for name in (_ENROLLED, _MUST_ENROL, _SHOW_CODES):
        request.session.pop(name, None)
    if links.was_sent(LinkPurpose.ACTIVATE, user.pk):
        lead_to_enrolment(request)
    idle.begin(request.session)
