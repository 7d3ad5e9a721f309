"""NPI and DEA numbers: their shape, their check digits and, for DEA, the letter of the name.

NPI: ten digits, the first 1 or 2, and the Luhn sum over 80840 + NPI is a multiple of ten (45 CFR
162.406). DEA: a letter for the kind of registrant, the initial of the family name or 9, six digits
and a check digit; the letters are the business activities of the DEA's registration record layout
(2017), with A to G and M for practitioners and X, given out until 2023.
"""

from __future__ import annotations

import re
import unicodedata

_NPI = re.compile(r"[12][0-9]{9}\Z")
_DEA = re.compile(r"[A-Z][A-Z9][0-9]{7}\Z")
_DEA_REGISTRANTS = frozenset("ABCDEFGHJKLMNPRSTUX")
_LUHN_PREFIX = "80840"


def tidy_number(text: str) -> str:
    """As it is stored: without spaces and hyphens, in capital letters."""
    return re.sub(r"[\s-]", "", text).upper()


def npi_error(npi: str) -> str:
    """What is wrong with the number, in words for who typed it; empty when nothing is."""
    if not re.fullmatch(r"[0-9]*", npi):
        return "An NPI has digits only."
    if len(npi) != 10:
        return f"An NPI has 10 digits; this has {len(npi)}."
    if not _NPI.match(npi):
        return "An NPI begins with 1 or 2."
    if _luhn_sum(_LUHN_PREFIX + npi) % 10:
        return "The check digit of this NPI does not fit: look for a mistyped digit."
    return ""


def dea_error(dea: str) -> str:
    """What is wrong with the number, in words for who typed it; empty when nothing is."""
    if not _DEA.match(dea):
        return "A DEA number has two letters (or a letter and 9) and 7 digits, such as AP5836727."
    if dea[0] not in _DEA_REGISTRANTS:
        return f"No DEA number begins with {dea[0]}."
    if _dea_check_digit(dea) != dea[8]:
        return "The check digit of this DEA number does not fit: look for a mistyped digit."
    return ""


def dea_letter_fits(dea: str, family_name: str) -> bool:
    """Whether the second letter is the initial of a part of the family name.

    9 stands for a business name and fits everybody. "de la Cruz" may be registered under D, L or C.
    """
    if dea[1:2] == "9":
        return True
    plain = unicodedata.normalize("NFKD", family_name)
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign)).upper()
    return dea[1:2] in {part[0] for part in re.findall(r"[^\W\d_]+", letters)}


def _luhn_sum(digits: str) -> int:
    """Every second digit from the right counts double, and a two-digit double by its digit sum."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return sum(map(int, digits[-1::-2])) + sum(doubled)


def _dea_check_digit(dea: str) -> str:
    digits = [int(digit) for digit in dea[2:8]]
    return str((sum(digits[0::2]) + 2 * sum(digits[1::2])) % 10)
