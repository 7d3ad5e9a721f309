from __future__ import annotations

from tests.access import Table
from tests.conftest import Cast

TABLE: Table = {}


def records(cast: Cast) -> dict[str, dict[str, object]]:
    return {}
