"""Changes to how a person signs in. Each is an event, and each ends the person's other sessions."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import decrypt, encrypt
from allauth.mfa.webauthn.internal.auth import WebAuthn
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction

from accounts import links
from accounts.factors import factors_of
from accounts.models import PrivateLink, User
from accounts.sessions import SessionStore
from accounts.status import LinkPurpose
from events.services import record


class LinkUsed(Exception):
    """Somebody was faster with the same link."""


class LastFactor(Exception):
    """Everybody here keeps one second factor; the message can stand on the page."""


@transaction.atomic
def activate(link: PrivateLink, password: str) -> User:
    """The first password, by the link of the invitation. Raises LinkUsed."""
    user = _used_by(link)
    if user.has_usable_password():
        raise LinkUsed
    _set_password(user, password)
    return user


@transaction.atomic
def reset_password(link: PrivateLink, password: str) -> User:
    """A new password by the link of a letter; second factors stay. Raises LinkUsed."""
    user = _used_by(link)
    _set_password(user, password)
    _tell(user, "password")
    end_sessions(user)
    return user


@transaction.atomic
def change_password(user: User, password: str, *, keep: str) -> None:
    """`keep` is the session in which it is changed."""
    _set_password(user, password)
    _tell(user, "password")
    end_sessions(user, keep=keep)


@transaction.atomic
def ask_reset(email: str) -> None:
    """Owe the holder of this address a letter; for an unknown one nothing, and nobody is told."""
    user = User.objects.filter(email=email.lower(), is_active=True).first()
    if user is not None:
        record("user.reset_asked", subject="user", subject_id=user.pk, reference="", by=None)


@transaction.atomic
def add_app(user: User, secret: str, *, keep: str) -> bool:
    """Codes from an app, from now on; True when recovery codes were made along with it."""
    User.objects.select_for_update().get(pk=user.pk)
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    TOTP.activate(user, secret)
    return _added(user, keep)


@transaction.atomic
def add_passkey(user: User, name: str, credential: dict[str, Any], *, keep: str) -> bool:
    """One more passkey; True when recovery codes were made along with it."""
    WebAuthn.add(user, name, credential)
    return _added(user, keep)


@transaction.atomic
def remove_factor(user: User, factor: Any, *, keep: str) -> None:
    """Take one factor away. Raises LastFactor where one must stay."""
    User.objects.select_for_update().get(pk=user.pk)
    is_last = not factors_of(user).exclude(pk=factor.pk).exists()
    if is_last and settings.REQUIRE_MFA:
        raise LastFactor("Add another second factor first: everybody here keeps one.")
    factors_of(user).filter(pk=factor.pk).delete()
    if is_last:
        _recovery(user).delete()
    _tell(user, "second_factor_removed")
    end_sessions(user, keep=keep)


@transaction.atomic
def take_factors(user: User, *, by: User) -> None:
    """An administrator helps somebody who lost all of them; they enrol anew at the next sign-in."""
    Authenticator.objects.filter(user=user).delete()
    _tell(user, "second_factor_removed", by=by)
    end_sessions(user)


@transaction.atomic
def renew_codes(user: User, *, keep: str) -> None:
    """New recovery codes; those from before open nothing any more."""
    User.objects.select_for_update().get(pk=user.pk)
    _recovery(user).delete()
    RecoveryCodes.activate(user)
    _tell(user, "recovery_codes")
    end_sessions(user, keep=keep)


def holder_of(link: PrivateLink) -> User | None:
    """Whose password the link sets: nobody's once the account is closed, no second first one."""
    user = User.objects.filter(pk=link.subject_id, is_active=True).first()
    if user and link.purpose == LinkPurpose.ACTIVATE and user.has_usable_password():
        return None
    return user


def codes_of(user: User) -> list[str]:
    """The recovery codes not used yet."""
    kept = _recovery(user).first()
    return list(kept.wrap().get_unused_codes()) if kept else []


def end_sessions(user: User, *, keep: str = "") -> None:
    """Everywhere, or everywhere but in the session `keep`: dead at their next request."""
    others = UserSession.objects.filter(user=user).exclude(session_key=keep)
    stored = SessionStore.get_model_class().objects
    stored.filter(session_key__in=others.values("session_key")).delete()
    others.delete()


def forget_ended_sessions() -> None:
    """The list of sessions, with its addresses, keeps none that has ended."""
    open_now = SessionStore.get_model_class().objects.values("session_key")
    UserSession.objects.exclude(session_key__in=open_now).delete()


@transaction.atomic
def reencrypt_factors() -> int:
    """Bring every secret under the newest key; how many there were."""
    kept = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).select_for_update()
    for factor in kept:
        for name in {"secret", "seed"} & factor.data.keys():
            factor.data[name] = encrypt(decrypt(factor.data[name]))
        factor.save(update_fields=["data"])
    return len(kept)


def _added(user: User, keep: str) -> bool:
    made = not _recovery(user).exists()
    RecoveryCodes.activate(user)
    _tell(user, "second_factor_added")
    end_sessions(user, keep=keep)
    return made


def _recovery(user: User) -> Any:
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES)


def _used_by(link: PrivateLink) -> User:
    if not links.spend(link):
        raise LinkUsed
    return User.objects.select_for_update().get(pk=link.subject_id)


def _set_password(user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    for purpose in (LinkPurpose.ACTIVATE, LinkPurpose.RESET):
        links.take_back(purpose, user.pk)


def _tell(user: User, what: str, *, by: User | None = None) -> None:
    record(
        "user.security_changed",
        subject="user",
        subject_id=user.pk,
        reference="",
        by=by or user,
        data={"what": what},
    )
