"""Changes of the formulary that wait for a second pharmacist, and what became of them."""

from __future__ import annotations

from notifications import audiences
from notifications.entry import Entry
from notifications.status import Category

ENTRIES: dict[str, Entry] = {
    "formulary.proposed": Entry(
        audience=audiences.other_keepers,
        category=Category.FORMULARY,
        page="formulary:change",
        action="Read and decide",
        settled_by=(
            "formulary.approved",
            "formulary.refused",
            "formulary.withdrawn",
            "formulary.applied",
        ),
    ),
    "formulary.approved": Entry(
        audience=audiences.author_of_change,
        category=Category.FORMULARY,
        page="formulary:change",
        action="See the change",
    ),
    "formulary.refused": Entry(
        audience=audiences.author_of_change,
        category=Category.FORMULARY,
        page="formulary:change",
        action="See the reason",
    ),
}
