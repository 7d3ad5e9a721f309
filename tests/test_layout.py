"""What no page, template or module may contain, whoever writes it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CODE = [
    path
    for app in ("accounts", "config", "events", "formulary", "intake", "notifications", "orders")
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts
]


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_is_longer_than_150_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 150


@pytest.mark.parametrize("app", ["orders", "notifications"])
def test_views_read_through_a_scope(app: str) -> None:
    """No bare `.objects` in views: what is read starts from visible_to() or belongs to everybody."""
    shared = r"(Reason|Product|Indication|RegimenTemplate)\.objects"
    for path in CODE:
        if path.parts[len(ROOT.parts)] != app or "views" not in str(path):
            continue
        for line in path.read_text().splitlines():
            if ".objects" in line and not re.search(shared, line):
                assert re.search(r"\.(visible_to|manageable_by)\(", line), f"{path}: {line}"


def test_doses_are_never_floats() -> None:
    for path in CODE:
        if path.parts[len(ROOT.parts)] in ("formulary", "orders"):
            assert not re.search(r"\bfloat\(|FloatField", path.read_text()), path
