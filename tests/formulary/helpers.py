"""Short ways to write regimens and lines of `check_regimen`."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal

from formulary.dosing import Product, Regimen, Step, Timing
from formulary.findings import Finding
from formulary.rules import check_regimen
from formulary.shipped import shipped_formulary

ON = date(2026, 11, 22)
# No full stop after a unit, no naked or trailing zero, no abbreviation that is misread (ISMP), and
# none of the words that error texts avoid.
FORBIDDEN = re.compile(
    r"\b(?:mg|mcg|mL)\.|(?<!\d)\.\d|\d\.(?!\d)|\.\d*0\b|[µ<>]"
    r"|\b(?:cc|QD|QHS|HS|BT|U|ug)\b|(?i:invalid|please)"
)
CAPSULE, LIQUID = "LDN-CAP-1.5", "LDN-LIQ-1"


def product(code: str) -> Product:
    return shipped_formulary().products[code]


def step(text: str, ordered: Product, timing: Timing = Timing.BEDTIME) -> Step:
    """`4.5x14`: 4.5 mg once a day for 14 days; `2.25*2x-` twice a day for the rest;
    `3x7@LDN-CAP-3` of another product."""
    dosing, _, code = text.partition("@")
    dose, _, days = dosing.partition("x")
    amount, _, times = dose.partition("*")
    if times and timing is Timing.BEDTIME:
        timing = Timing.ANY
    return Step(
        product=product(code) if code else ordered,
        dose_mg=Decimal(amount),
        times_per_day=int(times or 1),
        days=None if days in ("", "-") else int(days),
        timing=timing,
    )


def regimen(
    steps: str, code: str = CAPSULE, supply: int = 90, timing: Timing = Timing.BEDTIME
) -> Regimen:
    """`1.5x14 4.5x-` of one product."""
    ordered = product(code)
    return Regimen(ordered, tuple(step(text, ordered, timing) for text in steps.split()), supply)


def said(found: Regimen) -> list[tuple[str, str, int | None]]:
    """(code, level, step) of every finding."""
    return [(str(f.code), str(f.level), f.step) for f in findings(found)]


def findings(found: Regimen) -> tuple[Finding, ...]:
    return check_regimen(found, shipped_formulary(), on=ON)


def line(*steps: object, **changes: object) -> bytes:
    """One line of `check_regimen`; a step is (dose, days) or a whole JSON object."""
    full = [
        {"dose": given[0], "unit": "mg", "times_per_day": 1, "days": given[1]}
        if isinstance(given, tuple)
        else given
        for given in steps
    ]
    row = {"id": "a", "product": CAPSULE, "steps": full, "days_supply": 90} | changes
    return json.dumps({key: value for key, value in row.items() if value is not ...}).encode()
