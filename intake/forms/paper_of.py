"""A paper of an application, and which prescriber it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from intake.forms.papers import PaperForm
from intake.models import Applicant


class ApplicantPaperForm(PaperForm):
    whose = forms.ChoiceField(label="Which prescriber is it about?", widget=forms.RadioSelect)

    def __init__(
        self, *args: Any, applicants: Sequence[Applicant], names: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._applicants = {str(one.position): one for one in applicants}
        if len(applicants) == 1:
            del self.fields["whose"]
            return
        choice: Any = self.fields["whose"]
        choice.choices = list(zip(self._applicants, names, strict=True))

    def applicant(self) -> Applicant:
        """Only after is_valid()."""
        chosen = self.cleaned_data.get("whose")
        return self._applicants[chosen] if chosen else next(iter(self._applicants.values()))
