"""How long a prescription holds: to the same day of a later month, as its state's rule says."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from formulary.reference import StateRule


def expires_on(written: date, rule: StateRule) -> date | None:
    """The last day on which a fill may start; None where the state sets no end.

    A day that the later month does not have becomes its last: February 29 gives February 28.
    """
    if rule.validity_months is None:
        return None
    return months_after(written, rule.validity_months)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))
