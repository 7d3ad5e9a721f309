"""One line of `check_regimen`: JSON in, findings and sums out. Pure; nothing a line holds raises."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from formulary.amounts import DoseError, display, parse_dose, parse_unit
from formulary.dosing import (
    MAX_DAYS,
    MAX_STEPS,
    MAX_TIMES_PER_DAY,
    Product,
    Regimen,
    Step,
    quantity,
)
from formulary.findings import Code, Finding, Level, outcome
from formulary.reference import Formulary
from formulary.rules import check_regimen

MAX_LINE_BYTES = 100_000
MAX_ID_DIGITS = 100
_LINE_KEYS = ("id", "product", "steps", "days_supply")
_STEP_KEYS = ("dose", "unit", "times_per_day", "days")
_KEY_TO_REPEAT = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")
Answer = dict[str, object]


class _Unusual(str):
    """A JSON number that is not whole, too long, or NaN: kept as text, refused wherever it stands."""

    __slots__ = ()


class _Object(dict[str, object]):
    """A JSON object that remembers the keys it was given twice."""

    __slots__ = ("twice",)

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.twice: set[str] = set()
        if len(self) < len(pairs):
            counted = Counter(key for key, _ in pairs)
            self.twice = {key for key, times in counted.items() if times > 1}


@dataclass(slots=True)
class _Reader:
    """Reads values and collects why one cannot be read."""

    formulary: Formulary
    problems: list[Finding] = field(default_factory=list)

    def refuse(self, code: Code, text: str, step: int | None = None) -> None:
        self.problems.append(Finding(code, Level.INVALID, text, step))

    def keys(
        self, found: _Object, needed: tuple[str, ...], allowed: tuple[str, ...], step: int | None
    ) -> None:
        known = ", ".join(allowed)
        unknown = found.keys() - set(allowed)
        if unknown:
            named = ", ".join(sorted(filter(_KEY_TO_REPEAT.fullmatch, unknown))[:3]) or "one"
            text = f"Keys not known here: {named}. Known keys: {known}."
            self.refuse(Code.KEY_UNKNOWN, text, step)
        for key in needed:
            if key not in found:
                self.refuse(Code.KEY_MISSING, f"The key {key} is missing. Needed: {known}.", step)
        if found.twice:
            self.refuse(Code.KEY_TWICE, "A key stands twice: say each thing once.", step)

    def whole(self, found: _Object, key: str, most: int, step: int | None = None) -> int | None:
        value = found.get(key)
        if type(value) is int and 1 <= value <= most:
            return value
        if key in found:
            text = f"{key} must be from 1 to {most}, a whole number."
            self.refuse(Code.VALUE_NOT_READ, text, step)
        return None

    def product(self, found: _Object, step: int | None = None) -> Product | None:
        code = found.get("product")
        product = self.formulary.products.get(code) if type(code) is str else None
        if product is None and "product" in found:
            known = ", ".join(self.formulary.products)
            self.refuse(
                Code.PRODUCT_UNKNOWN,
                f"The product is none of {known}; use one of these codes.",
                step,
            )
        return product

    def dose(self, found: _Object, step: int) -> tuple[Decimal, Decimal | None] | None:
        """The dose in mg, and in mcg where it was typed so."""
        unit, text = found.get("unit"), found.get("dose")
        try:
            chosen = parse_unit(unit if type(unit) is str else "")
        except DoseError as error:
            if "unit" in found:
                self.refuse(Code.UNIT_UNKNOWN, str(error), step)
            return None
        if type(text) is not str:
            if "dose" in found:
                self.refuse(Code.DOSE_NOT_READ, 'The dose must be text, such as "4.5".', step)
            return None
        try:
            dose = parse_dose(text, chosen)
        except DoseError as error:
            self.refuse(Code.DOSE_NOT_READ, str(error), step)
            return None
        return dose, dose.scaleb(3) if chosen == "mcg" else None

    def step(self, found: object, number: int, ordered: Product | None) -> Step | None:
        if not isinstance(found, _Object):
            self.refuse(Code.VALUE_NOT_READ, "A step must be a JSON object.", number)
            return None
        self.keys(found, _STEP_KEYS, ("product", *_STEP_KEYS), number)
        product = self.product(found, number) if "product" in found else ordered
        dose = self.dose(found, number)
        times = self.whole(found, "times_per_day", MAX_TIMES_PER_DAY, number)
        days = None
        if found.get("days") is not None:
            days = self.whole(found, "days", MAX_DAYS, number)
        if product is None or dose is None or times is None:
            return None
        return Step(product, dose[0], times, days, entered_mcg=dose[1])

    def regimen(self, found: _Object) -> Regimen | None:
        """None when anything was refused; the reasons are in `problems`."""
        self.keys(found, _LINE_KEYS, _LINE_KEYS, None)
        if "id" in found and type(found["id"]) not in (str, int):
            text = f"id must be text or a whole number of at most {MAX_ID_DIGITS} digits."
            self.refuse(Code.VALUE_NOT_READ, text)
        product = self.product(found)
        supply = self.whole(found, "days_supply", MAX_DAYS)
        listed = found.get("steps")
        if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_STEPS:
            if "steps" in found:
                self.refuse(Code.VALUE_NOT_READ, f"steps must be a list of 1 to {MAX_STEPS} steps.")
            return None
        steps = [self.step(step, number, product) for number, step in enumerate(listed, 1)]
        if self.problems or product is None or supply is None:
            return None
        return Regimen(product, tuple(step for step in steps if step is not None), supply)


def answer(line: bytes, formulary: Formulary, *, on: date) -> Answer:
    """The answer to one line, whatever it holds; see docs of `check_regimen` for the keys."""
    identity: str | int | None = None
    try:
        found = read_line(line)
        if isinstance(found, Finding):
            return _answer(None, [found])
        identity = _identity(found)
        reader = _Reader(formulary)
        regimen = reader.regimen(found)
        if regimen is None:
            return _answer(identity, reader.problems)
        return _answer(identity, check_regimen(regimen, formulary, on=on, comma=False), regimen)
    except Exception:
        text = "The line could not be read: nothing in it was checked."
        return _answer(identity, [Finding(Code.MALFORMED_LINE, Level.INVALID, text)])


def read_line(line: bytes) -> _Object | Finding:
    """The JSON object of a line, or the finding that says why it is none."""
    reason = ""
    if len(line) > MAX_LINE_BYTES:
        reason = f"The line is longer than {MAX_LINE_BYTES} bytes."
    elif line.startswith(b"\xef\xbb\xbf"):
        reason = "The line starts with a byte order mark: leave it out."
    elif not line.strip():
        reason = "The line is empty."
    if not reason:
        try:
            found = _decode(line)
        except UnicodeDecodeError:
            reason = "The line is not UTF-8 text."
        except RecursionError:
            reason = "The line is nested too deeply."
        except ValueError:
            reason = "The line is not JSON."
        else:
            if isinstance(found, _Object):
                return found
            reason = "The line must be a JSON object."
    return Finding(Code.MALFORMED_LINE, Level.INVALID, reason)


def _whole_number(text: str) -> int | _Unusual:
    return int(text) if len(text) <= MAX_ID_DIGITS else _Unusual(text)


def _decode(line: bytes) -> object:
    return json.loads(
        line.decode("utf-8"),
        object_pairs_hook=_Object,
        parse_int=_whole_number,
        parse_float=_Unusual,
        parse_constant=_Unusual,
    )


def _identity(found: _Object) -> str | int | None:
    value = found.get("id")
    if "id" in found.twice or type(value) not in (str, int):
        return None
    return value  # type: ignore[return-value]


def _answer(
    identity: str | int | None,
    findings: tuple[Finding, ...] | list[Finding],
    regimen: Regimen | None = None,
) -> Answer:
    """The keys in their documented order; what could not be computed is null."""
    said: Answer = {
        "id": identity,
        "outcome": str(outcome(findings)),
        "daily_mg": None,
        "quantity": None,
        "quantity_unit": None,
        "days_supply": None,
    }
    if regimen is not None:
        said |= _sums(regimen)
    said["findings"] = [
        {"code": str(f.code), "level": str(f.level), "step": f.step, "text": f.text}
        for f in findings
    ]
    return said


def _sums(regimen: Regimen) -> Mapping[str, object]:
    amounts, total = regimen.quantities(), quantity(regimen)
    units = {product.unit for product in regimen.products}
    sums: dict[str, object] = {
        "daily_mg": [display(total) for total in regimen.daily_mg],
        "quantity": display(total.value) if total else None,
        "quantity_unit": units.pop() if len(units) == 1 else None,
        "days_supply": regimen.days_supply,
    }
    if regimen.products != (regimen.product,):
        shown = {code: display(value) for code, value in (amounts or {}).items()}
        sums["quantities"] = shown if amounts is not None else None
    return sums
