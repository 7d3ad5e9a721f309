"""What “To sign” lists: drafts of one prescriber for many patients, and what is in each one's way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.urls import reverse

from accounts.models import User
from accounts.permissions import Right
from formulary.findings import Finding
from formulary.words import read_back
from orders.models import DraftReading, Order
from orders.prescription import DoseLine, dose_lines
from orders.querysets import OrderQuerySet
from orders.services.cart import Outcome
from orders.services.checks import Evaluation, findings_now
from orders.services.content import content_sha256
from orders.signing_page import in_the_way, waits_long
from orders.status import Status
from orders.views.shown import Blocking, blocking

# More would be neither read nor signed at once.
MOST = 50


@dataclass(frozen=True, slots=True)
class Row:
    order: Order
    lines: list[DoseLine]
    totals: tuple[str, ...]
    blocking: list[Blocking]
    obstacle: str
    warnings: list[Finding]
    sha256: str
    token: UUID
    kept: datetime | None
    waits_long: bool

    @property
    def awaits(self) -> bool:
        return self.order.status == Status.AWAITING_SIGNATURE

    @property
    def is_ready(self) -> bool:
        """Nothing open: what is left is to read it and sign."""
        return not (self.blocking or self.obstacle)

    @property
    def can_be_ticked(self) -> bool:
        """Displayed to the signer as it is now, its warnings answered."""
        return self.kept is not None and self.is_ready

    @property
    def can_be_handed_over(self) -> bool:
        stopped = any(one.finding.level == "stop" for one in self.blocking)
        return not (self.awaits or stopped or self.obstacle)


def to_sign(by: User) -> OrderQuerySet:
    """The prescriber's own drafts; for who prepares, all of the practice."""
    mine = Order.objects.visible_to(by).unsigned()
    return mine.filter(prescriber__user=by) if by.has_right(Right.SIGN_ORDERS) else mine


def rows(by: User) -> list[Row]:
    """Those handed over first, then the oldest; each checked anew."""
    orders = list(to_sign(by).for_page().order_by("handed_over_at", "created_at", "pk")[:MOST])
    orders.sort(key=lambda order: order.status != Status.AWAITING_SIGNATURE)
    read = _readings(orders, by)
    return [_row(order, read.get(order.pk)) for order in orders]


def _readings(orders: Iterable[Order], by: User) -> dict[int, DraftReading]:
    kept = DraftReading.objects.filter(order__in=list(orders), user=by)
    return {reading.order_id: reading for reading in kept}


def _row(order: Order, reading: DraftReading | None) -> Row:
    found = findings_now(order)
    sha256 = content_sha256(order, found)
    kept = reading if reading and reading.content_sha256 == sha256 else None
    return Row(
        order=order,
        lines=dose_lines(found.regimen) if found.regimen else [],
        totals=_totals(found),
        blocking=blocking(found.findings, reverse("orders:edit", args=[order.reference])),
        obstacle=in_the_way(order),
        warnings=found.warnings,
        sha256=sha256,
        token=uuid4(),
        kept=kept.read_at if kept else None,
        waits_long=waits_long(order),
    )


def _totals(found: Evaluation) -> tuple[str, ...]:
    """Each step's daily total, read back in words."""
    return tuple(read_back(mg, comma=True) for mg in found.daily_mg)


@dataclass(frozen=True, slots=True)
class Told:
    """One order's result, for the page after the signature."""

    reference: str
    level: str
    words: str


def results(kept: Iterable[tuple[str, str, str]], *, signs: bool) -> list[Told]:
    """What became of each, in words, as the session keeps it."""
    done = "Signed and sent to the pharmacy." if signs else "Handed over for the signature."
    lead = {
        Outcome.DONE: ("ok", done),
        Outcome.BEFORE: ("info", "Nothing was sent again."),
        Outcome.CHANGED: ("warn", "Not signed." if signs else "Not handed over."),
        Outcome.REFUSED: ("stop", "Not signed." if signs else "Not handed over."),
    }
    return [
        Told(reference, level, f"{text} {words}".strip())
        for reference, outcome, words in kept
        for level, text in [lead[Outcome(outcome)]]
    ]
