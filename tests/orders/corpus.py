"""What fields of every kind must refuse."""

from __future__ import annotations

import os

UNPRINTABLE = ["a\x00b", "a\x07b", "a\x1bb", "a\u202eb", "\u2066a", "a\u200bb"]
MARKUP = ["<b>a</b>", "<script>alert(1)</script>", "a > b"]
NUMBERS = ["1e3", "NaN", "4,5", "４.５", "-1", "1_0", "nine"]
UNKNOWN = ["no such", "-1", "a\x00b", "a\u202eb", "<b>a</b>", "x" * 5000]


def text(most: int) -> list[str]:
    return [*UNPRINTABLE, *MARKUP, "x" * (most + 1), "x" * most * 100]


def some(values: list[str]) -> list[str]:
    """Every third and the last; all of them with EXHAUSTIVE=1, for the hour before a release."""
    return values if os.environ.get("EXHAUSTIVE") == "1" else [*values[::3], values[-1]]
