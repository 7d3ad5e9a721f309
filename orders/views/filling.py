"""What the order form shows of supply: the fills apart, a price, and a strength that needs fewer units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from formulary.dosing import Product, Regimen, Step
from formulary.fills import Dispensing, each_refill, first_fill
from formulary.reference import Figures, Formulary
from orders.prescription import FillShown, fills_shown, keep_units
from orders.status import BillTo

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Offer:
    """A larger strength for one step, as a button: `value` is what it sends."""

    step: int
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a fill would cost in US dollars, and who pays."""

    first: str
    refill: str
    payer: str


@dataclass(frozen=True, slots=True)
class Filling:
    fills: list[FillShown]
    estimate: Estimate | None
    offers: dict[int, Offer]


def filling(
    regimen: Regimen | None, formulary: Formulary, *, whole: bool, refills: int, bill_to: str
) -> Filling:
    """`whole`: nothing is missing that the fills need."""
    if regimen is None:
        return Filling([], None, {})
    offers = {offer.step: offer for offer in _offers(regimen, formulary)}
    if not whole:
        return Filling([], None, offers)
    figures = formulary.figures
    shown = fills_shown(regimen, refills, figures)
    return Filling(shown, _estimate(regimen, figures, refills, bill_to), offers)


def _estimate(regimen: Regimen, figures: Figures, refills: int, bill_to: str) -> Estimate | None:
    first = _price(first_fill(regimen, figures))
    if first is None:
        return None
    refill = _price(each_refill(regimen, figures)) if refills else None
    payer = BillTo(bill_to).label.lower() if bill_to in BillTo else ""
    return Estimate(f"${first:,}", f"${refill:,}" if refill else "", payer)


def _price(fill: Dispensing | None) -> Decimal | None:
    """None while any of its products has no price."""
    if fill is None:
        return None
    total = Decimal(0)
    for product, quantity in fill.amounts:
        if product.price_per_unit is None:
            return None
        total += product.price_per_unit * quantity.value
    return total.quantize(_CENT)


def _offers(regimen: Regimen, formulary: Formulary) -> Iterator[Offer]:
    """For each step of too many units the strength that needs the fewest."""
    most = formulary.figures.most_units_a_dose
    for number, step in enumerate(regimen.steps, 1):
        units = None if step.product.is_liquid else step.units_per_dose
        if units is None or units <= most:
            continue
        found = sorted(_larger(step, formulary, most), key=lambda product: -product.strength_mg)
        if found:
            words = keep_units(f"Use {found[0].strength} {found[0].form}s for step {number}")
            yield Offer(number, f"{number}:{found[0].code}", words)


def _larger(step: Step, formulary: Formulary, most: int) -> Iterator[Product]:
    now = step.product
    for product in formulary.products.values():
        same = (product.drug, product.route, product.form) == (now.drug, now.route, now.form)
        if not same or not product.active:
            continue
        units = product.units_for(step.dose_mg)
        if product.strength_mg > now.strength_mg and units is not None and units <= most:
            yield product
