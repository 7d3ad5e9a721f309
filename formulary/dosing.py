"""Products, steps and regimens, and their sums. Pure decimal arithmetic: no Django, no floats."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from formulary.amounts import amount, display

MAX_STEPS = 20
MAX_DAYS = 365
MAX_TIMES_PER_DAY = 24


class Timing(StrEnum):
    """When on the day a dose is taken. ANY says only how often."""

    ANY = "any"
    BEDTIME = "bedtime"
    MORNING = "morning"
    EVENING = "evening"
    MORNING_AND_BEDTIME = "morning_and_bedtime"

    def fits(self, times_per_day: int) -> bool:
        if self is Timing.ANY:
            return True
        return times_per_day == (2 if self is Timing.MORNING_AND_BEDTIME else 1)


def require_decimal(value: Decimal, name: str) -> None:
    """Raises TypeError for anything but a Decimal, ValueError unless it is finite and above 0."""
    if type(value) is not Decimal:
        raise TypeError(f"{name} is a Decimal, not {type(value).__name__}")
    if not value.is_finite() or value <= 0:
        raise ValueError(f"{name} must be more than 0")


def require_whole(value: int, name: str, most: int) -> None:
    """Raises TypeError for anything but an int (a bool is none), ValueError outside 1 to `most`."""
    if type(value) is not int:
        raise TypeError(f"{name} is a whole number, not {type(value).__name__}")
    if not 1 <= value <= most:
        raise ValueError(f"{name} must be 1 to {most}")


@dataclass(frozen=True, slots=True)
class Product:
    """What is dispensed. `strength_mg` is mg in one `unit` (a capsule or a mL); whole multiples of
    `increment` units can be taken (1 capsule, 0.1 mL)."""

    code: str
    drug: str
    form: str
    route: str
    route_words: str
    unit: str
    strength_mg: Decimal
    increment: Decimal
    beyond_use_days: int
    active: bool = True
    source: str = ""
    # In US dollars for one unit; None: no estimate is shown.
    price_per_unit: Decimal | None = None
    # Close to a marketed strength: its reason for compounding is asked in words.
    copy_risk: bool = False

    def __post_init__(self) -> None:
        require_decimal(self.strength_mg, "strength_mg")
        require_decimal(self.increment, "increment")
        if type(self.beyond_use_days) is not int:
            raise TypeError("beyond_use_days is a whole number")

    @property
    def is_liquid(self) -> bool:
        return self.unit == "mL"

    @property
    def strength(self) -> str:
        """`1.5 mg`, or `1 mg per mL`."""
        return amount(self.strength_mg, "mg per mL" if self.is_liquid else "mg")

    @property
    def label(self) -> str:
        return f"{self.drug} {self.strength} {self.form}"

    def units_for(self, dose_mg: Decimal) -> Decimal | None:
        """Capsules or mL that hold the dose, None when they cannot be counted out or measured."""
        if dose_mg % (self.strength_mg * self.increment):
            return None
        return dose_mg / self.strength_mg

    def nearest_doses(self, dose_mg: Decimal) -> tuple[Decimal, ...]:
        """The doses in mg next below and above one that cannot be given."""
        least = self.strength_mg * self.increment
        below = dose_mg // least * least
        return tuple(dose for dose in (below, below + least) if dose)


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of a regimen. `dose_mg` is one dose; `days` None takes what is left of the supply.
    `entered_mcg` keeps the amount of a dose that was typed in mcg."""

    product: Product
    dose_mg: Decimal
    times_per_day: int
    days: int | None
    timing: Timing = Timing.ANY
    entered_mcg: Decimal | None = None

    def __post_init__(self) -> None:
        require_decimal(self.dose_mg, "dose_mg")
        require_whole(self.times_per_day, "times_per_day", MAX_TIMES_PER_DAY)
        if self.days is not None:
            require_whole(self.days, "days", MAX_DAYS)
        if self.entered_mcg is not None:
            require_decimal(self.entered_mcg, "entered_mcg")

    @property
    def daily_mg(self) -> Decimal:
        return self.dose_mg * self.times_per_day

    @property
    def units_per_dose(self) -> Decimal | None:
        """Capsules or mL, None when the product cannot give the dose."""
        return self.product.units_for(self.dose_mg)


@dataclass(frozen=True, slots=True)
class Regimen:
    """What is taken over `days_supply` days: 1 to 20 steps of one drug and route."""

    product: Product
    steps: tuple[Step, ...]
    days_supply: int

    def __post_init__(self) -> None:
        if type(self.steps) is not tuple:
            raise TypeError("steps is a tuple")
        if not 1 <= len(self.steps) <= MAX_STEPS:
            raise ValueError(f"a regimen has 1 to {MAX_STEPS} steps")
        require_whole(self.days_supply, "days_supply", MAX_DAYS)

    @property
    def daily_mg(self) -> tuple[Decimal, ...]:
        return tuple(step.daily_mg for step in self.steps)

    @property
    def step_days(self) -> tuple[int, ...] | None:
        """Days of each step, the open last one given the rest; None when they do not add up."""
        *before, last = (step.days for step in self.steps)
        closed = [days for days in before if days is not None]
        rest = self.days_supply - sum(closed)
        if len(closed) < len(before) or rest < 1 or last not in (None, rest):
            return None
        return (*closed, rest)

    @property
    def can_be_refilled(self) -> bool:
        """A refill repeats the last step alone: a titration whose last step ends leaves nothing."""
        return len(self.steps) == 1 or self.steps[-1].days is None

    @property
    def products(self) -> tuple[Product, ...]:
        """Each product taken, in the order of first use."""
        return tuple({step.product.code: step.product for step in self.steps}.values())

    def quantities(self) -> dict[str, Decimal] | None:
        """Capsules or mL of each product code for the whole supply; None when not computable."""
        days = self.step_days
        if days is None:
            return None
        totals: dict[str, Decimal] = {}
        for step, step_days in zip(self.steps, days, strict=True):
            units = step.units_per_dose
            if units is None:
                return None
            code = step.product.code
            totals[code] = totals.get(code, Decimal(0)) + units * (step.times_per_day * step_days)
        return totals


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much is dispensed, in capsules, tablets, troches or mL."""

    value: Decimal
    unit: str

    def text(self, *, comma: bool = False) -> str:
        """`242 capsules`, `1 capsule`, `22.5 tablets`, `135 mL`."""
        plural = "s" if self.unit != "mL" and self.value != 1 else ""
        return f"{display(self.value, comma=comma)} {self.unit}{plural}"


def quantity(regimen: Regimen) -> Quantity | None:
    """The whole amount; None when not computable or when capsules and mL would be summed."""
    amounts, units = regimen.quantities(), {product.unit for product in regimen.products}
    if amounts is None or len(units) > 1:
        return None
    return Quantity(sum(amounts.values(), Decimal(0)), units.pop())
