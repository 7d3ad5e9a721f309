"""What no template and no style sheet may hold (F05, F12, F24, V01, and a CSP without reports)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = sorted(
    path
    for path in (settings.BASE_DIR / "templates").rglob("*.html")
    if not path.name.startswith("mail")  # letters are read elsewhere and carry their own style
)
SHEETS = sorted((settings.BASE_DIR / "static" / "css").glob("*.css"))
SCRIPTS = sorted((settings.BASE_DIR / "static" / "js").glob("*.js"))
BANNED = {
    "inline style": r"\sstyle\s*=",
    "style element": r"<style\b",
    "inline script": r"<script(?![^>]*\ssrc=)[^>]*>",
    "inline handler": r"\s(on[a-z]+|hx-on[\w:-]*)\s*=",
    "script address": r"javascript:",
    "evaluated htmx": r"\bjs:|hx-vals=['\"]js|hx-trigger=\"[^\"]*\[",
    "number control": r"type=.number",
    "required attribute": r"<(input|select|textarea)[^>]*\srequired",
    "placeholder": r"\splaceholder\s*=",
    "cut text": r"text-truncate|\|truncate",
    "text let through unescaped": r"\|safe\b|autoescape off",
    "foreign address": r"(src|href)=[\"']?(https?:)?//",
    "tall-man habits and Latin": r"\b(QD|QHS|BT|cc)\b|µg|&micro;",
}


def read(path: Path) -> str:
    return re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)


def name_of(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_holds_nothing_banned(path: Path) -> None:
    source = read(path)
    crispy_layout = "bootstrap5" in path.parts and "layout" in path.parts
    for what, pattern in BANNED.items():
        if crispy_layout and what == "text let through unescaped":
            continue
        found = re.search(pattern, source)
        assert not found, f"{what}: {found and found[0]}"
    assert len(path.read_text().splitlines()) <= 150


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_form_leaves_checking_to_the_server(path: Path) -> None:
    for tag in re.findall(r"<form\b(?:[^>{]|\{[{%].*?[%}]\}|\{)*>", read(path)):
        assert "novalidate" in tag, tag


@pytest.mark.parametrize("path", [*SHEETS, *SCRIPTS], ids=name_of)
def test_sheets_and_scripts_are_short_and_need_no_other_house(path: Path) -> None:
    source = path.read_text()
    assert len(source.splitlines()) <= 400
    assert "//" not in re.sub(r"/\*.*?\*/|^\s*//.*$|\s//\s.*$", "", source, flags=re.S | re.M)
    assert "text-overflow" not in source
    assert not re.search(r"\beval\(|new Function|innerHTML", source)
