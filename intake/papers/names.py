"""What a file is called here: its content decides the ending, and nothing in it can act."""

from __future__ import annotations

import re
import unicodedata

from intake.papers.limits import MAX_NAME

ENDINGS = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
}
_SEPARATORS = re.compile(r"[/\\:]")
# Nothing that a file system, a shell or a header reads as its own.
_FORBIDDEN = re.compile(r'[<>:"|?*;%\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")
# Controls, marks of writing direction, surrogates, private and unassigned characters.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def display_name(sent: str, content_type: str) -> str:
    """`sent` without its folders and anything unprintable, with the ending that is right.

    Never empty, never longer than MAX_NAME; a name that some system keeps for itself gets a mark.
    """
    ending, stem = ENDINGS[content_type][0], _printable(_SEPARATORS.split(sent)[-1])
    for usual in ENDINGS[content_type]:
        if stem.lower().endswith(usual):
            ending, stem = usual, stem[: -len(usual)]
            break
    stem = stem.strip(" .") or "paper"
    if _RESERVED.fullmatch(stem):
        stem = f"paper {stem}"
    return stem[: MAX_NAME - len(ending)].rstrip(" .") + ending


def _printable(text: str) -> str:
    kept = "".join(c for c in text if unicodedata.category(c) not in _HIDDEN)
    return " ".join(_FORBIDDEN.sub(" ", unicodedata.normalize("NFC", kept)).split())
