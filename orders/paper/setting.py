"""Setting a sheet in type: plain data in, PDF bytes out."""

from __future__ import annotations

import json
import logging
import unicodedata
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

_log = logging.getLogger(__name__)
_TEMPLATE = Path(__file__).with_name("prescription.typ")
_PROBE = Path(__file__).with_name("probe.typ")
# One compiler a process keeps its fonts; it does one thing at a time.
_at_work = Lock()
# Joiners that scripts are written with; every other character without a shape is told by number.
_SHAPELESS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_JOINERS = frozenset("\u200c\u200d")


class PaperFailed(Exception):
    """The sheet could not be set. Says nothing of what stands on it."""


def set_type(sheet: dict[str, Any]) -> bytes:
    """The PDF of a sheet. Characters that no font of ours has are told by their number."""
    shown = _each_text(sheet, printable)
    try:
        return _compiled(_TEMPLATE, json.dumps(shown))
    except typst.TypstError:
        _log.warning("a sheet was set again without the characters of other scripts")
    try:
        return _compiled(_TEMPLATE, json.dumps(_each_text(sheet, _numbers_only)))
    except typst.TypstError as error:
        # The message may quote the sheet: only its class is told.
        _log.error("setting a sheet failed: %s", type(error).__name__)
        raise PaperFailed("The prescription could not be set in type.") from None


def printable(text: str) -> str:
    """The text with [U+1F600] for each character that cannot be printed or would turn others round."""
    if text.isascii():
        return text
    return "".join(char if _has_a_shape(char) else _number(char) for char in text)


def _numbers_only(text: str) -> str:
    return "".join(
        char if ord(char) < 0x250 or char in "–’“” · ×" else _number(char) for char in text
    )


def _number(char: str) -> str:
    return char if char == "\n" else f"[U+{ord(char):04X}]"


@lru_cache(maxsize=4096)
def _has_a_shape(char: str) -> bool:
    if char in _JOINERS or char == "\n" or ord(char) < 0x7F:
        return True
    if unicodedata.category(char) in _SHAPELESS:
        return False
    try:
        _compiled(_PROBE, f"n{char}")
    except typst.TypstError:
        return False
    return True


def _each_text(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(one, change) for one in value]
    if isinstance(value, dict):
        return {key: _each_text(one, change) for key, one in value.items()}
    return value


@lru_cache(maxsize=2)
def _compiler(template: Path) -> typst.Compiler:
    return typst.Compiler(str(template), root=str(template.parent), ignore_system_fonts=True)


def _compiled(template: Path, sheet: str) -> bytes:
    """Raises typst.TypstError. The fixed time keeps the bytes the same."""
    with _at_work:
        made = _compiler(template).compile(
            format="pdf", sys_inputs={"sheet": sheet}, pdf_standards="ua-1", timestamp=0
        )
    assert isinstance(made, bytes)  # noqa: S101  a PDF is one file
    return made
