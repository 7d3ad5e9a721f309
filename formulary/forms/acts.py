"""What is sent about a change itself: its version, words, the password of who decides."""

from __future__ import annotations

from django import forms

from accounts.house_fields import PagePart, PlainText


class ShownVersion(PagePart):
    """Names the state of the change that the page showed."""

    version = forms.RegexField(r"\A[1-9][0-9]{0,8}\Z", widget=forms.HiddenInput)

    def shown(self) -> int:
        """Only after is_valid()."""
        return int(self.cleaned_data["version"])


class PasswordForm(ShownVersion):
    """Proves who decides; checked by accounts.services.confirm_password."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password to decide."},
    )


class RefuseForm(ShownVersion):
    words = PlainText(
        label="Reason for refusing",
        max_length=500,
        min_length=10,
        multiline=True,
        help_text="The author reads it. It stays in the history",
    )


class WithdrawForm(ShownVersion):
    words = PlainText(
        label="Reason for withdrawing", max_length=500, required=False, multiline=True
    )
