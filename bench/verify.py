"""How many signatures a second `manage.py verify_signatures` goes through, of 6,000 orders."""

from __future__ import annotations

from time import perf_counter

from bench.queue import add_orders
from orders.models import Order
from orders.services.verifying import damaged

ORDERS = 6_000
BAR = 2_000


def run() -> None:
    """Last of all: so many orders of one patient would slow down every check that follows."""
    missing = ORDERS - Order.objects.sent().count()
    if missing > 0:
        pattern = Order.objects.filter(status="submitted", findings=None).order_by("pk")[0]
        add_orders(pattern, missing, open_=0)
    start = perf_counter()
    count = sum(1 for _ in damaged(ORDERS))
    rate = count / (perf_counter() - start)
    mark = "within" if rate >= BAR else "UNDER"
    print(f"{'verifying signatures':<34} {rate:8.0f} a second ({mark} {BAR})", flush=True)
