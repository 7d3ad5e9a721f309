"""A licence that the practice gives: its new last day, or one that is not on file yet."""

from __future__ import annotations

from typing import Any

from accounts.house_fields import PagePart
from accounts.models import Licence, Prescriber
from intake.forms.fields import FutureDate
from intake.forms.papers import PaperField
from intake.forms.person import LicenceForm
from intake.papers import limits


def _paper() -> PaperField:
    return PaperField(label="Copy of the licence", required=False, help_text=limits.STATED)


class RenewalForm(PagePart):
    """The state, kind and number stay as they are on file."""

    expires_on = FutureDate(label="Licence’s new last day")
    paper = _paper()

    def __init__(self, *args: Any, licence: Licence, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.licence = licence

    def clean(self) -> dict[str, Any]:
        day = self.answer("expires_on")
        if day and day <= self.licence.expires_on:
            words = "This is no later than the day on file: enter the renewed last day."
            self.add_error("expires_on", words)
        return self.cleaned_data


class NewLicenceForm(LicenceForm):
    paper = _paper()

    def __init__(self, *args: Any, prescriber: Prescriber, **kwargs: Any) -> None:
        on_file = [{"state": x.state, "number": x.number} for x in prescriber.licences.all()]
        credentials = {"credentials": {"credential": prescriber.credential}}
        super().__init__(*args, others=on_file, beside=credentials, **kwargs)
