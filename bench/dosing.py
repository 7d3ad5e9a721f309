"""How many three-step regimens the dosing core reads, checks and sums in a second, on one core."""

from __future__ import annotations

from datetime import date
from time import perf_counter

from formulary.amounts import parse_dose
from formulary.dosing import Product, Regimen, Step, quantity
from formulary.reference import Formulary
from formulary.rules import check_regimen
from formulary.shipped import shipped_formulary

DOSES = (("1.5", 14), ("3", 14), ("4.5", None))
ON = date(2026, 11, 22)


def one_regimen(product: Product, formulary: Formulary) -> None:
    """From typed doses to findings, daily totals and the quantity."""
    steps = tuple(Step(product, parse_dose(dose), 1, days) for dose, days in DOSES)
    regimen = Regimen(product, steps, 90)
    if (
        check_regimen(regimen, formulary, on=ON)
        or quantity(regimen) is None
        or not regimen.daily_mg
    ):
        raise AssertionError("the usual titration must come out clean")


def three_step_regimens_per_second(seconds: float = 2.0) -> float:
    formulary = shipped_formulary()
    product = formulary.products["LDN-CAP-1.5"]
    done, start = 0, perf_counter()
    while (passed := perf_counter() - start) < seconds:
        for _ in range(100):
            one_regimen(product, formulary)
        done += 100
    return done / passed


def run() -> list[tuple[str, str]]:
    return [("three-step regimens per second", f"{three_step_regimens_per_second():,.0f}")]
