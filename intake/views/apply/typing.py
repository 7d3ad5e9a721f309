"""What was typed on a page and not continued with: read back into its fields."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.dateparse import parse_datetime

from intake.forms.base import SectionForm
from intake.services.drafts import TYPED, Owner


def typed_keys(form: type[SectionForm]) -> list[str]:
    """The names that the controls of a page are sent under."""
    keys: list[str] = []
    for name, field in form.base_fields.items():
        parts = len(field.widget.widgets) if isinstance(field.widget, forms.MultiWidget) else 0
        keys += [f"{name}_{at}" for at in range(parts)] or [name]
    return keys


def remembered(owner: Owner, page: str) -> tuple[MultiValueDict[str, str] | None, datetime | None]:
    """What stood in the page's fields when it was left, and when; None, None for nothing."""
    kept = owner.answers.get(TYPED, {}).get(page)
    if not isinstance(kept, dict):
        return None, None
    data: MultiValueDict[str, str] = MultiValueDict(
        {key: [str(text) for text in texts] for key, texts in kept["data"].items()}
    )
    return data, parse_datetime(str(kept["at"]))
