"""The agreements of an account: texts kept as data, one file for each version, none ever changed.

A file's head has Title, Version, Date and Order; its text has paragraphs and lists. A new version is
a new file; the old one stays, so that what somebody accepted can always be read.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

_FOLDER = Path(__file__).parent / "data" / "agreements"


@dataclass(frozen=True)
class Block:
    """A paragraph of one line, or a list of several."""

    lines: tuple[str, ...]
    is_list: bool


@dataclass(frozen=True)
class Agreement:
    """One version of one agreement. `sha256` is that of its file."""

    slug: str
    title: str
    version: str
    date: date
    order: int
    text: str
    sha256: str

    @property
    def blocks(self) -> list[Block]:
        parts = (part.splitlines() for part in self.text.split("\n\n"))
        return [
            Block(tuple(line.removeprefix("- ") for line in lines), lines[0].startswith("- "))
            for lines in parts
        ]


def read(path: Path) -> Agreement:
    """One file. Raises ValueError or KeyError for a head that is not whole."""
    source = path.read_bytes()
    head, _, text = source.decode().partition("\n\n")
    told = dict(line.split(": ", 1) for line in head.splitlines())
    return Agreement(
        slug=path.name.split(".", 1)[0],
        title=told["Title"],
        version=told["Version"],
        date=date.fromisoformat(told["Date"]),
        order=int(told["Order"]),
        text=text.strip(),
        sha256=hashlib.sha256(source).hexdigest(),
    )


ALL: dict[tuple[str, str], Agreement] = {
    (found.slug, found.version): found for found in map(read, sorted(_FOLDER.glob("*.md")))
}
_newest = {found.slug: found for found in sorted(ALL.values(), key=lambda one: one.date)}
# What is to be accepted now, in the order of reading.
CURRENT: tuple[Agreement, ...] = tuple(sorted(_newest.values(), key=lambda one: one.order))
