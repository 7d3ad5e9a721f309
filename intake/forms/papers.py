"""The control for one paper, and the form that takes it (F18)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.house_fields import PagePart
from intake.papers import limits
from intake.papers.inspection import Paper, inspect
from intake.papers.refusals import PaperRefused, Refusal
from intake.status import UploadKind

_ACCEPTED = "application/pdf,image/png,image/jpeg,.pdf,.png,.jpg,.jpeg"


class PaperField(forms.FileField):
    """One PDF, PNG or JPEG, judged while it is cleaned; its value is a Paper, ready for store()."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", limits.STATED)
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": _ACCEPTED}))
        kwargs.setdefault("error_messages", {"required": Refusal.NONE.value})
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> Paper | None:
        if not hasattr(data, "chunks"):  # nothing chosen, or a text where a file belongs
            self.validate(None)
            return None
        try:
            return inspect(data)
        except PaperRefused as refused:
            raise ValidationError(str(refused), code=refused.refusal.name.lower()) from None


class PaperForm(PagePart):
    """One paper and, where there is a choice, what it is. Needs enctype="multipart/form-data"."""

    kind = forms.ChoiceField(label="What is this paper?", widget=forms.RadioSelect)
    file = PaperField(label="File")

    def __init__(
        self, *args: Any, kinds: Iterable[UploadKind] = tuple(UploadKind), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._kinds = tuple(kinds)
        if len(self._kinds) == 1:
            del self.fields["kind"]
            self.fields["file"].label = self._kinds[0].label
        else:
            choice: Any = self.fields["kind"]
            choice.choices = [(kind.value, kind.label) for kind in self._kinds]

    def paper(self) -> tuple[Paper, UploadKind]:
        """What a valid form holds, for store()."""
        kind = self.cleaned_data.get("kind") or self._kinds[0]
        return self.cleaned_data["file"], UploadKind(kind)

    def refuse(self, refused: PaperRefused) -> None:
        """Put what store() said beside the control."""
        self.add_error("file", str(refused))
