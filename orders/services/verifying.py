"""Every signature against its text and its rows, in a stream: no rule is asked."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Prefetch

from orders.models import DoseStep, Order, OrderFinding, Patient
from orders.services.content import damage

_AT_ONCE = 1_000


def every_signed_order() -> Iterator[Order]:
    """With just what `damage` compares, a thousand at a time."""
    steps = DoseStep.objects.select_related("product")
    findings = OrderFinding.objects.select_related("reason").only(
        *("order", "code", "level", "step", "text", "key", "source", "reason_label"),
        *("reason_text", "reason__code"),
    )
    parts = (
        "signature", "product", "indication", "reason", "urgent_reason",
        "ship_to_location", "seen_location", "supervision", "revises", "reorder_of",
        Prefetch("patient", Patient.objects.only("reference")), Prefetch("steps", steps),
        Prefetch("findings", findings),
    )  # fmt: skip
    signed = Order.objects.sent().order_by("pk").prefetch_related(*parts)
    return signed.iterator(chunk_size=_AT_ONCE)


def broken_references(orders: Iterator[Order]) -> Iterator[tuple[str, bool]]:
    """Each order's reference, and whether what was signed of it is damaged."""
    for order in orders:
        yield order.reference, bool(damage(order))
