"""What is dispensed and when: refills, beyond-use dates, the patient's other orders. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from formulary.dosing import Regimen
from formulary.facts import ActiveOrder, Stage
from formulary.fills import fill_text, longest_part, parts_of
from formulary.findings import Code, Finding, Level
from formulary.order_rules.rule import (
    HOUSE,
    USP,
    OrderCase,
    Rule,
    Says,
    days_text,
    joined,
    long_day,
)


def a_refill_has_a_step_to_repeat(case: OrderCase) -> Iterator[Finding]:
    """A refill repeats the last step alone: one that ends leaves nothing to repeat."""
    if case.regimen is not None and case.facts.refills and not case.regimen.can_be_refilled:
        text = "A refill repeats the last step, and this one ends: enter 0 refills."
        yield Finding(Code.REFILL_OF_ENDING_STEP, Level.STOP, text)


def no_fill_is_past_its_beyond_use_date(case: OrderCase) -> Iterator[Finding]:
    """Longer supplies are sent in parts, and the plan is shown; a part that is too long stops."""
    regimen, facts = case.regimen, case.facts
    if regimen is None:
        return
    if facts.stage is not Stage.ENTRY and facts.signed_fills is not None:
        most = _beyond_use_days(regimen, facts.stage)
        longest = max(facts.signed_fills, default=0)
        if longest > most:
            text = (
                f"One fill of {days_text(longest)} was signed, but the medicine keeps for "
                f"{days_text(most)}: it would be used past its beyond-use date."
            )
            yield Finding(Code.PAST_BEYOND_USE, Level.STOP, text)
            return
    yield from _plan(case, regimen)


def _beyond_use_days(regimen: Regimen, stage: Stage) -> int:
    """The least of what is dispensed: in a refill the last step's product alone."""
    products = (regimen.steps[-1].product,) if stage is Stage.FILL else regimen.products
    return min(product.beyond_use_days for product in products)


def _plan(case: OrderCase, regimen: Regimen) -> Iterator[Finding]:
    """Of the first fill and of each refill, whichever is sent in parts."""
    last = regimen.steps[-1].product
    held = {} if case.facts.stage is Stage.FILL else {"first fill": regimen.products}
    if case.facts.refills and regimen.can_be_refilled:
        held["each refill"] = (last,)
    days = regimen.days_supply
    longest = {name: longest_part(products, case.figures) for name, products in held.items()}
    split = {name: parts_of(days, most) for name, most in longest.items() if most < days}
    if not split or regimen.quantities() is None:
        return
    if not all(split.values()):
        text = "The beyond-use date passes in transit: nothing of this can be sent."
        yield Finding(Code.PAST_BEYOND_USE, Level.STOP, text)
        return
    keeps = _beyond_use_days(regimen, case.facts.stage)
    text = (
        f"The medicine keeps for {days_text(keeps)}, {case.figures.transit_days} of them in transit: "
        f"a supply of {days_text(days)} goes out as {_plan_text(split)}."
    )
    yield Finding(Code.PAST_BEYOND_USE, Level.WARN, text)


def _plan_text(split: Mapping[str, tuple[int, ...]]) -> str:
    plans = {name: fill_text(parts) for name, parts in split.items()}
    if len(set(plans.values())) == 1:
        return next(iter(plans.values()))
    return "; ".join(f"{name}: {plan}" for name, plan in plans.items())


def no_other_order_is_active(case: OrderCase) -> Iterator[Finding]:
    """One question for all orders that overlap: it replaces them, or is taken in addition."""
    orders = [order for order in case.facts.active_orders or () if _overlaps(case, order)]
    if orders:
        many = len(orders) > 1
        names = joined(order.reference for order in orders)
        told = "; ".join(_told(case, order) for order in orders)
        text = (
            f"{names} {'are' if many else 'is'} active for this patient ({told}). Say whether this "
            f"order replaces {'them' if many else 'it'} or is taken in addition."
        )
        yield Finding(Code.ACTIVE_ORDER, Level.WARN, text, subject=names)


def _overlaps(case: OrderCase, order: ActiveOrder) -> bool:
    """Not dispensed yet, with refills left, or with a supply that reaches the first dose."""
    if not order.dispensed or order.refills_left or order.ends is None:
        return True
    return order.ends >= case.first_dose


def _told(case: OrderCase, order: ActiveOrder) -> str:
    told = f"{case.mg(order.daily_mg)} a day"
    if order.ends is not None:
        told += f", supply until {long_day(order.ends)}"
    if order.refills_left:
        left = order.refills_left
        told += f", {left} refill{'s' * (left != 1)} left"
    return told


def refill_is_not_early(case: OrderCase) -> Iterator[Finding]:
    """Most of the supply before is used by now."""
    used, least = case.facts.percent_used, case.figures.early_refill_percent
    if used is None or used >= least or case.facts.stage is Stage.APPROVAL:
        return
    text = f"{used} percent of the supply before is used by now: a refill is early below {least} percent."
    yield Finding(Code.EARLY_REFILL, Level.WARN, text)


SUPPLY_RULES = (
    Rule(
        a_refill_has_a_step_to_repeat,
        (Says(Code.REFILL_OF_ENDING_STEP, Level.STOP),),
        "A titration whose last step ends has no refills.",
        HOUSE,
    ),
    Rule(
        no_fill_is_past_its_beyond_use_date,
        (
            Says(Code.PAST_BEYOND_USE, Level.WARN, "the supply goes out in several fills"),
            Says(
                Code.PAST_BEYOND_USE,
                Level.STOP,
                "one signed fill is too long, or transit takes all its days",
            ),
        ),
        "No fill lasts longer than the beyond-use days less the days in transit: the plan of fills is "
        "shown; a single fill signed past them stops at approval and before each fill.",
        USP,
    ),
    Rule(
        no_other_order_is_active,
        (Says(Code.ACTIVE_ORDER, Level.WARN),),
        "No other order of the same drug overlaps; the answer says that it is replaced or added to.",
        HOUSE,
    ),
    Rule(
        refill_is_not_early,
        (Says(Code.EARLY_REFILL, Level.WARN),),
        "At least 75 percent of the supply before is used when a refill is asked for.",
        HOUSE,
    ),
)
