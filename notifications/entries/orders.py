"""What happens to an order."""

from __future__ import annotations

from notifications import audiences
from notifications.entry import Entry
from notifications.status import Category

_DECIDED = ("order.approved", "order.rejected", "order.cancelled")
_STAFF = "queue:review"

ENTRIES: dict[str, Entry] = {
    "order.submitted": Entry(
        audience=audiences.pharmacists,
        category=Category.ORDER_ROUTINE,
        page="queue:review",
        action="Review the order",
        urgent_category=Category.ORDER_URGENT,
        settled_by=("order.claimed", *_DECIDED),
    ),
    "order.clarification_asked": Entry(
        audience=audiences.answering,
        category=Category.CLARIFICATION,
        page="orders:detail",
        staff_page=_STAFF,
        action="Answer the question",
        settled_by=("order.clarification_answered", *_DECIDED),
    ),
    "order.clarification_answered": Entry(
        audience=audiences.asking_pharmacist,
        category=Category.ORDER_ANSWER,
        page="queue:review",
        action="Read the answer",
        settled_by=("order.claimed", *_DECIDED),
    ),
    "order.approved": Entry(
        audience=audiences.prescriber,
        category=Category.ORDER_APPROVED,
        page="orders:detail",
        staff_page=_STAFF,
        action="See the order",
    ),
    "order.rejected": Entry(
        audience=audiences.preparing,
        category=Category.ORDER_REJECTED,
        page="orders:detail",
        staff_page=_STAFF,
        action="See the reason",
    ),
    "order.cancelled": Entry(
        audience=audiences.concerned,
        category=Category.ORDER_CANCELLED,
        page="queue:review",
        action="See the order",
    ),
}
