"""How long a prescription holds, and what happens on the days that count."""

from __future__ import annotations

from datetime import date

import pytest

from formulary.reference import USUAL_RULE, StateRule
from orders.services.validity import expires_on

ILLINOIS = StateRule(state="IL", source="15 months", validity_months=15)
NO_END = StateRule(state="ID", source="no end", validity_months=None)


@pytest.mark.parametrize(
    ("written", "rule", "last"),
    [
        (date(2026, 3, 4), USUAL_RULE, date(2027, 3, 4)),
        (date(2028, 2, 29), USUAL_RULE, date(2029, 2, 28)),
        (date(2027, 2, 28), USUAL_RULE, date(2028, 2, 28)),
        (date(2026, 12, 31), USUAL_RULE, date(2027, 12, 31)),
        (date(2026, 3, 4), ILLINOIS, date(2027, 6, 4)),
        (date(2026, 11, 30), ILLINOIS, date(2028, 2, 29)),
        (date(2026, 10, 15), ILLINOIS, date(2028, 1, 15)),
        (date(2025, 11, 29), ILLINOIS, date(2027, 2, 28)),
    ],
)
def test_a_prescription_holds_to_the_same_day_of_a_later_month(
    written: date, rule: StateRule, last: date
) -> None:
    assert expires_on(written, rule) == last


def test_a_state_without_an_end_gives_none() -> None:
    assert expires_on(date(2026, 3, 4), NO_END) is None
