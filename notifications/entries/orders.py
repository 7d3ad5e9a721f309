"""What happens to an order."""

from __future__ import annotations

from notifications import audiences
from notifications.entry import Entry

_DECIDED = ("order.approved", "order.rejected", "order.cancelled")
_STAFF = "queue:review"

ENTRIES: dict[str, Entry] = {
    "order.submitted": Entry(
        audience=audiences.pharmacists,
        page="queue:review",
        action="Review the order",
        wants_mail=audiences.wants_mail_of,
        settled_by=("order.claimed", *_DECIDED),
    ),
    "order.clarification_asked": Entry(
        audience=audiences.prescriber,
        page="orders:detail",
        staff_page=_STAFF,
        action="Answer the question",
        settled_by=("order.clarification_answered", *_DECIDED),
    ),
    "order.clarification_answered": Entry(
        audience=audiences.asking_pharmacist,
        page="queue:review",
        action="Read the answer",
        settled_by=("order.claimed", *_DECIDED),
    ),
    "order.approved": Entry(
        audience=audiences.prescriber,
        page="orders:detail",
        staff_page=_STAFF,
        action="See the order",
    ),
    "order.rejected": Entry(
        audience=audiences.prescriber,
        page="orders:detail",
        staff_page=_STAFF,
        action="See the reason",
    ),
    "order.cancelled": Entry(
        audience=audiences.concerned, page="queue:review", action="See the order"
    ),
}
