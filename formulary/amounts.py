"""A dose as it is typed and as it is shown. Exact decimals in milligrams; a float raises TypeError."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from enum import StrEnum

MAX_DIGITS = 6
MAX_DECIMALS = 3
LIMITS = f"a dose has at most {MAX_DIGITS} digits, at most {MAX_DECIMALS} of them after the point"


class Unit(StrEnum):
    MG = "mg"
    MCG = "mcg"


class DoseError(ValueError):
    """Typed text that is not a dose. `proposal` is the spelling to use, None where it is unclear."""

    def __init__(self, message: str, proposal: str | None = None) -> None:
        super().__init__(message)
        self.proposal = proposal


_DOSE = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?")
_PLAIN = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
_WITH_UNIT = re.compile(r"([0-9.,]+)\s*(mg|mcg)", re.IGNORECASE)
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+")
_NUMBER_AND_UNIT = re.compile(r"(?<=[0-9]) (?=(?:mg|mcg|mL)\b)")
_LONGEST_TO_EXPLAIN = 40


def parse_unit(text: str) -> Unit:
    """The unit of a typed dose; anything but `mg` and `mcg` raises DoseError."""
    if text == "mg":
        return Unit.MG
    if text == "mcg":
        return Unit.MCG
    raise DoseError("The unit of a dose is mg or mcg, in small letters.")


def parse_dose(text: str, unit: str = Unit.MG) -> Decimal:
    """A typed dose in mg, exactly. Only the ISMP spelling is read: 0.5, 5, 4.5. Raises DoseError."""
    if type(text) is not str:
        raise TypeError(f"a dose is typed text, not {type(text).__name__}")
    if unit not in ("mg", "mcg"):
        parse_unit(unit)
    if not _DOSE.fullmatch(text):
        raise _spelling_error(text, unit)
    if _too_long(text):
        raise DoseError(_TOO_LONG)
    value = Decimal(text)
    if not value:
        raise DoseError(_ZERO)
    return value.scaleb(-3) if unit == "mcg" else value


def display(value: Decimal, *, comma: bool = False) -> str:
    """The ISMP spelling: 0.5, 5, 1500. `comma` sets 1,500, as on screens. The inverse of parsing."""
    if type(value) is not Decimal:
        raise TypeError(f"an amount is a Decimal, not {type(value).__name__}")
    if not value.is_finite() or value.is_signed() or not -30 < value.adjusted() < 30:
        raise ValueError("an amount is a finite number of 0 or more")
    text = format(value, ",f" if comma else "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


def amount(value: Decimal, unit: str, *, comma: bool = False) -> str:
    """Number, space, unit: 0.5 mg. The caller ends no sentence right after a unit."""
    return f"{display(value, comma=comma)} {unit}"


_TOO_LONG = f"Write a shorter dose: {LIMITS}."
_NO_NUMBER = f"Write the dose in the digits 0 to 9, such as 0.5 or 4.5; {LIMITS}."
_ZERO = "The dose must be more than 0: leave the step out if nothing is taken."


def unbroken(text: str) -> str:
    """The same text with no-break spaces between number and unit, so that no screen parts them."""
    return _NUMBER_AND_UNIT.sub("\u00a0", text)


def _spelling_error(text: str, unit: str) -> DoseError:
    """What to write instead of `text`, with the value it stands for where that is clear."""
    if len(text) > _LONGEST_TO_EXPLAIN:
        return DoseError(_TOO_LONG)
    cleaned, reason = _cleaned(text, unit)
    if _THOUSANDS.fullmatch(cleaned):
        return _comma_error(cleaned)
    if cleaned.count(",") == 1 and "." not in cleaned:
        cleaned, reason = cleaned.replace(",", "."), "decimals follow a point, not a comma"
    if not _PLAIN.fullmatch(cleaned):
        return DoseError(_NO_NUMBER)
    proposal = _ismp_spelling(cleaned)
    if _too_long(proposal):
        return DoseError(_TOO_LONG)
    if proposal == "0":
        return DoseError(_ZERO)
    return DoseError(
        f"Write the dose as {proposal}: {reason or _reason(cleaned)}; {LIMITS}.", proposal
    )


def _cleaned(text: str, unit: str) -> tuple[str, str]:
    """Text in ASCII without outer spaces, a plus sign or the chosen unit; and why it was refused."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(str(unicodedata.digit(c, c)) for c in plain)
    reason = "only the digits 0 to 9 and a point are read" if plain != text else ""
    if plain != plain.strip():
        plain, reason = plain.strip(), "without spaces"
    if plain.startswith("+"):
        plain, reason = plain[1:], "without a sign"
    typed = _WITH_UNIT.fullmatch(plain)
    if typed and typed[2].lower() == unit:
        plain, reason = typed[1], "the unit has its own field"
    return plain, reason


def _ismp_spelling(plain: str) -> str:
    whole, _, decimals = plain.partition(".")
    whole, decimals = whole.lstrip("0") or "0", decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def _too_long(spelling: str) -> bool:
    whole, _, decimals = spelling.partition(".")
    return len(whole) + len(decimals) > MAX_DIGITS or len(decimals) > MAX_DECIMALS


def _reason(plain: str) -> str:
    if plain.startswith("."):
        return "a dose below 1 starts with a zero"
    if "." in plain and plain[-1] in "0.":
        return "a whole dose has no point and a decimal never ends in zero"
    return "a dose of 1 or more does not start with a zero"


def _comma_error(cleaned: str) -> DoseError:
    """4,500 may mean 4.5 or 4500: both are named and neither is chosen."""
    whole = _ismp_spelling(cleaned.replace(",", ""))
    if cleaned.count(",") > 1:
        return DoseError(f"Write the dose without commas; {LIMITS}.")
    small = _ismp_spelling(cleaned.replace(",", "."))
    return DoseError(f"Write the dose as {small} or {whole}: a comma can mean either; {LIMITS}.")
