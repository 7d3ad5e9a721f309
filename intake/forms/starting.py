"""Who fills the application in, the way back to a lost one, and the last words of each page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms

from accounts.house_fields import Named, PagePart, PlainText
from intake.agreements import Agreement
from intake.forms.fields import MailField
from intake.services.agreeing import name_fits
from intake.status import FilledBy


class StartForm(PagePart):
    filled_by = forms.ChoiceField(
        label="Who fills this in?", choices=FilledBy.choices, widget=forms.RadioSelect
    )
    contact_name = Named(label="Your name", max_length=120)
    contact_email = MailField(
        label="Your e-mail address",
        help_text="We send you a private link, so that you can stop and come back",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact_name"].widget.attrs["autocomplete"] = "name"
        self.fields["contact_email"].widget.attrs["autocomplete"] = "email"


class LostForm(PagePart):
    email = MailField(label="E-mail address", help_text="The one the application was started with")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs["autocomplete"] = "email"


class AgreeForm(PagePart):
    """One tick for each agreement, and the name as it stands on the licence."""

    typed_name = Named(
        label="Your full name",
        max_length=120,
        help_text="Typed as you would sign: it stands for your signature under these agreements",
    )

    def __init__(
        self, *args: Any, agreements: Sequence[Agreement], person: Mapping[str, Any], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        ticks = {
            f"accept_{one.slug}": forms.BooleanField(
                label=f"I accept “{one.title}”",
                error_messages={"required": f"Tick “{one.title}” to accept it."},
            )
            for one in agreements
        }
        self.fields = {**ticks, "typed_name": self.fields["typed_name"]}
        self.fields["typed_name"].widget.attrs["autocomplete"] = "name"
        self.agreements = [(one, self[f"accept_{one.slug}"]) for one in agreements]

    def clean(self) -> dict[str, Any]:
        typed = self.answer("typed_name")
        told = (str(self.person.get(part) or "") for part in ("given_name", "family_name"))
        given, family = told
        if typed and not name_fits(typed, given, family):
            words = f"Type the name that this application gives: {given} {family}."
            self.add_error("typed_name", words)
        return self.cleaned_data


class GiveForm(PagePart):
    """What the applicant writes beside the corrections."""

    conditional: ClassVar[frozenset[str]] = frozenset()

    answer_text = PlainText(
        label="Anything you want to tell the reviewer", max_length=1000, required=False,
        multiline=True,
    )  # fmt: skip
