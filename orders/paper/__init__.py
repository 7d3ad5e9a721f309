"""The signed prescription as a tagged PDF (PDF/UA-1) for Letter paper; same order, same bytes."""

from __future__ import annotations

from orders.paper.setting import PaperFailed, set_type
from orders.paper.sheet import sheet_of

__all__ = ["PaperFailed", "build"]

from orders.models import Order
from orders.services.content import verify


def build(order: Order) -> bytes:
    """The PDF of an order read `for_page`. Raises ContentChanged when what was signed is no longer
    whole, PaperFailed when the sheet could not be set."""
    verify(order)
    return set_type(sheet_of(order))
