"""How sign-in behaves: accounts are opened by the pharmacy, never by a public form."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.throttle import too_many


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "E-mail address and password do not fit together. "
        "Check both and sign in again.",
        "account_inactive": "This account is closed. Call the pharmacy.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def validation_error(self, code: str, *args: object) -> ValidationError:
        """A used-up limit is no mistake in a field: it answers with its own page."""
        if code == "too_many_login_attempts":
            raise too_many(context.request)
        error: ValidationError = super().validation_error(code, *args)
        return error

    def send_notification_mail(self, *args: object, **kwargs: object) -> None:
        """Our own events tell of changes; allauth's letters are not sent."""


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Secrets lie encrypted in the database, under keys that are not in it."""

    def encrypt(self, text: str) -> str:
        return keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises SecretLost when none of MFA_KEYS fits."""
        try:
            return keys().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise SecretLost("MFA_KEYS lacks the key of a stored second factor.") from None


class SecretLost(Exception):
    """The key that a second factor was encrypted with is not configured any more."""


def keys() -> MultiFernet:
    """Encrypts with the first of MFA_KEYS, decrypts with any."""
    return MultiFernet([Fernet(key) for key in settings.MFA_KEYS])
