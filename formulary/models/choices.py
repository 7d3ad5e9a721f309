"""The choices of a column, from the values of an enum."""

from __future__ import annotations

from collections.abc import Iterable


def choices(enum: Iterable[str]) -> list[tuple[str, str]]:
    return [(str(value), str(value).replace("_", " ")) for value in enum]
