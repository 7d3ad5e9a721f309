"""What is said of regimens, whole: `python -m tests.formulary.golden` writes tests/data/golden anew.

Read the difference before it is committed: every line is what a patient or a pharmacist reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from formulary.chart import dose_chart
from formulary.dosing import Product, Regimen, Step, Timing
from formulary.fills import Dispensing, each_refill, first_fill
from formulary.reference import Figures
from formulary.shipped import shipped_formulary
from formulary.words import directions

FOLDER = Path(__file__).parents[1] / "data" / "golden"
_SHIPPED = shipped_formulary()
_UNDER, _MOUTH = ("sublingual", "under the tongue"), ("oral", "by mouth")


def _made(
    code: str, form: str, route: tuple[str, str], unit: str, mg: str, by: str, keeps: int
) -> Product:
    return Product(
        code, "naltrexone", form, *route, unit, Decimal(mg), Decimal(by), beyond_use_days=keeps
    )


# Kinds of product that are data like any other, beside those that are shipped.
_FURTHER = (
    _made("TAB-4.5", "tablet", _MOUTH, "tablet", "4.5", "0.25", 180),
    _made("TAB-1.5", "tablet", _MOUTH, "tablet", "1.5", "0.5", 180),
    _made("TAB-8", "tablet", _MOUTH, "tablet", "8", "0.25", 180),
    _made("TRO-1", "troche", _UNDER, "troche", "1", "0.25", 180),
    _made("TRO-4", "troche", _UNDER, "troche", "4", "0.25", 180),
    _made("SUB-3", "sublingual tablet", _UNDER, "tablet", "3", "0.5", 180),
    _made("DROP-1", "sublingual drops", _UNDER, "mL", "1", "0.1", 35),
    _made("LIQ-0.5", "oral liquid", _MOUTH, "mL", "0.5", "0.2", 14),
    _made("LIQ-OIL", "oral suspension", _MOUTH, "mL", "1.5", "0.1", 90),
)
PRODUCTS = dict(_SHIPPED.products) | {product.code: product for product in _FURTHER}
_TIMES = {"bed": Timing.BEDTIME, "am": Timing.MORNING, "pm": Timing.EVENING,
          "both": Timing.MORNING_AND_BEDTIME, "any": Timing.ANY}  # fmt: skip
C05, C1, C15, C3, C45 = (f"LDN-CAP-{mg}" for mg in ("0.5", "1", "1.5", "3", "4.5"))
LIQ = "LDN-LIQ-1"
# name: (days' supply, product, steps); a step is `dose[*times] x days[:when][@product]`, `-` is open.
REGIMENS: dict[str, dict[str, tuple[int, str, str]]] = {
    "capsules": {
        "one strength, open": (90, C45, "4.5x-:bed"),
        "one strength, closed": (30, C45, "4.5x30:bed"),
        "one day": (1, C3, "3x-:bed"),
        "a whole year": (365, C45, "4.5x-:bed"),
        "fixed 3 mg": (90, C3, "3x-:bed"),
        "in the morning": (90, C3, "3x-:am"),
        "in the evening": (90, C3, "3x-:pm"),
        "any time of day": (90, C3, "3x-:any"),
        "the least dose": (30, C05, "0.5x-:bed"),
        "the largest dose in ten capsules": (30, C05, "5x-:bed"),
        "longer than its beyond-use date": (180, C45, "4.5x-:bed"),
        "as long as its beyond-use date lets": (175, C45, "4.5x-:bed"),
        "1.5, 3, 4.5 by two weeks": (90, C15, "1.5x14:bed 3x14:bed 4.5x-:bed"),
        "1.5, 3, 4.5 by one week": (90, C15, "1.5x7:bed 3x7:bed 4.5x-:bed"),
        "1.5, then 4.5": (90, C15, "1.5x14:bed 4.5x-:bed"),
        "0.5 up to 4.5": (90, C05, " ".join(f"{n / Decimal(2):f}x7:bed" for n in range(1, 9)) + " 4.5x-:bed"),
        "1 up to 4": (90, C1, "1x14:bed 2x14:bed 3x14:bed 4x-:bed"),
        "the last step ends": (42, C15, "1.5x14:bed 3x14:bed 4.5x14:bed"),
        "one day is left": (90, C15, "1.5x89:bed 3x-:bed"),
        "one day each": (3, C15, "1.5x1:bed 3x1:bed 4.5x1:bed"),
        "the time of day moves": (60, C15, "1.5x14:bed 3x-:am"),
        "descending": (28, C15, "4.5x14:bed 3x14:bed"),
        "descending to an open step": (60, C15, "4.5x14:bed 3x14:bed 1.5x-:bed"),
        "up and down": (60, C15, "3x14:bed 4.5x14:bed 1.5x-:bed"),
        "the same dose in two steps": (28, C15, "3x14:am 3x14:bed"),
        "twenty steps": (40, C05, " ".join(f"{1 + n % 2}x2:bed" for n in range(20))),
        "twelve steps": (84, C05, " ".join(f"{Decimal(n) / 2:f}x7:bed" for n in (*range(1, 11), 9, 8))),
    },
    "split_doses": {
        "twice daily": (30, C15, "1.5*2x-:any"),
        "morning and bedtime": (30, C15, "1.5*2x-:both"),
        "three times daily": (30, C05, "0.5*3x-:any"),
        "ten times daily": (7, C05, "0.5*10x-:any"),
        "twice two capsules": (30, C1, "2*2x-:both"),
        "once, then twice daily": (60, C15, "1.5x14:bed 1.5*2x-:both"),
        "twice, then once daily": (60, C15, "1.5*2x14:both 4.5x-:bed@LDN-CAP-4.5"),
        "liquid twice daily": (30, LIQ, "2.3*2x-:any"),
        "liquid morning and bedtime": (30, LIQ, "1.5*2x-:both"),
    },
    "several_products": {
        "1.5 capsules, then 4.5": (90, C15, "1.5x14:bed 4.5x-:bed@LDN-CAP-4.5"),
        "each step its own": (90, C15, "1.5x14:bed 3x14:bed@LDN-CAP-3 4.5x-:bed@LDN-CAP-4.5"),
        "three capsules, then one": (60, C05, "1.5x14:bed 4.5x-:bed@LDN-CAP-4.5"),
        "back to the first": (42, C15, "1.5x14:bed 4.5x14:bed@LDN-CAP-4.5 3x14:bed"),
        "capsules, then liquid": (30, C15, "1.5x14:bed 4.5x-:bed@LDN-LIQ-1"),
        "liquid, then capsules": (90, LIQ, "0.5x7:bed 1x7:bed 4.5x-:bed@LDN-CAP-4.5"),
        "tablets, then capsules": (60, "TAB-4.5", "2.25x14:bed 4.5x-:bed@LDN-CAP-4.5"),
    },
    "liquids": {
        "ninety days in four fills": (90, LIQ, "4.5x-:bed"),
        "twenty-five days": (25, LIQ, "4.5x-:bed"),
        "one day more": (26, LIQ, "4.5x-:bed"),
        "thirty days": (30, LIQ, "0.5x-:am"),
        "a tenth of a mL": (10, LIQ, "0.6x-:bed"),
        "up by one half": (28, LIQ, "0.5x7:bed 1x7:bed 1.5x7:bed 2x-:bed"),
        "descending": (28, LIQ, "4.5x14:bed 2.5x-:bed"),
        "half a mg in one mL": (30, "LIQ-0.5", "1.5x-:bed"),
        "half a mg in one mL, a quarter of a year": (90, "LIQ-0.5", "1.5x-:bed"),
        "more mg than mL": (90, "LIQ-OIL", "4.5x-:bed"),
        "drops under the tongue": (30, "DROP-1", "1.5x-:am"),
        "drops, rising": (60, "DROP-1", "0.5x14:am 1x14:am 1.5x-:am"),
    },
    "tablets_and_troches": {
        "one half": (30, "TAB-4.5", "2.25x-:bed"),
        "one quarter": (30, "TAB-4.5", "1.125x-:bed"),
        "three quarters": (30, "TAB-4.5", "3.375x-:bed"),
        "one whole": (30, "TAB-4.5", "4.5x-:bed"),
        "rising by quarters": (56, "TAB-4.5", "1.125x14:bed 2.25x14:bed 3.375x14:bed 4.5x-:bed"),
        "one and one half": (30, "TAB-1.5", "2.25x-:bed"),
        "two and one half": (30, "TAB-1.5", "3.75x-:bed"),
        "three": (30, "TAB-1.5", "4.5x-:bed"),
        "one half of an eight": (30, "TAB-8", "4x-:bed"),
        "one half twice daily": (30, "TAB-4.5", "2.25*2x-:both"),
        "an odd number of halves": (15, "TAB-4.5", "2.25x-:bed"),
        "a troche": (30, "TRO-1", "1x-:bed"),
        "quarters of a troche": (56, "TRO-4", "1x14:bed 2x14:bed 3x14:bed 4x-:bed"),
        "one and one quarter troches": (30, "TRO-1", "1.25x-:bed"),
        "sublingual tablets": (30, "SUB-3", "1.5x14:am 3x-:am"),
    },
}  # fmt: skip


def regimen(supply: int, code: str, steps: str) -> Regimen:
    return Regimen(PRODUCTS[code], tuple(_step(text, code) for text in steps.split()), supply)


def _step(text: str, code: str) -> Step:
    dosing, _, other = text.partition("@")
    dosing, _, when = dosing.partition(":")
    dose, _, days = dosing.partition("x")
    mg, _, times = dose.partition("*")
    return Step(
        PRODUCTS[other or code],
        Decimal(mg),
        int(times or 1),
        None if days == "-" else int(days),
        _TIMES[when],
    )


def said(found: Regimen) -> dict[str, Any]:
    """Everything that stands on a page, a sheet or a label of this regimen."""
    figures, chart = Figures(), dose_chart(found, _SHIPPED.ranges[0])
    assert chart is not None
    return {
        "directions": directions(found, comma=True),
        "first_fill": _fill(first_fill(found, figures)),
        "each_refill": _fill(each_refill(found, figures)),
        "chart": {
            "headline": chart.headline,
            "subtitle": chart.subtitle,
            "rescaled": chart.rescaled,
            "path": chart.path,
            "labels": [step.label.text if step.label else None for step in chart.steps],
        },
        "table": [
            " | ".join((str(step.number), step.span, step.taken, step.daily, step.standing))
            for step in chart.steps
        ],
    }


def _fill(fill: Dispensing | None) -> dict[str, Any] | None:
    if fill is None:
        return None
    return {
        "days": fill.days,
        "quantity": fill.quantity,
        "directions": fill.directions,
        "parts": list(fill.parts),
        "plan": fill.plan,
    }


def files() -> Iterator[tuple[Path, str]]:
    """Each file with what it must hold."""
    for group, rows in REGIMENS.items():
        content = {
            name: {"days_supply": days, "product": code, "steps": steps}
            | said(regimen(days, code, steps))
            for name, (days, code, steps) in rows.items()
        }
        text = json.dumps(content, indent=1, ensure_ascii=False)
        yield FOLDER / f"{group}.json", text.replace("\u00a0", " ") + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in files():
        path.write_text(text)
