"""The lines of the decision table that tell how long a prescription holds."""

from __future__ import annotations

from datetime import date

import pytest

from orders.services.validity import expires_on
from tests.formulary.table import Line, lines, parts

DATED = [line for line in lines() if line.expected.startswith("valid_until=")]


@pytest.mark.parametrize("line", DATED, ids=[line.what for line in DATED])
def test_a_prescription_holds_as_long_as_its_state_says(line: Line) -> None:
    said = dict(part.split("=") for part in parts(line.facts))
    rule = line.changed().rule_of(said["state"])
    until = expires_on(date.fromisoformat(said["written"]), rule)
    assert (until.isoformat() if until else "none") == line.expected.removeprefix("valid_until=")
