"""Signing in as a browser does, with the codes an app would show."""

from __future__ import annotations

import re
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django.test import Client

from accounts import security
from accounts.models import User
from tests.factories import PASSWORD

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


def visitor(**options: Any) -> Client:
    return Client(HTTP_HOST="127.0.0.1", HTTP_USER_AGENT=CHROME, **options)


def code_for(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or `steps` half minutes later."""
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + steps)))


def with_app(user: User) -> str:
    """Give the person an app; its secret."""
    secret = totp.generate_totp_secret()
    security.add_app(user, secret, keep="")
    return str(secret)


def secret_of(user: User) -> str:
    return str(decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"]))


def give_password(client: Client, user: User, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in/", {"login": user.email, "password": password, **more})


def signed_in(user: User, **options: Any) -> Client:
    """Through the sign-in page, with a second factor if the person has one."""
    client = visitor(**options)
    answer = give_password(client, user)
    if answer.headers.get("Location") == "/account/second-factor/":
        client.post("/account/second-factor/", {"code": security.codes_of(user)[0]})
    assert "_auth_user_id" in client.session
    return client


def is_in(client: Client) -> bool:
    """Whether the next request is a signed-in one."""
    return bool(client.get("/account/security/").status_code == 200)


def shown_secret(page: str) -> str:
    found = re.search(r'class="secret num">([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")
