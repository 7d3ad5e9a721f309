"""Writing a change into the formulary, or trying what it would make of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction

from formulary.kept import Kind, Values, kind_of
from formulary.reference import Formulary
from formulary.services.loading import read_rows
from formulary.status import Act


class Change(Protocol):
    """What is needed to write a change: one that is stored, or one that is still a form."""

    @property
    def kind(self) -> Any: ...

    @property
    def act(self) -> Any: ...

    @property
    def row_id(self) -> Any: ...

    @property
    def before(self) -> Any: ...

    @property
    def after(self) -> Any: ...


class RowChanged(Exception):
    """The row is no longer what the change was written for; the message names what differs."""


class CannotApply(Exception):
    """The database or the kind refuses it: texts by column, "" for the whole."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        self.errors = errors
        super().__init__(" ".join(text for texts in errors.values() for text in texts))


def apply(change: Change, *, on: date) -> models.Model:
    """Write it, from the day `on`, in the caller's transaction. Returns the row.

    Raises RowChanged when the row was changed since the change was written, CannotApply when it
    does not fit any more.
    """
    kind = kind_of(change.kind)
    row = ensure_same(change)
    if row is None and _stored(kind, change.after).exists():
        raise CannotApply({"": [f"{kind.key(change.after)} is on file already."]})
    if row is not None and change.act == Act.CONFIRM and not kind.dates_a_look:
        return row
    try:
        with transaction.atomic():
            written: models.Model = kind.write(row, Act(change.act), change.after, on)
            return written
    except ValidationError as wrong:
        raise CannotApply(_texts(wrong)) from wrong
    except IntegrityError as wrong:
        raise CannotApply({"": ["Another row on file stands against it."]}) from wrong


def ensure_same(change: Change) -> models.Model | None:
    """The row, locked; None of one that is added. Raises RowChanged."""
    if change.row_id is None:
        return None
    kind = kind_of(change.kind)
    locked = kind.rows().select_for_update(of=("self",))
    row: models.Model | None = locked.filter(pk=change.row_id).first()
    if row is None:
        raise RowChanged("The row is not there any more.")
    now = kind.snapshot(row)
    if now != change.before:
        raise RowChanged(_differences(kind, change.before, now))
    return row


def _differences(kind: Kind[Any], before: Values, now: Values) -> str:
    told = [
        f"{line.label} was {_quoted(line.before)} and is {_quoted(line.after)} now"
        for line in kind.lines(before, now)
        if line.changed
    ]
    return f"The row was changed meanwhile: {'; '.join(told)}."


def _quoted(words: str) -> str:
    return f"“{words}”" if words else "empty"


def _stored(kind: Kind[Any], after: Values) -> models.QuerySet[Any]:
    """Rows on file that a new one would stand for again."""
    rows: Any = kind.model._default_manager
    unique = [f.name for f in kind.model._meta.get_fields() if getattr(f, "unique", False)]
    named = [name for name in unique if name in after]
    if not named:
        return rows.none()  # type: ignore[no-any-return]
    found = models.Q()
    for name in named:
        found |= models.Q(**{name: after[name]})
    return rows.filter(found)  # type: ignore[no-any-return]


def _texts(wrong: ValidationError) -> dict[str, list[str]]:
    if not hasattr(wrong, "error_dict"):
        return {"": list(wrong.messages)}
    return {
        "" if name == NON_FIELD_ERRORS else name: list(texts)
        for name, texts in wrong.message_dict.items()
    }


def as_it_would_be(change: Change, *, on: date) -> Formulary:
    """The formulary with the change in it: written, read and taken back again.

    Raises what `apply` raises. Nothing stays; no copy of the process sees it.
    """
    with transaction.atomic():
        apply(change, on=on)
        found = read_rows()
        transaction.set_rollback(True)
    return found
