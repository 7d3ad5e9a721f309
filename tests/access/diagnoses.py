"""The list of diagnosis codes: for who prepares orders and who reviews them."""

from __future__ import annotations

from tests.access import LOGIN, NO, NO_METHOD, OK, Table, row
from tests.conftest import Cast

WHO_NEEDS_IT = row(LOGIN, OK, OK, OK, OK, OK, NO, NO, NO)

TABLE: Table = {"orders:diagnoses": ("", NO_METHOD, WHO_NEEDS_IT)}


def records(cast: Cast) -> dict[str, dict[str, object]]:
    return {}
