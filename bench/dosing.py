"""How fast the core reads, checks and sums a three-step regimen, and checks a whole order, on one core."""

from __future__ import annotations

from datetime import date
from statistics import median
from time import perf_counter, process_time

from formulary.amounts import parse_dose
from formulary.dosing import Product, Regimen, Step, quantity
from formulary.facts import Allergies, OpioidUse, OrderFacts, TreatmentStatus
from formulary.findings import Code
from formulary.order_rules import check_order
from formulary.reference import CodeStanding, Formulary
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


def an_order(formulary: Formulary) -> tuple[OrderFacts, Regimen]:
    """Every question answered, with three medicines and two allergies to look up."""
    product = formulary.products["LDN-CAP-1.5"]
    steps = tuple(Step(product, parse_dose(dose), 1, days) for dose, days in DOSES)
    facts = OrderFacts(
        today=ON,
        treatment=TreatmentStatus.NEW_START,
        opioids=OpioidUse.NEVER,
        medicines=("cetirizine 10 mg daily", "levothyroxine 50 mcg", "metoprolol ER 25 mg"),
        allergies=Allergies.LISTED,
        allergy_names=("penicillin", "peanuts"),
        cautions=(),
        cautions_on=ON,
        birth_date=date(1980, 11, 22),
        sex="female",
        indication=formulary.indications["psoriasis"],
        diagnosis_code="L40.0",
        code_standing=CodeStanding.BILLABLE,
        ship_to_state="NC",
        seen_state="NC",
        licence_states=("NC",),
        refills=2,
        active_orders=(),
    )
    return facts, Regimen(product, steps, 90)


def milliseconds_for_an_order(seconds: float = 2.0) -> float:
    """All rules over a three-step order, of processor time: the median of blocks of 100."""
    formulary = shipped_formulary()
    facts, regimen = an_order(formulary)
    if [finding.code for finding in check_order(facts, formulary, regimen)] != [Code.THYROID]:
        raise AssertionError(
            "the order must be asked everything and tell of the thyroid hormone alone"
        )
    blocks, start = [], perf_counter()
    while perf_counter() - start < seconds:
        begun = process_time()
        for _ in range(100):
            check_order(facts, formulary, regimen)
        blocks.append((process_time() - begun) * 10)
    return median(blocks)


def run() -> list[tuple[str, str]]:
    return [
        ("three-step regimens per second", f"{three_step_regimens_per_second():,.0f}"),
        ("all rules over an order", f"{milliseconds_for_an_order():.3f} ms"),
    ]
