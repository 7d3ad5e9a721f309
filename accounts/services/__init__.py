"""Proving again who one is, for acts that bind."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.http import HttpRequest

from accounts.models import User


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
    user = request.user
    if not user.is_authenticated:
        raise WrongPassword("Sign in first.")
    # Counted before it is looked at, so that many tries at once are no more tries than allowed.
    if not ratelimit.consume(request, action="reauthenticate", user=user):
        raise TooManyTries("Too many wrong passwords. Wait five minutes, then try again.")
    if not user.check_password(password):
        raise WrongPassword("This is not your password. Type it again.")
    ratelimit.clear(request, action="reauthenticate", user=user)
    return user
