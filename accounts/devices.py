"""Second factors and sessions in words: what a person recognises their own things by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from accounts.models import User

# The first that fits names it: most browsers also carry the names of those they descend from.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR|Opera", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox|FxiOS", "Firefox"),
    ("Chrome|CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "an Android device"),
    ("CrOS", "a Chromebook"),
    ("Windows", "Windows"),
    ("Mac OS|Macintosh", "a Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Factor:
    pk: int
    kind: str
    name: str
    added: datetime
    used: datetime | None


@dataclass(frozen=True)
class Session:
    device: str
    ip: str
    began: datetime
    seen: datetime
    is_here: bool


def factor(found: Any) -> Factor:
    """`found` is a row of allauth's Authenticator."""
    is_app = found.type == Authenticator.Type.TOTP
    kind, name = ("App with codes", "") if is_app else ("Passkey", str(found.wrap().name))
    return Factor(found.pk, kind, name, found.created_at, found.last_used_at)


def sessions_of(user: User, *, here: str) -> list[Session]:
    """The open sessions, this one first, then the one used last; dead ones are forgotten."""
    found = [
        Session(words(row.user_agent), row.ip, row.created_at, row.last_seen_at, at_hand)
        for row in UserSession.objects.purge_and_list(user)
        for at_hand in [row.session_key == here]
    ]
    return sorted(found, key=lambda one: (one.is_here, one.seen), reverse=True)


def words(user_agent: str) -> str:
    """`Firefox on a Mac`; what a browser says of itself can be anything, so it is not repeated."""
    browser = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    if browser and system:
        return f"{browser} on {system}"
    return browser or (f"A browser on {system}" if system else "An unknown browser")


def _first(names: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for pattern, name in names if re.search(pattern, text)), "")
