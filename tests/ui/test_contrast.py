"""Finding 3 and rules Q08, V09, L22: each pair of colours that meets on a page, computed by WCAG."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

SHEET = settings.BASE_DIR / "static" / "css" / "scruple.css"
COLOURS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", SHEET.read_text()))
TONES = ("neutral", "info", "ok", "soon", "warn", "stop", "ask", "dark")
SURFACES = ("card", "paper", "sunken")

TEXT = [
    *[(ink, surface) for ink in ("ink", "ink-muted", "teal", "teal-deep") for surface in SURFACES],
    *[(f"{tone}-ink", f"{tone}-tint") for tone in TONES],
    *[("stop-ink", surface) for surface in SURFACES],
    *[(ink, tint) for ink in ("ink", "ink-muted", "teal") for tint in ("teal-tint",)],
    ("dark-ink", "card"),
    ("info-ink", "card"),
    ("warn-ink", "card"),
    ("teal", "info-tint"),
    ("teal-on-tint", "teal-tint"),
    ("card", "teal"),
    ("card", "teal-deep"),
    ("card", "ink-muted"),
    ("card", "stop-mark"),
    ("card", "stop-ink"),
    ("on-night", "night"),
    ("on-night-soft", "night"),
    ("night", "on-night-soft"),
    ("on-band", "band"),
    ("on-brass", "brass"),
]
MARKS = [
    *[("line-control", surface) for surface in SURFACES],
    *[("focus", surface) for surface in (*SURFACES, "teal-tint")],
    *[(f"{tone}-mark", f"{tone}-tint") for tone in TONES],
    *[(f"{tone}-mark", surface) for tone in TONES for surface in SURFACES],
    ("focus-on-night", "night"),
    ("brass", "night"),
    ("teal", "card"),
]


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(COLOURS[one]), luminance(COLOURS[other])))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_words_stand_out_from_their_ground(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_edges_icons_and_focus_stand_out_from_their_ground(mark: str, ground: str) -> None:
    assert contrast(mark, ground) >= 3


@pytest.mark.parametrize("tone", TONES)
def test_words_of_a_badge_stay_legible_in_poor_light(tone: str) -> None:
    assert contrast(f"{tone}-ink", f"{tone}-tint") >= 7


def test_no_style_sheet_brings_a_colour_of_its_own() -> None:
    for sheet in SHEET.parent.glob("*.css"):
        found = re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text())
        if sheet == SHEET:
            assert len(found) == len(COLOURS)
        else:
            known = COLOURS.values() if sheet.name == "admin.css" else {"#000"}
            assert set(found) <= set(known), sheet.name
