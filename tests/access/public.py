"""What strangers read."""

from __future__ import annotations

from tests.access import NOT, PUBLIC, Table, row
from tests.conftest import Cast

_READ_ALONE = row(*[NOT] * 9)
TABLE: Table = {
    "public:conditions": ("", PUBLIC, _READ_ALONE),
    "public:condition": ("condition", PUBLIC, _READ_ALONE),
}


def records(cast: Cast) -> dict[str, dict[str, object]]:
    return {"condition": {"slug": "granuloma-annulare"}}
