"""Pages that begin after a row instead of at a number: as quick at the end as at the start."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Q

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Sixteen digits of microseconds reach the year 2286, eighteen of a key fit the database.
_PART = re.compile(r"[0-9]{1,18}", re.ASCII)
_LATEST = 10**16

Key = tuple[Any, ...]


def token(fields: Sequence[str], row: Mapping[str, Any]) -> str:
    """The row's place in the order as text for an address: numbers only, nothing of a patient."""
    return "-".join(str(_number(row[field.removeprefix("-")])) for field in fields)


def _number(value: Any) -> int:
    if isinstance(value, datetime):
        return int((value - _EPOCH) // _MICROSECOND)
    return value.toordinal() if isinstance(value, date) else int(value)


def key(fields: Sequence[str], text: str | None) -> Key | None:
    """The values behind a token; None for anything that is not one."""
    parts = (text or "").split("-")
    if len(parts) != len(fields) or not all(_PART.fullmatch(part) for part in parts):
        return None
    values = tuple(_value(field, int(part)) for field, part in zip(fields, parts, strict=True))
    return None if None in values else values


def _value(field: str, number: int) -> bool | int | date | None:
    name = field.removeprefix("-")
    if name.startswith("is_"):
        return bool(number)
    if name.endswith("_at"):
        return _EPOCH + number * _MICROSECOND if number < _LATEST else None
    if name.endswith("_on"):
        return date.fromordinal(number) if 0 < number <= date.max.toordinal() else None
    return number


def beyond(fields: Sequence[str], values: Key) -> Q:
    """Rows that come later in the order `fields` than the row with these values."""
    found, same = Q(), Q()
    for field, value in zip(fields, values, strict=True):
        name = field.removeprefix("-")
        side = "lt" if field.startswith("-") else "gt"
        found |= same & Q(**{f"{name}__{side}": value})
        same &= Q(**{name: value})
    return found
