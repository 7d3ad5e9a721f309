"""How sign-in behaves: accounts are opened by the pharmacy, never by a public form."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "E-mail address and password do not fit together. "
        "Check both and sign in again.",
        "too_many_login_attempts": "Too many failed sign-ins. Wait five minutes, then try again.",
        "account_inactive": "This account is closed. Call the pharmacy.",
    }
