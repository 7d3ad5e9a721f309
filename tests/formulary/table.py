"""Reads tests/data/decision_table.csv: one case a line, said as a change of a clean order.

`python -m tests.formulary.table` writes tests/data/decision_texts.json anew: what the prescriber
reads in each case. Read the difference before it is committed.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from formulary.amounts import Unit, parse_dose
from formulary.dosing import Product, Regimen, Step, Timing
from formulary.facts import (
    ActiveOrder,
    Allergies,
    Caution,
    OpioidClass,
    OpioidUse,
    OrderFacts,
    Stage,
    TreatmentStatus,
)
from formulary.findings import Finding
from formulary.order_rules import check_order
from formulary.reference import CodeStanding, Formulary, PortalOrders, ShipState, StateRule
from formulary.shipped import shipped_formulary

TABLE = Path(__file__).parents[1] / "data" / "decision_table.csv"
TEXTS = TABLE.with_name("decision_texts.json")
TODAY = date(2026, 11, 22)
SHIPPED = shipped_formulary()
USUAL = "1.5x14, 3x14, 4.5x-; 90 days"
# An order that no rule has anything to say of: every line of the table is a change of it.
CLEAN = OrderFacts(
    today=TODAY,
    treatment=TreatmentStatus.NEW_START,
    opioids=OpioidUse.NEVER,
    first_dose=TODAY,
    medicines=(),
    allergies=Allergies.NONE_KNOWN,
    cautions=(),
    cautions_on=TODAY,
    birth_date=date(1980, 5, 5),
    sex="female",
    indication=SHIPPED.indications["psoriasis"],
    diagnosis_code="L40.0",
    code_standing=CodeStanding.BILLABLE,
    ship_to_state="NC",
    seen_state="NC",
    licence_states=("NC",),
    refills=0,
    active_orders=(),
)
_STEP = re.compile(r"(?P<dose>.*?)(?P<unit>mcg)?(?:\*(?P<times>-?\d+))?x(?P<days>-?\d+|-)")


@dataclass(frozen=True)
class Line:
    """One line as it is written; `number` counts the lines of the file, the header being 1."""

    number: int
    rule: str
    case: str
    what: str
    facts: str
    regimen: str
    formulary: str
    expected: str
    source: str

    @property
    def expects(self) -> tuple[str, ...]:
        return () if self.expected == "nothing" else tuple(parts(self.expected))

    def changed(self) -> Formulary:
        return _changed(SHIPPED, self.formulary)

    def order(self) -> tuple[OrderFacts, Formulary, Regimen]:
        """Raises ValueError or TypeError where an answer or a dose cannot be read at all."""
        formulary = self.changed()
        facts = read_facts(self.facts, formulary)
        return facts, formulary, read_regimen(self.regimen or USUAL, formulary)

    @cache  # noqa: B019  the lines live as long as the tests
    def findings(self) -> tuple[Finding, ...]:
        facts, formulary, regimen = self.order()
        return check_order(facts, formulary, regimen)


def lines() -> list[Line]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [Line(at, **row) for at, row in enumerate(csv.DictReader(file), 2)]


def parts(text: str) -> Iterator[str]:
    return (part.strip() for part in text.split(";") if part.strip())


# --- facts: `opioids=within_30_days; opioid_last_use=-7d` ---------------------------------------
def read_facts(text: str, formulary: Formulary) -> OrderFacts:
    changes: dict[str, Any] = {}
    for part in parts(text):
        name, _, value = part.partition("=")
        if name not in OrderFacts.__dataclass_fields__:
            raise AssertionError(f"{name} is no answer of the order form")
        changes[name] = None if value == "?" else _READERS.get(name, str)(value)
    if isinstance(slug := changes.get("indication"), str):
        changes["indication"] = formulary.indications[slug]
    return replace(CLEAN, **changes)


def read_day(text: str) -> date:
    """`-7d` and `+0d` count from today; a birthday is `18 years` or `18 years -1d` ago."""
    years = re.fullmatch(r"(\d+) years(?: ([+-]\d+)d)?", text)
    if years:
        day = TODAY.replace(year=TODAY.year - int(years[1]))
        return day + timedelta(days=int(years[2] or 0))
    days = re.fullmatch(r"([+-]\d+)d", text)
    return TODAY + timedelta(days=int(days[1])) if days else date.fromisoformat(text)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split("|")) if text != "none" else ()


def _yes(text: str) -> bool:
    return {"yes": True, "no": False}[text]


def _active(text: str) -> tuple[ActiveOrder, ...]:
    """`4.5 mg dispensed -60d..+29d 2 refills`, or `4.5 mg waiting`; parted by `|`, or `none`."""
    return tuple(_active_order(at, one) for at, one in enumerate(_names(text), 1))


def _active_order(at: int, text: str) -> ActiveOrder:
    daily, _, state, *rest = text.split()
    span = next((word for word in rest if ".." in word), "")
    starts, _, ends = span.partition("..")
    return ActiveOrder(
        reference=f"RX-{at}",
        daily_mg=Decimal(daily),
        dispensed={"dispensed": True, "waiting": False}[state],
        starts=read_day(starts) if starts else None,
        ends=read_day(ends) if ends else None,
        refills_left=int(rest[rest.index("refills") - 1]) if "refills" in rest else 0,
    )


_READERS: dict[str, Callable[[str], Any]] = {
    "treatment": TreatmentStatus,
    "opioids": OpioidUse,
    "opioid_class": OpioidClass,
    "opioid_last_use": read_day,
    "first_dose": read_day,
    "medicines": _names,
    "naltrexone_last_dose": read_day,
    "allergies": Allergies,
    "allergy_names": _names,
    "cautions": lambda text: tuple(Caution(name) for name in _names(text)),
    "cautions_on": read_day,
    "procedure_on": read_day,
    "birth_date": read_day,
    "weight_kg": Decimal,
    "other_diagnosis": _yes,
    "code_standing": CodeStanding,
    "obstruction_excluded": _yes,
    "licence_states": _names,
    "is_supervised_kind": _yes,
    "supervisor_named": _yes,
    "refills": int,
    "active_orders": _active,
    "last_dispensed_mg": Decimal,
    "signed_fills": lambda text: tuple(int(days) for days in text.split("+")),
    "percent_used": int,
    "stage": Stage,
    "formulary_on": read_day,
}


# --- the regimen: `1.5x14, 3x14@LDN-CAP-3, 2.25*2x-; 90 days` -------------------------------------
def read_regimen(text: str, formulary: Formulary) -> Regimen:
    """Steps of dose, times a day (once unless said), days (`-` is open) and product; the order's
    product is the first step's. The dose is read as the form reads it."""
    listed, _, supply = text.partition(";")
    days = re.fullmatch(r"(-?\d+) days", supply.strip())
    assert days, f"no days' supply in {text}"
    steps = tuple(_step(part.strip(), formulary) for part in listed.split(","))
    return Regimen(steps[0].product, steps, int(days[1]))


