"""What happens to an order."""

from __future__ import annotations

from notifications import audiences
from notifications.entry import Entry
from notifications.status import Category

_DECIDED = (
    "order.approved", "order.rejected", "order.cancelled", "order.withdrawn", "order.replaced",
    "order.expired",
)  # fmt: skip
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
    "order.withdrawn": Entry(
        audience=audiences.preparing,
        category=Category.ORDER_REJECTED,
        page="orders:detail",
        staff_page=_STAFF,
        action="See the order",
    ),
    # --- before it is signed ---
    "order.handed_over": Entry(
        audience=audiences.prescriber,
        category=Category.SIGNATURE,
        page="orders:detail",
        staff_page=_STAFF,
        action="Read and sign the order",
        settled_by=("order.submitted", "order.taken_back", "order.cancelled"),
    ),
    "order.taken_back": Entry(
        audience=audiences.who_handed_over,
        category=Category.SIGNATURE,
        page="orders:detail",
        staff_page=_STAFF,
        action="See the draft",
        settled_by=("order.handed_over", "order.submitted", "order.cancelled"),
    ),
    "order.countersign_asked": Entry(
        audience=audiences.prescriber,
        category=Category.SIGNATURE,
        page="orders:detail",
        staff_page=_STAFF,
        action="Read and countersign",
        settled_by=("order.countersigned",),
    ),
    # --- while it is at the pharmacy ---
    "order.cleared_first": Entry(
        audience=audiences.other_pharmacists,
        category=Category.ORDER_ROUTINE,
        page=_STAFF,
        action="Clear it as the second",
        settled_by=("order.claimed", *_DECIDED),
    ),
    "order.held": Entry(
        audience=audiences.preparing,
        category=Category.ORDER_REJECTED,
        page="orders:detail",
        staff_page=_STAFF,
        action="See the reason",
        settled_by=("order.hold_ended", *_DECIDED),
    ),
    "order.expired": Entry(
        audience=audiences.preparing,
        category=Category.ORDER_ENDING,
        page="orders:detail",
        staff_page=_STAFF,
        action="See the order",
    ),
    # --- after it was verified ---
    "order.expiring": Entry(
        audience=audiences.preparing,
        category=Category.ORDER_ENDING,
        page="orders:detail",
        staff_page=_STAFF,
        action="See the order",
        settled_by=("order.cancelled", "order.withdrawn", "order.expired"),
    ),
    "order.last_fill_ending": Entry(
        audience=audiences.preparing,
        category=Category.ORDER_ENDING,
        page="orders:detail",
        staff_page=_STAFF,
        action="Order again or let it end",
        settled_by=("order.cancelled", "order.withdrawn"),
    ),
    "order.refill_requested": Entry(
        audience=audiences.pharmacists,
        category=Category.REFILL,
        page=_STAFF,
        action="See the order",
        settled_by=(
            "order.refill_released",
            "order.refill_refused",
            "order.refills_cancelled",
            "order.cancelled",
            "order.withdrawn",
        ),
    ),
    "order.refill_released": Entry(
        audience=audiences.preparing,
        category=Category.ORDER_APPROVED,
        page="orders:detail",
        staff_page=_STAFF,
        action="See the order",
    ),
    "order.refill_refused": Entry(
        audience=audiences.preparing,
        category=Category.ORDER_REJECTED,
        page="orders:detail",
        staff_page=_STAFF,
        action="See the reason",
    ),
}
