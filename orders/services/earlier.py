"""Reasons given on the order that a draft comes from: an acknowledged warning is not asked again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from formulary.findings import Code, Finding, Level
from formulary.reference import Formulary
from orders.models import Order, OrderFinding
from orders.services.signed_text import Acknowledgement

# What is true of one order alone is asked on each.
ASKED_EACH_TIME = frozenset({Code.CONFIRM_DOSE, Code.ACTIVE_ORDER, Code.EARLY_REFILL})
_SINCE = re.compile(r" ?\(unchanged since RX-[0-9A-Z]{8}\)$")


@dataclass(frozen=True, slots=True)
class Earlier:
    """A warning's reason as it was signed on the order named by `reference`."""

    reference: str
    given: OrderFinding

    @property
    def words(self) -> str:
        text = _SINCE.sub("", self.given.reason_text)
        return ": ".join(filter(None, (self.given.reason_label, text)))

    def again(self) -> Acknowledgement:
        """The same reason for the new order, telling that it was left unchanged."""
        assert self.given.reason is not None  # noqa: S101  a warning is signed with a reason
        since = f"(unchanged since {self.reference})"
        text = _SINCE.sub("", self.given.reason_text)[: 299 - len(since)]
        return Acknowledgement(self.given.reason, f"{text} {since}".strip())


def earlier_reasons(
    order: Order, warnings: Iterable[Finding], formulary: Formulary
) -> dict[str, Earlier]:
    """By finding key, of the order that this one revises or was ordered again from; only what was
    signed for this patient at this practice, and only reasons that still answer the warning."""
    source = order.revises or order.reorder_of
    if source is None or source.practice_id != order.practice_id:
        return {}
    if not _same_person(source, order):
        return {}
    rows = source.findings.filter(level=Level.WARN).exclude(key="").select_related("reason")
    known = {row.key: row for row in rows if row.code not in ASKED_EACH_TIME}
    return {
        finding.key: Earlier(source.reference, known[finding.key])
        for finding in warnings
        if finding.key in known and _still_answers(known[finding.key], finding, formulary)
    }


def _same_person(source: Order, order: Order) -> bool:
    kept = {order.patient_id, order.patient.merged_into_id}
    return bool({source.patient_id, source.patient.merged_into_id} & (kept - {None}))


def _still_answers(row: OrderFinding, finding: Finding, formulary: Formulary) -> bool:
    text = _SINCE.sub("", row.reason_text)
    offered = {reason.code: reason for reason in formulary.answers_to(finding)}
    reason = offered.get(row.reason.code) if row.reason else None
    return reason is not None and len(text) >= reason.min_chars
