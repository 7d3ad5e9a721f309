"""Names of people as registers hold them: compared without case, accents, hyphens and suffixes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Letters that no decomposition takes apart.
_PLAIN = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"})
_PLAIN |= str.maketrans({"æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ð": "d", "þ": "th"})
_SUFFIXES = frozenset({"JR", "SR", "II", "III", "IV", "V"})
# "de la Cruz" is known as Cruz, but nobody as "de".
_PARTICLES = frozenset(
    {
        "AL", "DA", "DAS", "DE", "DEL", "DELLA", "DEN", "DER", "DES", "DI", "DO", "DOS", "DU",
        "EL", "LA", "LE", "LO", "ST", "TEN", "TER", "VAN", "VON", "Y",
    }
)  # fmt: skip
_PARTS = re.compile(r"[\s,/‐-―-]+")
# What a key keeps of a name; both sides are cut alike.
_LONGEST = 64
# The exclusion list cuts names off at these lengths (OIG's record layout).
LISTED_FAMILY, LISTED_GIVEN = 20, 15


def letters(text: str) -> str:
    """The letters A to Z of the text, in capitals: `O'Brien-Müller` is `OBRIENMULLER`."""
    plain = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return re.sub(r"[^A-Z]", "", plain.upper())[:_LONGEST]


def words(text: str) -> tuple[str, ...]:
    """The parts of a name, parted by spaces and hyphens; a suffix at the end is left out."""
    found = [word for part in _PARTS.split(text) if (word := letters(part))]
    while len(found) > 1 and found[-1] in _SUFFIXES:
        found.pop()
    return tuple(found)


def variants(text: str) -> frozenset[str]:
    """What may stand for a family name elsewhere: all of it, or one part of a double name."""
    parts = words(text)
    single = (part for part in parts if len(part) > 1 and part not in _PARTICLES)
    return frozenset({_joined(parts), *single} - {""})


def given_variants(text: str) -> frozenset[str]:
    """As `variants`, but of several given names only the first full one stands alone."""
    parts = words(text)
    full = [part for part in parts if len(part) > 1]
    return frozenset({_joined(parts), *full[:1]} - {""})


def former(names: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Family and given names of former names, written with or without the given name."""
    families: set[str] = set()
    givens: set[str] = set()
    for name in names:
        first, _, rest = name.strip().partition(" ")
        if letters(rest) and letters(rest) not in _SUFFIXES:
            families |= {letters(name)} | variants(rest)
            givens |= given_variants(first) - _PARTICLES
        else:
            families |= variants(name)
    return frozenset(families - {""}), frozenset(givens)


def keys(families: Iterable[str], givens: Iterable[str]) -> list[str]:
    """Every family name with every given name, as the exclusion list is searched."""
    return sorted({f"{family} {given}" for family in families for given in givens})


def _joined(parts: Iterable[str]) -> str:
    return "".join(parts)[:_LONGEST]
