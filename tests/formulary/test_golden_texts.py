"""The golden texts: what is said of each regimen, word for word."""

from __future__ import annotations

import json

from tests.formulary import golden
from tests.formulary.helpers import FORBIDDEN


def test_what_is_said_of_each_regimen_is_what_was_read_and_kept() -> None:
    """`python -m tests.formulary.golden` writes them anew; read the difference."""
    assert sum(len(rows) for rows in golden.REGIMENS.values()) >= 60
    kept = {path.name: path.read_text() for path in golden.FOLDER.glob("*.json")}
    assert kept == {path.name: text for path, text in golden.files()}


def test_no_golden_text_can_be_misread() -> None:
    for _, text in golden.files():
        for words in _texts(json.loads(text)):
            assert not FORBIDDEN.search(words), words


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _texts(one)]