def _step(text: str, formulary: Formulary) -> Step:
    dosing, _, code = text.partition("@")
    code, _, timing = code.partition(" ")
    read = _STEP.fullmatch(dosing)
    assert read, f"no step: {text}"
    times = int(read["times"] or 1)
    unit = Unit.MCG if read["unit"] else Unit.MG
    usual = Timing.BEDTIME if times == 1 else Timing.ANY
    return Step(
        product=formulary.products[code or "LDN-CAP-1.5"],
        dose_mg=parse_dose(read["dose"], unit),
        times_per_day=times,
        days=None if read["days"] == "-" else int(read["days"]),
        timing=Timing(timing) if timing else usual,
        entered_mcg=parse_dose(read["dose"]) if unit is Unit.MCG else None,
    )


# --- another formulary: `retired LDN-CAP-3`, `state GA validity_months=15` ------------------------
def _changed(formulary: Formulary, text: str) -> Formulary:
    for part in parts(text):
        what, _, rest = part.partition(" ")
        formulary = _CHANGES[what](formulary, rest)
    return formulary


def _retired(formulary: Formulary, code: str) -> Formulary:
    return _with_product(formulary, replace(formulary.products[code], active=False))


def _product(formulary: Formulary, text: str) -> Formulary:
    """`product LDN-CAP-4.5 increment=0.25 unit=tablet`; a new code starts as LDN-CAP-4.5."""
    code, *changes = text.split()
    start = formulary.products.get(code) or formulary.products["LDN-CAP-4.5"]
    return _with_product(formulary, replace(start, code=code, **_fields(changes, start)))


def _with_product(formulary: Formulary, product: Product) -> Formulary:
    return replace(formulary, products={**formulary.products, product.code: product})


def _range(formulary: Formulary, text: str) -> Formulary:
    """`range none`, or `range 0.5-4.5 from +1d until +9d`, instead of the documented one."""
    if text == "none":
        return replace(formulary, ranges=())
    span, *rest = text.split()
    low, _, high = span.partition("-")
    days = dict(zip(rest[::2], map(read_day, rest[1::2]), strict=True))
    row = replace(
        formulary.ranges[0],
        min_mg=Decimal(low),
        max_mg=Decimal(high),
        starts=days.get("from"),
        ends=days.get("until"),
    )
    return replace(formulary, ranges=(row,))


def _state(formulary: Formulary, text: str) -> Formulary:
    code, *changes = text.split()
    start = StateRule(state=code, source="A source", exception="An exception.")
    rule = replace(start, **_fields(changes, start))
    rule = replace(rule, portal_orders=PortalOrders(rule.portal_orders))
    return replace(formulary, state_rules={**formulary.state_rules, code: rule})


def _ships(formulary: Formulary, text: str) -> Formulary:
    """`ships nowhere`, `ships GA NC`, or `ships NC from +1d`, instead of the states on file."""
    named, _, since = text.partition(" from ")
    codes = () if named == "nowhere" else named.split()
    day = read_day(since) if since else TODAY
    rows = tuple(ShipState(code, "A licence", day) for code in codes)
    return replace(formulary, ship_states=rows)


def _figures(formulary: Formulary, text: str) -> Formulary:
    changes = _fields(text.split(), formulary.figures)
    return replace(formulary, figures=replace(formulary.figures, **changes))


def _fields(changes: list[str], start: object) -> dict[str, Any]:
    """Each value in the type that the field has at the start."""
    found: dict[str, Any] = {}
    for change in changes:
        name, _, value = change.partition("=")
        kind = type(getattr(start, name))
        found[name] = None if value == "none" else value == "yes" if kind is bool else kind(value)
    return found


_CHANGES: dict[str, Callable[[Formulary, str], Formulary]] = {
    "retired": _retired,
    "product": _product,
    "range": _range,
    "state": _state,
    "ships": _ships,
    "figures": _figures,
}


# --- what is read in each case ----------------------------------------------------------------------
def texts() -> str:
    """Every finding of every line whole, as JSON."""
    said = {
        f"{line.rule}: {line.what}": [_said(finding) for finding in line.findings()]
        for line in lines()
        if ":" in line.expected and line.rule != "spelling of the dose"
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def _said(finding: Finding) -> str:
    parts = (finding.code, finding.level, finding.step, finding.subject, finding.text)
    return " | ".join(str(part) for part in (*parts, finding.words, finding.source) if part)


if __name__ == "__main__":
    TEXTS.write_text(texts(), encoding="utf-8")
