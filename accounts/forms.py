"""The sign-in form, in the house's words."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm

from accounts.house_forms import own_words, plain_control


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
