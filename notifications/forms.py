from __future__ import annotations

from typing import Any

from django import forms

from accounts.house_fields import PagePart
from accounts.models import User
from notifications import choices


class MailChoicesForm(PagePart):
    """One checkbox for each category that the person may switch off; the template draws the table."""

    mail = forms.MultipleChoiceField(
        label="By e-mail", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["mail"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  narrows the type
        field.choices = [(one.value, str(one.label)) for one in choices.optional(by)]

    def _times_sent(self, key: str) -> int:
        # The one answer of the house that is sent once for each tick.
        return 1
