"""The formulary as it stood when an order was signed, kept once for each change and read again."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from formulary.models import FormularyEdition
from formulary.reference import Formulary
from formulary.services import load_formulary
from formulary.shipped import read
from formulary.spelled import to_json


def keep_edition(formulary: Formulary | None = None) -> FormularyEdition:
    """The edition of what the rules were just asked with; stored when it is the first time."""
    used = formulary or load_formulary()
    if used.stamp is None:
        raise ValueError("Only the formulary as stored has editions.")
    known = FormularyEdition.objects.filter(stamp=used.stamp).defer("content").first()
    if known is not None:
        return known
    content = to_json(used)
    return FormularyEdition.objects.get_or_create(stamp=used.stamp, defaults={"content": content})[
        0
    ]


@lru_cache(maxsize=16)
def formulary_at(edition_id: int) -> Formulary:
    """What an edition says; an edition never changes, so it is read once a process."""
    edition = FormularyEdition.objects.get(pk=edition_id)
    return replace(read(edition.content), stamp=edition.stamp)
