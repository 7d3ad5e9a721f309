"""How many signatures a second `manage.py verify_signatures` goes through, of 6,000 orders."""

from __future__ import annotations

from time import perf_counter

from bench.queue import add_orders
from orders.models import Order
from orders.services.verifying import broken_references, every_signed_order

ORDERS = 6_000
BAR = 2_000


def run() -> None:
    signed = Order.objects.sent().count()
    if signed < ORDERS:
        pattern = Order.objects.filter(status="submitted", findings=None).order_by("pk")[0]
        add_orders(pattern, ORDERS - signed, open_=0)
    start = perf_counter()
    found = [is_broken for _, is_broken in broken_references(every_signed_order())]
    rate = len(found) / (perf_counter() - start)
    mark = "within" if rate >= BAR else "UNDER"
    print(
        f"{'verifying signatures':<34} {rate:8.0f} a second of {len(found)}, "
        f"{sum(found)} broken ({mark} {BAR})",
        flush=True,
    )
