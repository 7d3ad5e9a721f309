"""Why a paper is refused, each in words of its own (F18)."""

from __future__ import annotations

import enum


class Refusal(enum.Enum):
    """The value is the sentence that stands beside the field."""

    NONE = "Choose a file: a PDF, PNG or JPEG."
    TYPE = (
        "This file is not a PDF, PNG or JPEG. Save or photograph the paper as one of these and"
        " choose it again."
    )
    SIZE = (
        "This file is bigger than 10 MB. Scan it in a lower quality, or send only its first pages."
    )
    PIXELS = "This picture has more than 40 million points. Take or scan it in a lower resolution."
    EMPTY = "This file is empty: it holds 0 bytes. Choose another one."
    BROKEN = (
        "This file is damaged and cannot be opened. Save or scan it again, then choose it again."
    )
    TAIL = (
        "This file holds something else behind its end. Print it to a new PDF, or photograph the"
        " paper, and choose that one."
    )
    LOCKED = (
        "This PDF is locked by a password. Print it to a new PDF without one and choose that one."
    )
    PAGES = "This PDF has more than 30 pages. Send only the pages that matter here."
    ACTIVE = (
        "This PDF holds a script, a form that sends data or an attached file. Print it to a new PDF"
        " and choose that one."
    )
    VIRUS = "A virus was found in this file, so it was deleted. Choose another copy of the paper."
    TOO_MANY = "There are 20 papers here already. Remove one before you add another."
    CLOSED = "This application was sent meanwhile, so its papers cannot change now."
    FAILED = "We could not store this file just now. Choose it again and send it once more."


class PaperRefused(Exception):
    """A paper was not taken; str() of it is the sentence for the sender."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.value)
