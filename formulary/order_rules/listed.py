"""Typed medicines and allergies, read once with the formulary's lists. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from formulary.reference import Formulary, MedicineKind, medicine_words, opioid_among


class Strength(StrEnum):
    """Naltrexone as it is taken: in the documented low range, above it, or as a monthly injection."""

    LOW = "low"
    FULL = "full"
    DEPOT = "depot"


@dataclass(frozen=True, slots=True)
class Listed:
    """One typed name. `kinds` holds None for words on no list; `naltrexone` None: it names none."""

    name: str
    kinds: frozenset[MedicineKind | None]
    opioid: MedicineKind | None
    naltrexone: Strength | None

    @property
    def is_full_naltrexone(self) -> bool:
        return self.naltrexone in (Strength.FULL, Strength.DEPOT)

    def tells(self, kind: MedicineKind) -> bool:
        """Named for itself: naloxone inside Suboxone is no rescue kit."""
        if kind is MedicineKind.OPIOID_RESCUE and self.opioid is not None:
            return False
        return kind in self.kinds


NALTREXONE_KINDS = frozenset(
    {
        MedicineKind.NALTREXONE,
        MedicineKind.NALTREXONE_DEPOT,
        MedicineKind.LOW_DOSE_NALTREXONE,
    }
)
_MARKED = re.compile(r"([0-9][0-9.,]*)\s*(mcg|μg|ug|mg|g)\b", re.IGNORECASE)
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_MG_SHIFT = {"mg": 0, "g": 3}


def read_medicines(names: Iterable[str], formulary: Formulary, on: date) -> tuple[Listed, ...]:
    return tuple(read_medicine(name, formulary, on) for name in names)


def read_medicine(text: str, formulary: Formulary, on: date) -> Listed:
    kinds = formulary.medicines.kinds(text)
    strength = _naltrexone(text, kinds, formulary, on) if kinds & NALTREXONE_KINDS else None
    return Listed(text.strip(), kinds, opioid_among(kinds), strength)


def _naltrexone(
    text: str, kinds: frozenset[MedicineKind | None], formulary: Formulary, on: date
) -> Strength:
    """Low only when it says so: by name, or by a strength in mg within the documented range. A brand,
    a bare name and a number without its unit count as full strength."""
    if MedicineKind.NALTREXONE_DEPOT in kinds:
        return Strength.DEPOT
    named_low = MedicineKind.LOW_DOSE_NALTREXONE in kinds
    drugs = {product.drug for product in formulary.products.values()}
    generic = drugs.intersection(medicine_words(text))
    if not named_low and not generic:
        return Strength.FULL
    taken = next(_milligrams(text, after=next(iter(generic), "")), None)
    if taken is None:
        return Strength.LOW if named_low and not _MARKED.search(text) else Strength.FULL
    highest = [row.max_mg for row in formulary.ranges if row.drug in drugs and row.in_force(on)]
    return Strength.LOW if highest and taken <= max(highest) else Strength.FULL


def _milligrams(text: str, *, after: str) -> Iterator[Decimal]:
    """Strengths with their unit, those behind the drug's name first: `naltrexone 4.5 mg`."""
    plain = unicodedata.normalize("NFKC", text)
    at = plain.casefold().find(after) if after else 0
    for part in (plain[max(at, 0) :], plain):
        for number, unit in _MARKED.findall(part):
            if _PLAIN.fullmatch(number):
                yield Decimal(number).scaleb(_MG_SHIFT.get(unit.lower(), -3))
