"""Numbers and directions in words, from the structure of a regimen alone. Pure."""

from __future__ import annotations

from decimal import Decimal

from formulary.amounts import amount, display
from formulary.dosing import Product, Regimen, Step, Timing

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = ((1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand"))
_HALF = Decimal("0.5")
# Parts of a tablet or troche, said as they are broken.
_PARTS = {"25": "one quarter", "5": "one half", "75": "three quarters"}
_IN_THE_MOUTH = ("sublingual", "buccal")
_TIMES = {1: "once daily", 2: "twice daily"}
TIMING_LABELS = {
    Timing.ANY: "any time of day",
    Timing.BEDTIME: "at bedtime",
    Timing.MORNING: "in the morning",
    Timing.EVENING: "in the evening",
    Timing.MORNING_AND_BEDTIME: "twice daily, in the morning and at bedtime",
}


def count_in_words(number: int) -> str:
    """0 to 999 billion, without `and`: one thousand two hundred forty-two."""
    for scale, name in _SCALES:
        if number >= scale:
            rest = number % scale
            words = f"{count_in_words(number // scale)} {name}"
            return f"{words} {count_in_words(rest)}" if rest else words
    if number >= 100:
        words = f"{_SMALL[number // 100]} hundred"
        return f"{words} {count_in_words(number % 100)}" if number % 100 else words
    if number < 20:
        return _SMALL[number]
    tens = _TENS[number // 10 - 2]
    return f"{tens}-{_SMALL[number % 10]}" if number % 10 else tens


def number_in_words(value: Decimal) -> str:
    """`one half`, `four and one half`, `two point two five`; exact, never rounded."""
    whole, _, decimals = display(value).partition(".")
    if decimals == "5":
        return "one half" if whole == "0" else f"{count_in_words(int(whole))} and one half"
    words = count_in_words(int(whole))
    if decimals:
        words += " point " + " ".join(_SMALL[int(digit)] for digit in decimals)
    return words


def milligrams_in_words(value: Decimal) -> str:
    """`one half milligram`, `one milligram`, `four and one half milligrams`."""
    plural = "" if value in (1, _HALF) else "s"
    return f"{number_in_words(value)} milligram{plural}"


def read_back(value: Decimal, *, comma: bool = False) -> str:
    """`four and one half milligrams (4.5 mg) a day`, to confirm a daily total."""
    return f"{milligrams_in_words(value)} ({amount(value, 'mg', comma=comma)}) a day"


def frequency(step: Step) -> str:
    """`at bedtime`, `once daily`, `three times daily`."""
    if step.timing is not Timing.ANY:
        return TIMING_LABELS[step.timing]
    times = step.times_per_day
    return _TIMES.get(times) or f"{count_in_words(times)} times daily"


def dose_in_words(step: Step, *, comma: bool = False) -> str | None:
    """`three 1.5 mg capsules (4.5 mg)`, `one half of a 4.5 mg tablet (2.25 mg)` or `4.5 mL (4.5 mg)`;
    None when it cannot be given."""
    units, product = step.units_per_dose, step.product
    if units is None:
        return None
    milligrams = amount(step.dose_mg, "mg", comma=comma)
    if product.is_liquid:
        return f"{amount(units, product.unit, comma=comma)} ({milligrams})"
    if units == 1:
        return f"one {product.strength} {product.unit}"
    return f"{_units_in_words(units, product)} ({milligrams})"


def _units_in_words(units: Decimal, product: Product) -> str:
    """`three 1.5 mg capsules`, `one half of a 4.5 mg tablet`, `one and one half tablets of 1.5 mg`: the
    number never stands next to a part."""
    whole, _, decimals = display(units).partition(".")
    part = _PARTS.get(decimals)
    if part and whole == "0":
        article = "an" if number_in_words(product.strength_mg).startswith("e") else "a"
        return f"{part} of {article} {product.strength} {product.unit}"
    if part:
        count = f"{count_in_words(int(whole))} and {part}"
        return f"{count} {product.unit}s of {product.strength}"
    return f"{number_in_words(units)} {product.strength} {product.unit}s"


def directions(regimen: Regimen, *, comma: bool = False) -> str | None:
    """The label text; None while the regimen cannot be counted out. Same regimen, same words."""
    days = regimen.step_days
    doses = [dose_in_words(step, comma=comma) for step in regimen.steps]
    if days is None or None in doses:
        return None
    sentences = [
        f"{_verb(step.product)} {dose} {step.product.route_words} {_when(step, comma)} "
        f"{_duration(regimen, index, days)}"
        for index, (dose, step) in enumerate(zip(doses, regimen.steps, strict=True))
    ]
    text = ", then ".join(sentences)
    return f"{text[0].upper()}{text[1:]}."


def _verb(product: Product) -> str:
    """What melts in the mouth is dissolved there; everything else is taken."""
    melts = product.unit == "troche" or product.route in _IN_THE_MOUTH
    return "dissolve" if melts and not product.is_liquid else "take"


def _when(step: Step, comma: bool) -> str:
    """`at bedtime`; of a split dose with its daily total: `twice daily (3 mg a day)`."""
    said = frequency(step)
    if step.times_per_day > 1:
        said += f" ({amount(step.daily_mg, 'mg', comma=comma)} a day)"
    return f"{said}," if "," in said else said


def _duration(regimen: Regimen, index: int, days: tuple[int, ...]) -> str:
    count = days[index]
    if regimen.steps[index].days is not None or not index:
        return f"for {count} day{'s' * (count != 1)}"
    return "for the last day" if count == 1 else f"for the remaining {count} days"
