"""Every signature against its text and its rows, in a stream: no rule is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import Model, QuerySet

from accounts.models import Location, Supervision
from formulary.models import Indication, Product, Reason
from orders.models import DoseStep, Order, OrderFinding, Patient, Signature
from orders.services.content import damage

_AT_ONCE = 1_000
# What an order names and `damage` compares. Joined here, a row at a time costs half of what
# prefetching does, and there are many rows.
_NAMED: dict[str, type[Model]] = {
    "product": Product,
    "indication": Indication,
    "reason": Reason,
    "urgent_reason": Reason,
    "ship_to_location": Location,
    "seen_location": Location,
    "supervision": Supervision,
}
_BY_REFERENCE: dict[str, type[Model]] = {"patient": Patient, "revises": Order, "reorder_of": Order}


def damaged(most: int | None = None) -> Iterator[tuple[str, bool]]:
    """Each signed order's reference, and whether what was signed of it is damaged."""
    rows = Order.objects.sent().order_by("pk").iterator(chunk_size=_AT_ONCE)
    orders = islice(rows, most)
    while chunk := list(islice(orders, _AT_ONCE)):
        yield from _compared(chunk)


def _compared(orders: list[Order]) -> Iterator[tuple[str, bool]]:
    for name, model in _NAMED.items():
        _join(orders, name, model._default_manager.all())
    for name, model in _BY_REFERENCE.items():
        _join(orders, name, model._default_manager.only("reference"))
    signatures = {row.order_id: row for row in Signature.objects.filter(order__in=orders)}
    steps, findings = _steps(orders), _findings(orders)
    for order in orders:
        if signature := signatures.get(order.pk):
            order.signature = signature
        wrong = damage(order, steps=steps[order.pk], findings=findings[order.pk])
        yield order.reference, bool(wrong)


def _join(rows: list[Any], name: str, found: QuerySet[Any]) -> None:
    """Set the rows that a foreign key names."""
    ids = {getattr(row, f"{name}_id") for row in rows} - {None}
    known = found.in_bulk(ids) if ids else {}
    for row in rows:
        if (pk := getattr(row, f"{name}_id")) is not None:
            setattr(row, name, known[pk])


def _steps(orders: list[Order]) -> dict[int, list[DoseStep]]:
    rows = list(DoseStep.objects.filter(order__in=orders).order_by("order_id", "position"))
    _join(rows, "product", Product.objects.all())
    return _by_order(rows)


def _findings(orders: list[Order]) -> dict[int, list[OrderFinding]]:
    rows = list(OrderFinding.objects.filter(order__in=orders).order_by("order_id", "pk"))
    _join(rows, "reason", Reason.objects.all())
    return _by_order(rows)


def _by_order(rows: list[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row)
    return found
