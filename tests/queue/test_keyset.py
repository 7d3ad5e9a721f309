"""Places in a list as text: read back as they were, and nothing else is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.keyset import key, token

FIELDS = ("-is_urgent", "submitted_at", "pk")


@given(
    st.booleans(),
    st.datetimes(datetime(1970, 1, 1), datetime(2280, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(1, 10**18 - 1),
)
def test_a_token_reads_back_as_the_row_it_names(urgent: bool, at: datetime, pk: int) -> None:
    row = {"is_urgent": urgent, "submitted_at": at, "pk": pk}
    assert key(FIELDS, token(FIELDS, row)) == (urgent, at, pk)


@pytest.mark.parametrize(
    "text",
    [None, "", "1", "1-2", "1-2-3-4", "a-2-3", "1-2-", "--", "-1-2-3", "1-2-３", "1-2-3\x00",
     "1-2-" + "9" * 19, "0-99999999999999999-1", "1.0-2-3", "1-2-3 ", "<b>-2-3", "9" * 5000],
)  # fmt: skip
def test_anything_else_is_no_token(text: str | None) -> None:
    assert key(FIELDS, text) is None


def test_a_token_holds_numbers_alone() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(microseconds=7)
    row = {"is_urgent": True, "submitted_at": at, "pk": 12}
    assert token(FIELDS, row) == f"1-{int(at.timestamp())}000007-12"
