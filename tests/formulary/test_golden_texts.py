"""The golden texts: what is said of each regimen, word for word."""

from __future__ import annotations

import json

from formulary.rules import check_regimen
from formulary.shipped import shipped_formulary
from tests.formulary import golden
from tests.formulary.helpers import FORBIDDEN, ON


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


def test_a_dose_that_no_part_of_a_tablet_holds_is_told_with_the_parts_there_are() -> None:
    found = golden.regimen(30, "TAB-4.5", "2x-:bed")
    (finding,) = [f for f in check_regimen(found, shipped_formulary(), on=ON) if f.step]
    assert finding.text == (
        "2 mg cannot be made from whole, half or quarter 4.5 mg tablets; "
        "nearest: 1.125 mg or 2.25 mg"
    )
