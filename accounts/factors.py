"""Second factors as they stand: which a person has, and whether what was given fits.

Codes are counted and used up by allauth's own pieces; here stand the limits on tries, the words,
and the care for what browsers send.
"""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt, encrypt
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts import throttle

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User

SECOND = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
_PENDING = "totp_pending"


def factors_of(user: User) -> QuerySet[Any]:
    """App and passkeys, the oldest first; not the recovery codes."""
    found: QuerySet[Any] = Authenticator.objects.filter(user=user, type__in=SECOND).order_by("pk")
    return found


def is_enrolled(user: User) -> bool:
    return factors_of(user).exists()


def has_passkey(user: User) -> bool:
    return factors_of(user).filter(type=Authenticator.Type.WEBAUTHN).exists()


def passkeys_work(request: HttpRequest) -> bool:
    """Browsers make passkeys for a name only, over https or on the machine itself."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return request.is_secure() and not _is_address(host.strip("[]"))


def named_address(request: HttpRequest) -> str:
    """Where passkeys work instead, on the machine that runs the embedded stack; else empty."""
    return f"http://localhost:{request.get_port()}{request.path}" if settings.EMBEDDED else ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def check_code(request: HttpRequest, user: User, code: str) -> Any | None:
    """The app or the recovery codes that this code fits, used up by it; None when it fits none."""
    tries = throttle.count(request, "second_factor", _key(user))
    tried = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN)
    for factor in tried:
        if factor.wrap().validate_code(code):
            tries.rollback()
            return factor
    return None


def check_passkey(request: HttpRequest, user: User, sent: str) -> Any | None:
    """The passkey that signed our challenge; None for anything else that was sent."""
    tries = throttle.count(request, "second_factor", _key(user))
    try:
        credential = json.loads(sent)
        webauthn.parse_authentication_response(credential)
        factor = webauthn.complete_authentication(user, credential)
    except _UNREADABLE:
        return None
    tries.rollback()
    return factor


def read_new_passkey(sent: str) -> dict[str, Any] | None:
    """What the browser made for our challenge, ready to be kept; None for anything else."""
    try:
        credential: dict[str, Any] = json.loads(sent)
        webauthn.parse_registration_response(credential)
        webauthn.complete_registration(credential)
    except _UNREADABLE:
        return None
    return credential


# A browser's answer is nested JSON with CBOR inside; whatever is wrong with it, it does not fit.
_UNREADABLE = (ValidationError, TypeError, ValueError, KeyError, AttributeError, IndexError)


def ask_passkey(user: User) -> str:
    """The challenge for one of the person's passkeys, as JSON for the page."""
    return json.dumps(webauthn.begin_authentication(user), default=dict)


def ask_new_passkey(user: User) -> str:
    return json.dumps(webauthn.begin_registration(user, False), default=dict)


def pending_secret(request: HttpRequest) -> str:
    """The secret shown for enrolment: the same until it is used, so that reloading is harmless."""
    kept = request.session.get(_PENDING)
    if kept:
        return str(decrypt(kept))
    secret: str = totp.generate_totp_secret()
    request.session[_PENDING] = encrypt(secret)
    return secret


def forget_pending_secret(request: HttpRequest) -> None:
    request.session.pop(_PENDING, None)


def _key(user: User) -> str:
    return f"second-factor-{user.pk}"


def proves(request: HttpRequest, user: User, secret: str, code: str) -> bool:
    """Whether an app that is being set up shows the right code; tries count as at sign-in."""
    tries = throttle.count(request, "second_factor", _key(user))
    if not totp.validate_totp_code(secret, code):
        return False
    tries.rollback()
    return True


def use_up(user: User, code: str) -> None:
    """The code that set up the app does not sign in as well."""
    for factor in factors_of(user).filter(type=Authenticator.Type.TOTP):
        factor.wrap().validate_code(code)


def app_shows(user: User, code: str) -> bool:
    """Whether the person's app shows this code now; it is used up. The caller counts the tries."""
    apps = factors_of(user).filter(type=Authenticator.Type.TOTP)
    return any(app.wrap().validate_code(code) for app in apps)
