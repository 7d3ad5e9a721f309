"""Proving again who one is, for acts that bind."""

from __future__ import annotations

import re

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.http import HttpRequest

from accounts.factors import app_shows
from accounts.models import User
from accounts.status import ProvedBy


class WrongPassword(Exception):
    """The password does not fit; the message can stand beside its field."""


class TooManyTries(WrongPassword):
    """The rate limit on passwords is used up for now."""


def client_ip(request: HttpRequest) -> str:
    """The address the request came from, past the proxies that the settings trust."""
    return str(get_adapter().get_client_ip(request))


def confirm_password(request: HttpRequest, password: str) -> User:
    """Check the signed-in user's password within the act that needs it.

    Returns the user. Raises WrongPassword, or TooManyTries once the limit on tries is reached.
    """
    user = _counted(request)
    if not user.check_password(password):
        raise WrongPassword("This is not your password. Type it again.")
    ratelimit.clear(request, action="reauthenticate", user=user)
    return user


_CODE = re.compile(r"[0-9]{3} ?[0-9]{3}")


def confirm_identity(request: HttpRequest, given: str) -> ProvedBy:
    """The same by the password or by a code of the authenticator app, which is used up by it.

    Returns which it was. Raises WrongPassword or TooManyTries; both ways share one limit.
    """
    user = _counted(request)
    is_code = _CODE.fullmatch(given.strip()) is not None
    if is_code and app_shows(user, given.strip().replace(" ", "")):
        proved = ProvedBy.CODE
    elif user.check_password(given):
        proved = ProvedBy.PASSWORD
    elif is_code:
        raise WrongPassword("This code does not fit, or was used before. Wait for the next one.")
    else:
        raise WrongPassword("This is not your password. Type it again.")
    ratelimit.clear(request, action="reauthenticate", user=user)
    return proved


def _counted(request: HttpRequest) -> User:
    """The signed-in user, with one more try counted before anything is looked at, so that many at
    once are no more tries than allowed."""
    user = request.user
    if not user.is_authenticated:
        raise WrongPassword("Sign in first.")
    if not ratelimit.consume(request, action="reauthenticate", user=user):
        raise TooManyTries("Too many wrong passwords. Wait five minutes, then try again.")
    return user
