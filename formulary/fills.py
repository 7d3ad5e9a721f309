"""What is dispensed: the first fill holds the whole titration, a refill the last step alone. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from formulary.dosing import Product, Quantity, Regimen
from formulary.reference import Figures
from formulary.words import directions

_LISTED_PARTS = 6


@dataclass(frozen=True, slots=True)
class Dispensing:
    """One fill as it is signed. `parts` are the days of each part it is sent in, none of them past the
    beyond-use date; () where transit alone takes that long, so that nothing can be sent."""

    days: int
    amounts: tuple[tuple[Product, Quantity], ...]
    directions: str
    parts: tuple[int, ...]

    @property
    def quantity(self) -> str:
        """`242 capsules`; of several products `14 capsules of 1.5 mg and 28 capsules of 4.5 mg`."""
        if len(self.amounts) == 1:
            return self.amounts[0][1].text(comma=True)
        return in_words([f"{n.text(comma=True)} of {p.strength}" for p, n in self.amounts])

    @property
    def is_one_part(self) -> bool:
        return len(self.parts) == 1

    @property
    def plan(self) -> str:
        """The plan of fills; blank when all of it is sent at once."""
        return "" if self.is_one_part else fill_text(self.parts)


def first_fill(regimen: Regimen, figures: Figures) -> Dispensing | None:
    """All steps, for the days' supply; None while the regimen cannot be counted out."""
    found, text = regimen.quantities(), directions(regimen, comma=True)
    if found is None or text is None:
        return None
    amounts = [(p, Quantity(found[p.code], p.unit)) for p in regimen.products if p.code in found]
    longest = longest_part([product for product, _ in amounts], figures)
    parts = parts_of(regimen.days_supply, longest)
    return Dispensing(regimen.days_supply, tuple(amounts), text, parts)


def each_refill(regimen: Regimen, figures: Figures) -> Dispensing | None:
    """The last step alone, for the same days' supply; None when that step ends or nothing can be
    counted out."""
    if not regimen.can_be_refilled or regimen.quantities() is None:
        return None
    last = replace(regimen.steps[-1], days=None)
    return first_fill(Regimen(last.product, (last,), regimen.days_supply), figures)


def longest_part(products: Sequence[Product], figures: Figures) -> int:
    """Days that one part may last: the least beyond-use days less the days in transit; may be 0."""
    return max(0, min(product.beyond_use_days for product in products) - figures.transit_days)


def parts_of(days: int, longest: int) -> tuple[int, ...]:
    """90 days in parts of at most 25: (25, 25, 25, 15)."""
    if longest < 1:
        return ()
    whole, rest = divmod(days, longest)
    return (longest,) * whole + ((rest,) if rest else ())


def fill_text(parts: Sequence[int]) -> str:
    """`4 fills of 25, 25, 25 and 15 days`; many are counted: `15 fills: 14 of 25 days, 1 of 15 days`."""
    if not parts:
        return "no fill: the beyond-use date passes in transit"
    fills = f"{len(parts)} fill{'s' * (len(parts) != 1)}"
    if len(parts) > _LISTED_PARTS:
        counted = [(days, len(list(same))) for days, same in groupby(parts)]
        return f"{fills}: {', '.join(f'{n} of {_days(days)}' for days, n in counted)}"
    return f"{fills} of {in_words([str(days) for days in parts])} day{'s' * (parts[-1] != 1)}"


def in_words(texts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *before, last = texts
    return f"{', '.join(before)} and {last}" if before else last


def _days(count: int) -> str:
    return f"{count} day{'s' * (count != 1)}"
