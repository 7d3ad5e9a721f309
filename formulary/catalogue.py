"""What may enter the catalogue at all: routes to choose from, and ingredients that may not. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from formulary.amounts import parse_dose
from formulary.reference import MedicineKind, Medicines, medicine_words

FILE = Path(__file__).with_name("data") / "catalogue.json"
_OPIOIDS = (MedicineKind.OPIOID_SHORT, MedicineKind.OPIOID_LONG)


@dataclass(frozen=True, slots=True)
class Marketed:
    """A strength that manufacturers sell: one close to it is essentially a copy."""

    drug: str
    route: str
    strength_mg: Decimal
    source: str

    def is_close_to(self, strength_mg: Decimal) -> bool:
        """Within about 10 % (FDA guidance on copies, January 2018)."""
        return abs(strength_mg - self.strength_mg) * 10 <= self.strength_mg


@cache
def _data() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


@cache
def usual_routes() -> dict[str, str]:
    """Code → the words of directions."""
    return {row["code"]: row["words"] for row in _data()["routes"]}


@cache
def _controlled() -> tuple[list[str], ...]:
    return tuple(medicine_words(str(name)) for name in _data()["controlled"])


def controlled_name(text: str, medicines: Medicines | None = None) -> str:
    """The controlled ingredient that `text` names as whole words, "" when it names none.

    `medicines` adds the opioids that the pharmacist's own list holds.
    """
    words = medicine_words(text)
    for name in _controlled():
        if any(words[at : at + len(name)] == name for at in range(len(words))):
            return " ".join(name)
    opioid = medicines.opioid(text) if medicines else None
    return " ".join(words) if opioid in _OPIOIDS else ""


@cache
def _marketed() -> tuple[Marketed, ...]:
    return tuple(
        Marketed(row["drug"], row["route"], parse_dose(row["strength_mg"]), row["source"])
        for row in _data()["marketed"]
    )


def copied(drug: str, route: str, strength_mg: Decimal) -> Marketed | None:
    """The marketed strength that a product would essentially copy."""
    rows: Iterable[Marketed] = (r for r in _marketed() if (r.drug, r.route) == (drug, route))
    return next((row for row in rows if row.is_close_to(strength_mg)), None)
