"""Signing in, proving again who one is, passwords and second factors, in the house's words."""

from __future__ import annotations

import re
from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.contrib.auth.password_validation import validate_password

from accounts.house_forms import HouseForm, HouseText, own_words, plain_control
from accounts.models import User


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """E-mail address and password; allauth checks both and counts failed tries."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "E-mail address"
        self.fields["password"].help_text = ""
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            plain_control(field)
            own_words(field, str(field.label))


class Password(forms.CharField):
    """Any characters, spaces at the ends too; pasting and password managers are welcome."""

    def __init__(self, label: str, *, autocomplete: str = "current-password", **kw: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(label=label, strip=False, widget=widget, **kw)


class Code(forms.CharField):
    """Six digits of an app, or a recovery code; spaces and hyphens do not count."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"})
        super().__init__(label=label, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        return re.sub(r"[\s-]", "", super().to_python(value) or "")[:40]


class CodeForm(HouseForm):
    """The second factor at sign-in."""

    code = Code("Code", help_text="Six digits from your app, or one of your recovery codes")


class AppForm(HouseForm):
    """The first code of an app that was just set up."""

    code = Code("Code from the app", help_text="Six digits; a new code appears every 30 seconds")


class PasskeyForm(HouseForm):
    """What the browser made; `name` is how the person will know it again."""

    name = HouseText(
        label="Name of the passkey",
        max_length=60,
        help_text="For example: phone, laptop at work, blue key",
    )
    credential = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("credential"):
            self.add_error(None, "The browser made no passkey. Try again.")
        return cleaned


class PresentPassword(HouseForm):
    """Unlocking, and confirming that it is oneself."""

    password = Password("Password")


class NewPassword(HouseForm):
    """A password of one's own choice; why one is refused is said beside it."""

    new_password = Password("New password", autocomplete="new-password")

    def __init__(self, *args: Any, user: User, least: int, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        self.fields[
            "new_password"
        ].help_text = f"At least {least} characters. Several words in a row are easy to remember."

    def clean_new_password(self) -> str:
        password = str(self.cleaned_data["new_password"])
        validate_password(password, self.user)
        return password


class ChangePassword(NewPassword):
    """The present password is checked by the view, which counts the tries."""

    password = Password("Present password")
    field_order = ("password", "new_password")


class Forgotten(HouseForm):
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class CodesKept(HouseForm):
    kept = forms.BooleanField(label="I have kept the codes where I find them without this device")
