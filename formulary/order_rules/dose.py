"""The dose against the treatment so far: one confirmation an order, whatever asks for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

from formulary.amounts import amount, display
from formulary.dosing import Product, Step
from formulary.facts import Question, Stage, TreatmentStatus
from formulary.findings import Code, Finding, Level
from formulary.order_rules.questions import needing
from formulary.order_rules.rule import (
    HOUSE,
    ISMP,
    TITRATION,
    OrderCase,
    Rule,
    Says,
    days_text,
    joined,
)
from formulary.words import count_in_words, milligrams_in_words, read_back

_STARTS = {TreatmentStatus.NEW_START: "A new start", TreatmentStatus.RESTART: "A restart"}
# A coded reason is stored with these words in it.
_LONGEST_WORDS = 110
_MOST_DOSES = 3


def dose_is_confirmed(case: OrderCase) -> Iterator[Finding]:
    """High first doses, steep or early rises and large changes, read back in one finding.

    Continuing at or below the last dispensed dose says nothing, nor does a dose outside the
    documented range, which is stopped: confirming it would confirm the slip.
    """
    regimen = case.regimen
    if regimen is None or case.facts.stage is Stage.FILL:
        return
    said: dict[int, list[str]] = {}
    for number, text in _reasons(case):
        said.setdefault(number, []).append(text)
    steps = regimen.steps
    asked = {n: texts for n, texts in said.items() if _is_asked(case, steps[n - 1])}
    if not asked:
        return
    doses = list(dict.fromkeys(steps[number - 1].daily_mg for number in asked))
    back = ", then ".join(read_back(mg, comma=case.comma) for mg in doses)
    why = "; ".join(text for texts in asked.values() for text in texts)
    text = f"{why[0].upper()}{why[1:]}. Confirm: {back}"
    yield Finding(Code.CONFIRM_DOSE, Level.WARN, text, min(asked), words=_in_words(doses))


def _is_asked(case: OrderCase, step: Step) -> bool:
    last = case.facts.last_dispensed_mg
    continuing = case.facts.treatment is TreatmentStatus.CONTINUING
    if continuing and last is not None and step.daily_mg <= last:
        return False
    return _is_in_range(case, step)


def _is_in_range(case: OrderCase, step: Step) -> bool:
    limits = case.formulary.range_for(step.product, case.on)
    return limits is None or limits.min_mg <= step.daily_mg <= limits.max_mg


def _reasons(case: OrderCase) -> Iterator[tuple[int, str]]:
    """(step, why), in the order of the steps."""
    assert case.regimen is not None  # noqa: S101  narrows the type
    steps, figures = case.regimen.steps, case.figures
    first = steps[0].daily_mg
    start = _STARTS.get(case.facts.treatment) if case.facts.treatment else None
    if start and first > figures.confirm_first_dose_above_mg:
        yield 1, f"{start} above {case.mg(figures.confirm_first_dose_above_mg)} a day"
    last = case.facts.last_dispensed_mg
    if last is not None:
        yield from ((1, text) for text in _change(case, last, first, "dose last dispensed"))
    for number, (before, step) in enumerate(pairwise(steps), 2):
        old, new = before.daily_mg, step.daily_mg
        # A dose outside the range is a slip: what is beside it is no change of dose.
        if _is_in_range(case, before):
            yield from ((number, text) for text in _change(case, old, new, "step before"))
        if new > old and before.days and before.days < figures.least_days_before_a_rise:
            least = days_text(figures.least_days_before_a_rise)
            yield number, f"step {number} rises after {days_text(before.days)}, sooner than {least}"


def _change(case: OrderCase, old: Decimal, new: Decimal, what: str) -> Iterator[str]:
    """The larger reason alone: five times the dose is a steep rise too."""
    figures = case.figures
    times, change = figures.large_change, f"from {case.mg(old)} to {case.mg(new)} a day"
    if new > old and new >= times * old:
        yield f"{change} is {count_in_words(times)} times the {what}, or more"
    elif new < old and times * new <= old:
        share = "a fifth" if times == 5 else f"1/{times}"
        yield f"{change} is {share} of the {what}, or less"
    elif new - old > figures.largest_rise_mg:
        most = case.mg(figures.largest_rise_mg)
        yield f"{change} rises by {case.mg(new - old)} from the {what}, more than {most} at a time"


def _in_words(doses: list[Decimal]) -> str:
    """The doses that are confirmed; of many the lowest and the highest, never too long to store."""
    words = ", then ".join(map(milligrams_in_words, doses))
    if len(doses) > _MOST_DOSES or len(words) > _LONGEST_WORDS:
        low, high = min(doses), max(doses)
        words = f"every dose from {milligrams_in_words(low)} to {milligrams_in_words(high)}"
        if len(words) > _LONGEST_WORDS:
            words = f"every dose from {amount(low, 'mg')} to {amount(high, 'mg')}"
    return words


def steps_ascend(case: OrderCase) -> Iterator[Finding]:
    """A step not above the one before is a taper, another time of day, or a slip."""
    if case.regimen is None:
        return
    totals = case.regimen.daily_mg
    found = [number for number, (old, new) in enumerate(pairwise(totals), 2) if new <= old]
    if found:
        listed = joined(map(str, found))
        which = f"Step {listed} is" if len(found) == 1 else f"Steps {listed} are"
        text = (
            f"{which} not above the step before: the doses do not ascend. Counsel: how the dose "
            "changes, and when to call."
        )
        yield Finding(Code.STEPS_NOT_ASCENDING, Level.INFO, text, found[0])


def few_units_for_one_dose(case: OrderCase) -> Iterator[Finding]:
    """Many capsules for one dose are miscounted: a larger strength is offered."""
    if case.regimen is None:
        return
    most = case.figures.most_units_a_dose
    many: dict[int, tuple[Step, Decimal]] = {}
    for number, step in enumerate(case.regimen.steps, 1):
        units = None if step.product.is_liquid else step.units_per_dose
        if units is not None and units > most:
            many[number] = step, units
    if not many:
        return
    unit = next(iter(many.values()))[0].product.unit
    largest = display(max(units for _, units in many.values()), comma=case.comma)
    steps = f"Step {next(iter(many))} takes"
    if len(many) > 1:
        steps = f"Steps {joined(map(str, many))} take up to"
    text = f"{steps} {largest} {unit}s for one dose: more than {most} are easily miscounted."
    offers = _offers(case, (step for step, _ in many.values()))
    if offers:
        text += " Larger strengths: " + "; ".join(
            f"{case.mg(dose)} from {joined(strengths, 'or')} {unit}s"
            for dose, strengths in offers.items()
        )
    yield Finding(Code.MANY_UNITS, Level.WARN, text, min(many))


def _offers(case: OrderCase, steps: Iterable[Step]) -> Mapping[Decimal, list[str]]:
    """Dose → larger strengths of the same kind that reach it with few units, the largest first."""
    offers: dict[Decimal, list[str]] = {}
    for step in steps:
        fitting = [p for p in case.formulary.products.values() if _reaches(case, p, step)]
        fitting.sort(key=lambda product: product.strength_mg, reverse=True)
        if fitting:
            offers[step.dose_mg] = [product.strength for product in fitting]
    return offers


def _reaches(case: OrderCase, product: Product, step: Step) -> bool:
    now = step.product
    if (product.drug, product.route, product.unit) != (now.drug, now.route, now.unit):
        return False
    if not product.active or product.strength_mg <= now.strength_mg:
        return False
    units = product.units_for(step.dose_mg)
    return units is not None and units <= case.figures.most_units_a_dose


DOSE_RULES = (
    Rule(
        dose_is_confirmed,
        (Says(Code.CONFIRM_DOSE, Level.WARN),),
        "A new start or restart above 3 mg a day, a rise of more than 1.5 mg or sooner than 7 days, five "
        "times or a fifth of the step before or of the dose last dispensed is read back and confirmed, "
        "once an order; continuing at or below the dose last dispensed says nothing.",
        f"{TITRATION}; {ISMP}",
        needing(Question.TREATMENT),
    ),
    Rule(
        few_units_for_one_dose,
        (Says(Code.MANY_UNITS, Level.WARN),),
        "At most 4 capsules make one dose; above that the larger strengths that reach it are offered.",
        HOUSE,
    ),
    Rule(
        steps_ascend,
        (Says(Code.STEPS_NOT_ASCENDING, Level.INFO),),
        "Each step is above the one before; one that is not is told to the pharmacist.",
        TITRATION,
    ),
)
