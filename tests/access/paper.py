"""The prescription as a PDF: for the practice whose it is and for the pharmacy's staff."""

from __future__ import annotations

from tests.access import LOGIN, NO, NO_METHOD, NONE, OK, Table, row
from tests.conftest import Cast
from tests.factories import signed_order

WHO_READS_IT = row(LOGIN, OK, OK, NONE, OK, OK, OK, OK, NO)

TABLE: Table = {"orders:paper": ("order", WHO_READS_IT, NO_METHOD)}


def records(cast: Cast) -> dict[str, dict[str, object]]:
    return {"order": {"reference": signed_order(cast.ada).reference}}
