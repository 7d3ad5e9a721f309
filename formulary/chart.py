"""The step chart of a regimen: one object that both the SVG and the table are drawn from. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate, pairwise

from formulary.amounts import amount, display, unbroken
from formulary.dosing import Regimen, Step
from formulary.reference import DocumentedRange
from formulary.words import dose_in_words, frequency

WIDTH, HEIGHT = 400, 240
# The edges of the documented range are named at the right of the plot.
LEFT, RIGHT, TOP, BOTTOM = 40, 340, 28, 204
# All patients' charts compare: the scale ends at 6 mg a day unless a dose lies above.
USUAL_TOP_MG = Decimal(6)
# Room for one character and one line of a label, in SVG units; the last step's label is larger.
_CHARACTER, _LINE = 7, 16
_LAST_CHARACTER, _LAST_LINE = 10, 20
# More names than these would hide the drawing.
_MOST_NAMED = 12
_TICK_DAYS = ((14, 2), (42, 7), (98, 14), (200, 30), (365, 60))

Box = tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Tick:
    at: int
    label: str


@dataclass(frozen=True, slots=True)
class Band:
    """The documented range, with its edges named at their height; one name when they lie close."""

    y: int
    height: int
    label: str
    edges: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Label:
    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class ChartStep:
    """One row of the table and one line of the chart: `span` is `1–14`, `daily` the total a day;
    `standing` is in, above, below or unknown."""

    number: int
    span: str
    daily: str
    taken: str
    standing: str
    x1: int
    x2: int
    y: int
    label: Label | None
    is_last: bool

    @property
    def out_of_range(self) -> bool:
        return self.standing in ("above", "below")

    @property
    def marker(self) -> str:
        """Points of the triangle over an out-of-range line: up when above, down when below."""
        middle, tip = _marker_at(self.x1, self.x2), -9 if self.standing == "above" else 9
        return f"{middle - 5},{self.y} {middle + 5},{self.y} {middle},{self.y + tip}"


@dataclass(frozen=True, slots=True)
class DoseChart:
    """Numbers are whole SVG units of `view_box`. `rescaled` says so when the scale is not 0 to 6 mg."""

    headline: str
    subtitle: str
    rescaled: str
    steps: tuple[ChartStep, ...]
    path: str
    band: Band | None
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    view_box: str = f"0 0 {WIDTH} {HEIGHT}"
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM
    width: int = RIGHT - LEFT


def dose_chart(
    regimen: Regimen, limits: DocumentedRange | None, *, comma: bool = True
) -> DoseChart | None:
    """None while the days do not add up: there is no time axis to draw on."""
    days = regimen.step_days
    if days is None:
        return None
    top_mg = scale_top(regimen.daily_mg)
    steps = _steps(regimen, days, limits, top_mg, comma)
    low, high = amount(Decimal(0), "mg"), amount(top_mg, "mg", comma=comma)
    usual = display(USUAL_TOP_MG)
    return DoseChart(
        headline=_headline(regimen, steps),
        subtitle=unbroken(_subtitle(regimen, limits, comma)),
        rescaled=f"Scale {low} to {high}, not the usual 0 to {usual}" if top_mg > 6 else "",
        steps=steps,
        path=" ".join(f"{'V' if at else f'M{LEFT},'}{s.y} H{s.x2}" for at, s in enumerate(steps)),
        band=_band(limits, top_mg, comma),
        y_ticks=tuple(_y_ticks(top_mg, comma)),
        x_ticks=tuple(_x_ticks(regimen.days_supply)),
    )


def scale_top(totals: Iterable[Decimal]) -> Decimal:
    """6 mg, or the next of 10, 20, 50, 100, … that holds the largest daily total."""
    largest, top = max(totals), USUAL_TOP_MG
    power = Decimal(10)
    while largest > top:
        top = next((power * n for n in (1, 2, 5) if power * n >= largest), power * 10)
        power *= 10
    return top


def _y(mg: Decimal, top_mg: Decimal) -> int:
    drawn = mg * (BOTTOM - TOP) / top_mg
    return BOTTOM - int(drawn.to_integral_value(ROUND_HALF_UP))


def _x(days: int, total: int) -> int:
    return LEFT + days * (RIGHT - LEFT) // total


def _standing(total: Decimal, limits: DocumentedRange | None) -> str:
    if limits is None:
        return "unknown"
    if total < limits.min_mg:
        return "below"
    return "above" if total > limits.max_mg else "in"


def _taken(step: Step, comma: bool) -> str:
    dose = dose_in_words(step, comma=comma) or amount(step.dose_mg, "mg", comma=comma)
    return f"{dose} {frequency(step)}"


def _steps(
    regimen: Regimen,
    days: tuple[int, ...],
    limits: DocumentedRange | None,
    top_mg: Decimal,
    comma: bool,
) -> tuple[ChartStep, ...]:
    total = regimen.days_supply
    ends = list(accumulate(days))
    spans = [
        (_x(end - count, total), _x(end, total), _y(step.daily_mg, top_mg))
        for step, count, end in zip(regimen.steps, days, ends, strict=True)
    ]
    daily = [unbroken(amount(step.daily_mg, "mg", comma=comma)) for step in regimen.steps]
    ranges = [_span(end - count + 1, end) for count, end in zip(days, ends, strict=True)]
    standings = [_standing(step.daily_mg, limits) for step in regimen.steps]
    labels = place_labels(spans, list(zip(daily, ranges, strict=True)), standings)
    return tuple(
        ChartStep(
            number=at + 1,
            span=ranges[at],
            daily=daily[at],
            taken=unbroken(_taken(step, comma)),
            standing=standings[at],
            x1=spans[at][0],
            x2=spans[at][1],
            y=spans[at][2],
            label=labels[at],
            is_last=at == len(spans) - 1,
        )
        for at, step in enumerate(regimen.steps)
    )


def _marker_at(x1: int, x2: int) -> int:
    """Near the end of the line, so that the label keeps its start."""
    return max((x1 + x2) // 2, x2 - 8)


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def place_labels(
    spans: list[tuple[int, int, int]], texts: list[tuple[str, str]], standings: list[str]
) -> list[Label | None]:
    """A label over or under each line where it covers neither the drawing nor another label: dose and
    days, else the dose alone, else none (the table says it). The last step, the dose to stay on,
    chooses first; of very many steps only the first, lowest, highest and last are named."""
    taken: list[Box] = [(x1, y - 2, x2, y + 2) for x1, x2, y in spans]
    for (_, x, y1), (_, _, y2) in pairwise(spans):
        taken.append((x - 2, min(y1, y2), x + 2, max(y1, y2)))
    for (x1, x2, y), standing in zip(spans, standings, strict=True):
        if standing in ("above", "below"):
            middle = _marker_at(x1, x2)
            taken.append((middle - 6, y - 10, middle + 6, y + 10))
    placed: list[Label | None] = [None] * len(spans)
    last = len(spans) - 1
    for at in sorted(_named(spans), key=lambda at: at < last):
        dose, days = texts[at]
        character = _LAST_CHARACTER if at == last else _CHARACTER
        for text in (f"{dose} · day{'s' if '–' in days else ''} {days}", dose):
            size = (len(text) * character, _LAST_LINE if at == last else _LINE)
            spot = _free_spot(spans[at], size, taken)
            if spot is not None:
                taken.append(spot)
                placed[at] = Label(spot[0], spot[3] - 4, text)
                break
    return placed


def _named(spans: list[tuple[int, int, int]]) -> set[int]:
    """Steps that a label is looked for."""
    if len(spans) <= _MOST_NAMED:
        return set(range(len(spans)))
    heights = [y for _, _, y in spans]
    return {0, heights.index(max(heights)), heights.index(min(heights)), len(spans) - 1}


def _free_spot(span: tuple[int, int, int], size: tuple[int, int], taken: list[Box]) -> Box | None:
    """Over the line from its start, to its end or behind it, else under it: the first that is free."""
    x1, x2, y = span
    width, height = size
    for top in (y - 4 - height, y + 4):
        for left in (x1 + 3, x2 - 3 - width, x2 + 8):
            box = (left, top, left + width, top + height)
            inside = left >= LEFT and box[2] <= RIGHT + 6 and top >= 0 and box[3] <= BOTTOM
            if inside and not any(_overlap(box, other) for other in taken):
                return box
    return None


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _band(limits: DocumentedRange | None, top_mg: Decimal, comma: bool) -> Band | None:
    if limits is None:
        return None
    top, bottom = _y(min(limits.max_mg, top_mg), top_mg), _y(min(limits.min_mg, top_mg), top_mg)
    low, high = (amount(mg, "mg", comma=comma) for mg in (limits.min_mg, limits.max_mg))
    edges: tuple[Tick, ...] = (Tick(top, high), Tick(bottom, low))
    if bottom - top < _LINE:
        edges = (Tick(top, f"to {high}"),)
    return Band(top, bottom - top, f"Documented range {limits.text(comma=comma)}", edges)


def _y_ticks(top_mg: Decimal, comma: bool) -> Iterable[Tick]:
    parts = 6 if top_mg == USUAL_TOP_MG else 5
    for part in range(parts + 1):
        value = top_mg * part / parts
        yield Tick(_y(value, top_mg), display(value, comma=comma))


def _x_ticks(total: int) -> Iterable[Tick]:
    every = next(step for most, step in _TICK_DAYS if total <= most)
    for day in range(0, total, every):
        yield Tick(_x(day, total), str(day + 1))


def _headline(regimen: Regimen, steps: tuple[ChartStep, ...]) -> str:
    outside = [f"{step.number} {step.standing}" for step in steps if step.out_of_range]
    if outside:
        return f"Outside the documented range: step {', step '.join(outside)}"
    plural = "day" if regimen.days_supply == 1 else "days"
    span = f"{regimen.days_supply} {plural}"
    totals = regimen.daily_mg
    first, last = steps[0].daily, steps[-1].daily
    if len(set(totals)) == 1:
        return f"{first} a day for {span}"
    if list(totals) in (sorted(totals), sorted(totals, reverse=True)):
        return f"From {first} to {last} a day over {span}"
    low, high = (steps[totals.index(bound)].daily for bound in (min(totals), max(totals)))
    return f"Between {low} and {high} a day over {span}, {last} at the end"


def _subtitle(regimen: Regimen, limits: DocumentedRange | None, comma: bool) -> str:
    text = f"Daily total in mg, days 1–{regimen.days_supply}"
    if limits is None:
        return f"{text}; no documented range on file"
    return f"{text}; shaded: documented range {limits.text(comma=comma)}"
