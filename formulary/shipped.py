"""The formulary file that ships with the code: read by `check_regimen`, and what the seed stores."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from formulary.amounts import parse_dose
from formulary.dosing import Product, Timing
from formulary.reference import (
    USUAL_RULE,
    Documented,
    DocumentedRange,
    Formulary,
    Indication,
    IndicationCode,
    MedicineKind,
    Medicines,
    PortalOrders,
    Reason,
    ReasonKind,
    ShipState,
    StateRule,
    Template,
    TemplateStep,
    figures_of,
    medicine_words,
)

FILE = Path(__file__).with_name("data") / "formulary.json"
Row = Mapping[str, Any]


@cache
def shipped_formulary() -> Formulary:
    return read(json.loads(FILE.read_text(encoding="utf-8")))


def read(data: Row) -> Formulary:
    """Raises on any row that does not fit: a formulary is read whole or not at all."""
    routes = {row["code"]: row["words"] for row in data["routes"]}
    return Formulary(
        products={row["code"]: _product(row, routes) for row in data["products"]},
        ranges=tuple(_range(row) for row in data["ranges"]),
        indications={row["slug"]: _indication(row) for row in data["indications"]},
        reasons=tuple(_reason(row) for row in data["reasons"]),
        templates=tuple(_template(row) for row in data["templates"]),
        medicines=Medicines(_medicines(data["medicines"].items())),
        ship_states=tuple(_ship_state(row) for row in data["ship_states"]),
        figures=figures_of({row["key"]: Decimal(row["value"]) for row in data["figures"]}),
        state_rules={row["state"]: _state_rule(row) for row in data["state_rules"]},
    )


@cache
def shipped_figures() -> tuple[dict[str, Any], ...]:
    """The figures that rules compare with, each with key, value, unit, label and source."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))["figures"]
    return tuple({**row, "value": Decimal(row["value"])} for row in rows)


def _amount(text: str) -> Decimal:
    """Figures stand in the file as text in ISMP spelling."""
    return parse_dose(text)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _product(row: Row, routes: Mapping[str, str]) -> Product:
    return Product(
        code=row["code"],
        drug=row["drug"],
        form=row["form"],
        route=row["route"],
        route_words=routes[row["route"]],
        unit=row["unit"],
        strength_mg=_amount(row["strength_mg"]),
        increment=_amount(row["increment"]),
        beyond_use_days=row["beyond_use_days"],
        active=row.get("active", True),
        source=row["source"],
        price_per_unit=Decimal(row["price_per_unit"]) if row.get("price_per_unit") else None,
        copy_risk=row.get("copy_risk", False),
    )


def _range(row: Row) -> DocumentedRange:
    return DocumentedRange(
        drug=row["drug"],
        route=row["route"],
        min_mg=_amount(row["min_mg"]),
        max_mg=_amount(row["max_mg"]),
        source=row["source"],
        starts=_day(row.get("starts")),
        ends=_day(row.get("ends")),
    )


def _indication(row: Row) -> Indication:
    return Indication(
        slug=row["slug"],
        name=row["name"],
        documented=Documented(row["documented"]),
        text=row["text"],
        source=row["source"],
        reviewed=date.fromisoformat(row["reviewed"]),
        **{name: row.get(name, "") for name in _PAGE_WORDS},
        codes=tuple(_code(code) for code in row["codes"]),
    )


_PAGE_WORDS = (
    "documented_dose", "time_to_effect", "evidence", "not_documented", "cautions", "elsewhere",
    "further_sources",
)  # fmt: skip


def _ship_state(row: Row) -> ShipState:
    return ShipState(
        state=row["state"],
        source=row["source"],
        since=date.fromisoformat(row["since"]),
        active=row.get("active", True),
    )


def _state_rule(row: Row) -> StateRule:
    return StateRule(
        state=row["state"],
        source=row["source"],
        portal_orders=PortalOrders(row.get("portal_orders", "accepted")),
        exception=row.get("exception", ""),
        validity_months=row.get("validity_months", USUAL_RULE.validity_months),
        needs_supervisor=row.get("needs_supervisor", False),
        unlicensed_ship_to_stops=row.get("unlicensed_ship_to_stops", False),
    )


def _code(row: Row) -> IndicationCode:
    documented = row.get("documented")
    length = row.get("full_length", 0)
    return IndicationCode(
        code=row["code"],
        label=row["label"],
        is_prefix=length > 0,
        full_length=length,
        documented=Documented(documented) if documented else None,
    )


def _reason(row: Row) -> Reason:
    return Reason(
        kind=ReasonKind(row["kind"]),
        code=row["code"],
        label=row["label"],
        needs_text=row.get("min_chars", 0) > 0,
        min_chars=row.get("min_chars", 0),
        finding=row.get("finding", ""),
    )


def _template(row: Row) -> Template:
    steps = (
        TemplateStep(
            dose_mg=_amount(step["dose_mg"]),
            times_per_day=step.get("times_per_day", 1),
            days=step["days"],
            timing=Timing(step.get("timing", "bedtime")),
            product=step.get("product", ""),
        )
        for step in row["steps"]
    )
    return Template(
        slug=row["slug"],
        name=row["name"],
        product=row["product"],
        days_supply=row["days_supply"],
        steps=tuple(steps),
        source=row["source"],
    )


def _medicines(groups: Iterable[tuple[str, list[str]]]) -> dict[str, MedicineKind]:
    return {
        " ".join(medicine_words(name)): MedicineKind(kind)
        for kind, names in groups
        for name in names
    }
