"""What My orders shows: its tabs, their counts in one statement, 25 rows a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Q

from accounts.house_dates import MONTHS
from accounts.models import User
from formulary.reference import Formulary
from orders.models import Order, Patient
from orders.prescription import DoseSummary, summary
from orders.querysets import OrderQuerySet
from orders.services.checks import regimen_of
from orders.status import AT_THE_PHARMACY, DONE, UNSIGNED, Status

PER_PAGE = 25


class Tab(StrEnum):
    ACTION_NEEDED = "action"
    TO_SIGN = "sign"
    DRAFTS = "drafts"
    AT_THE_PHARMACY = "pharmacy"
    DONE = "done"


LABELS = {
    Tab.ACTION_NEEDED: "Action needed",
    Tab.TO_SIGN: "Waiting for signature",
    Tab.DRAFTS: "Drafts",
    Tab.AT_THE_PHARMACY: "At the pharmacy",
    Tab.DONE: "Done",
}
_STATES = {
    Tab.ACTION_NEEDED: (Status.NEEDS_CLARIFICATION,),
    Tab.TO_SIGN: (Status.AWAITING_SIGNATURE,),
    Tab.DRAFTS: (Status.DRAFT,),
    Tab.AT_THE_PHARMACY: (*AT_THE_PHARMACY, Status.ON_HOLD),
    Tab.DONE: DONE,
}


# state → badge tone, icon
MARKS = {
    Status.DRAFT: ("neutral", "pen"),
    Status.AWAITING_SIGNATURE: ("ask", "signature"),
    Status.SUBMITTED: ("info", "inbox"),
    Status.IN_REVIEW: ("info", "user-check"),
    Status.NEEDS_CLARIFICATION: ("ask", "circle-question"),
    Status.ON_HOLD: ("soon", "pause"),
    Status.APPROVED: ("ok", "circle-check"),
    Status.REJECTED: ("stop", "circle-xmark"),
    Status.CANCELLED: ("neutral", "ban"),
    Status.EXPIRED: ("neutral", "hourglass-end"),
}


@dataclass(frozen=True, slots=True)
class Row:
    order: Order
    dose: DoseSummary
    tone: str
    icon: str

    @property
    def page(self) -> str:
        return "orders:review" if self.order.status in UNSIGNED else "orders:detail"

    @property
    def remarks(self) -> list[str]:
        """What sets the order apart from others in its state, in words."""
        order = self.order
        found = [f"Revision {order.revision}"] if order.revision > 1 else []
        if order.status == Status.ON_HOLD and order.review_on:
            found.append(f"until {MONTHS[order.review_on.month - 1]}\u00a0{order.review_on.day}")
        if order.status in UNSIGNED:
            found.append(f"for {order.prescriber.printed_name}")
        return found

    @property
    def can_be_repeated(self) -> bool:
        """What a revision replaced goes on in that revision."""
        order = self.order
        return order.status in DONE and not order.status_reason.startswith("Replaced by")


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of one tab. `page` counts from 1 and lies within `pages`."""

    tab: Tab
    counts: dict[Tab, int]
    rows: list[Row]
    page: int

    @property
    def total(self) -> int:
        return self.counts[self.tab]

    @property
    def pages(self) -> int:
        return _pages(self.total)

    @property
    def nothing_anywhere(self) -> bool:
        return not any(self.counts.values())

    @property
    def shown(self) -> str:
        first = (self.page - 1) * PER_PAGE + 1
        return f"{first}–{first + len(self.rows) - 1} of {self.total:,}" if self.rows else ""


def listing(by: User, formulary: Formulary, *, tab: str, page: str, words: str = "") -> Listing:
    """Anything unknown in `tab` or `page` opens the first that has rows: an old link still works."""
    found = _searched(Order.objects.visible_to(by), by, words)
    states = {str(name): Count("pk", filter=Q(status__in=_STATES[name])) for name in Tab}
    counts = {Tab(name): count for name, count in found.aggregate(**states).items()}
    chosen = Tab(tab) if tab in set(Tab) else _first_with_rows(counts)
    number = min(_number(page), _pages(counts[chosen]))
    return Listing(chosen, counts, _rows(found, chosen, number, formulary), number)


def _searched(orders: OrderQuerySet, by: User, words: str) -> OrderQuerySet:
    """By the beginning of a reference or of the patient's names."""
    if not words:
        return orders
    named = Patient.objects.visible_to(by).named(words.replace(",", " "))
    start = re.sub(r"\s", "", words)
    by_reference = Q(reference__istartswith=start) | Q(reference__istartswith=f"RX-{start}")
    return orders.filter(by_reference | Q(patient__in=named))


def _first_with_rows(counts: dict[Tab, int]) -> Tab:
    return next((tab for tab in Tab if counts[tab]), Tab.ACTION_NEEDED)


def _pages(total: int) -> int:
    return max(1, -(-total // PER_PAGE))


def _number(text: str) -> int:
    return max(1, int(text)) if re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) else 1


def _rows(found: OrderQuerySet, tab: Tab, page: int, formulary: Formulary) -> list[Row]:
    # Whose question is oldest waits longest; elsewhere the newest is what one looks for.
    order_by = ("status_at", "pk") if tab is Tab.ACTION_NEEDED else ("-status_at", "-pk")
    mine = found.filter(status__in=_STATES[tab]).for_rows().order_by(*order_by)
    start = (page - 1) * PER_PAGE
    return [
        Row(order, summary(regimen_of(order, formulary).steps), *MARKS[Status(order.status)])
        for order in mine[start : start + PER_PAGE]
    ]
