"""A formulary written in the spelling of the shipped file, so that `shipped.read` reads it again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from formulary.amounts import display
from formulary.dosing import Product
from formulary.reference import (
    DocumentedRange,
    Figures,
    Formulary,
    Indication,
    IndicationCode,
    Medicines,
    Reason,
    ShipState,
    StateRule,
    Template,
    TemplateStep,
)

_Row = dict[str, Any]


def to_json(formulary: Formulary) -> _Row:
    """Everything that rules and forms read, as plain text and whole numbers."""
    products = formulary.products.values()
    return {
        "figures": _figures(formulary.figures),
        "state_rules": [_state_rule(row) for row in formulary.state_rules.values()],
        "ship_states": [_ship_state(row) for row in formulary.ship_states],
        "routes": _distinct((p.route, p.route_words) for p in products),
        "products": [_product(row) for row in products],
        "ranges": [_range(row) for row in formulary.ranges],
        "indications": [_indication(row) for row in formulary.indications.values()],
        "reasons": [_reason(row) for row in formulary.reasons],
        "templates": [_template(row) for row in formulary.templates],
        "medicines": _medicines(formulary.medicines),
    }


def _distinct(routes: Iterable[tuple[str, str]]) -> list[_Row]:
    return [{"code": code, "words": words} for code, words in dict(routes).items()]


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _figures(figures: Figures) -> list[_Row]:
    known = {f.name: Decimal(getattr(figures, f.name)) for f in fields(figures)}
    return [{"key": key, "value": display(value)} for key, value in known.items()]


def _plain(row: Any, *but: str) -> _Row:
    """The columns as they are: texts, whole numbers and yes or no."""
    return {f.name: getattr(row, f.name) for f in fields(row) if f.name not in but}


def _product(row: Product) -> _Row:
    price = row.price_per_unit
    return _plain(row, "route_words") | {
        "strength_mg": display(row.strength_mg),
        "increment": display(row.increment),
        "price_per_unit": None if price is None else str(price),
    }


def _range(row: DocumentedRange) -> _Row:
    days = {"starts": _day(row.starts), "ends": _day(row.ends)}
    return _plain(row) | {"min_mg": display(row.min_mg), "max_mg": display(row.max_mg)} | days


def _indication(row: Indication) -> _Row:
    codes = [_code(code) for code in row.codes]
    return _plain(row) | {
        "documented": str(row.documented),
        "reviewed": _day(row.reviewed),
        "codes": codes,
    }


def _code(row: IndicationCode) -> _Row:
    documented = str(row.documented) if row.documented else None
    return _plain(row, "is_prefix") | {"documented": documented}


def _reason(row: Reason) -> _Row:
    return _plain(row, "needs_text") | {"kind": str(row.kind)}


def _state_rule(row: StateRule) -> _Row:
    return _plain(row) | {"portal_orders": str(row.portal_orders)}


def _ship_state(row: ShipState) -> _Row:
    return _plain(row) | {"since": _day(row.since)}


def _template(row: Template) -> _Row:
    return _plain(row) | {"steps": [_template_step(step) for step in row.steps]}


def _template_step(row: TemplateStep) -> _Row:
    return _plain(row) | {"dose_mg": display(row.dose_mg), "timing": str(row.timing)}


def _medicines(medicines: Medicines) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, kind in medicines.names.items():
        groups.setdefault(str(kind), []).append(name)
    return groups
