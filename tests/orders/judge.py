"""What the database says of all orders, in SQL of its own: the judge of the life machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from django.db import connection

from orders.models import Order
from orders.services.content import damage
from orders.status import ALLOWED_MOVES, Status

# What an event says of the state: from (None: `was` in its data), to.
MOVES: dict[str, tuple[set[Status] | None, Status]] = {
    "order.handed_over": ({Status.DRAFT}, Status.AWAITING_SIGNATURE),
    "order.taken_back": ({Status.AWAITING_SIGNATURE}, Status.DRAFT),
    "order.submitted": ({Status.DRAFT, Status.AWAITING_SIGNATURE}, Status.SUBMITTED),
    "order.verbal_recorded": ({Status.DRAFT}, Status.SUBMITTED),
    "order.claimed": ({Status.SUBMITTED}, Status.IN_REVIEW),
    "order.given_back": ({Status.IN_REVIEW}, Status.SUBMITTED),
    "order.claim_released": ({Status.IN_REVIEW}, Status.SUBMITTED),
    "order.claim_lapsed": ({Status.IN_REVIEW}, Status.SUBMITTED),
    "order.cleared_first": ({Status.IN_REVIEW}, Status.SUBMITTED),
    "order.approved": ({Status.IN_REVIEW}, Status.APPROVED),
    "order.rejected": ({Status.IN_REVIEW}, Status.REJECTED),
    "order.clarification_asked": ({Status.IN_REVIEW}, Status.NEEDS_CLARIFICATION),
    "order.clarification_answered": ({Status.NEEDS_CLARIFICATION}, Status.SUBMITTED),
    "order.held": ({Status.IN_REVIEW}, Status.ON_HOLD),
    "order.hold_ended": ({Status.ON_HOLD}, Status.SUBMITTED),
    "order.cancelled": (None, Status.CANCELLED),
    "order.withdrawn": (None, Status.CANCELLED),
    "order.replaced": (None, Status.CANCELLED),
    "order.expired": (None, Status.EXPIRED),
}

# No row may ever answer one of these.
NEVER = {
    "an order past its draft without a signature": """
        SELECT o.reference FROM orders_order o LEFT JOIN orders_signature s ON s.order_id = o.id
        WHERE s.id IS NULL
          AND (o.status NOT IN ('draft', 'awaiting_signature', 'cancelled')
               OR o.submitted_at IS NOT NULL OR o.written_on IS NOT NULL)""",
    "a signature under an order that still is a draft": """
        SELECT o.reference FROM orders_order o JOIN orders_signature s ON s.order_id = o.id
        WHERE o.status IN ('draft', 'awaiting_signature')""",
    "a signature of somebody whom the order does not name": """
        SELECT o.reference FROM orders_order o JOIN orders_signature s ON s.order_id = o.id
        WHERE s.prescriber_id <> o.prescriber_id""",
    "a stop or an open question that was signed": """
        SELECT o.reference FROM orders_order o JOIN orders_orderfinding f ON f.order_id = o.id
        WHERE f.level NOT IN ('warn', 'info', 'not_checked')""",
    "a warning that was signed without a reason": """
        SELECT o.reference FROM orders_order o JOIN orders_orderfinding f ON f.order_id = o.id
        WHERE f.level = 'warn' AND f.reason_id IS NULL""",
    "more than one verification": """
        SELECT order_id FROM orders_review WHERE decision = 'approved'
        GROUP BY order_id HAVING count(*) > 1""",
    "an order that is verified without a verification": """
        SELECT o.reference FROM orders_order o WHERE o.status = 'approved' AND NOT EXISTS (
            SELECT 1 FROM orders_review r WHERE r.order_id = o.id AND r.decision = 'approved')""",
    "an order that was verified by its own prescriber": """
        SELECT o.reference FROM orders_order o JOIN orders_review r ON r.order_id = o.id
        JOIN accounts_prescriber p ON p.id = o.prescriber_id
        WHERE r.decision IN ('approved', 'cleared') AND r.pharmacist_id = p.user_id""",
    "a verification of other content than was signed": """
        SELECT r.order_id FROM orders_review r JOIN orders_signature s ON s.order_id = r.order_id
        WHERE r.content_sha256 <> s.sha256""",
    "a verified order with something that was not reviewed": """
        SELECT f.order_id FROM orders_orderfinding f
        JOIN orders_review r ON r.order_id = f.order_id AND r.decision = 'approved'
        WHERE f.level IN ('warn', 'not_checked') AND NOT EXISTS (
            SELECT 1 FROM orders_findingreview fr
            WHERE fr.finding_id = f.id AND fr.review_id = r.id)""",
    "more than one revision in hand": """
        SELECT revises_id FROM orders_order WHERE revises_id IS NOT NULL AND status <> 'cancelled'
        GROUP BY revises_id HAVING count(*) > 1""",
    "an order that goes on beside the revision that was signed for it": """
        SELECT o.reference FROM orders_order o JOIN orders_order r ON r.revises_id = o.id
        WHERE r.submitted_at IS NOT NULL AND o.status <> 'cancelled'""",
    "a fill of an order that was never verified": """
        SELECT f.order_id FROM orders_fill f WHERE NOT EXISTS (
            SELECT 1 FROM orders_review r
            WHERE r.order_id = f.order_id AND r.decision = 'approved')""",
    "more fills than were signed": """
        SELECT f.order_id FROM orders_fill f JOIN orders_order o ON o.id = f.order_id
        WHERE f.state IN ('released', 'requested')
        GROUP BY f.order_id, o.refills HAVING count(*) > o.refills + 1""",
    "a fill number released twice, or two refills asked for at once": """
        SELECT order_id FROM orders_fill WHERE state = 'released'
        GROUP BY order_id, number HAVING count(*) > 1
        UNION ALL SELECT order_id FROM orders_fill WHERE state = 'requested'
        GROUP BY order_id HAVING count(*) > 1""",
    "a refill that is open at an order that is over": """
        SELECT f.order_id FROM orders_fill f JOIN orders_order o ON o.id = f.order_id
        WHERE f.state = 'requested' AND (o.status <> 'approved' OR o.refills_ended_by_id > 0)""",
    "an order that is not its patient's practice's": """
        SELECT o.reference FROM orders_order o JOIN orders_patient p ON p.id = o.patient_id
        WHERE o.practice_id <> p.practice_id""",
    "a countersignature of other content than was written down": """
        SELECT c.order_id FROM orders_countersignature c
        JOIN orders_signature s ON s.order_id = c.order_id
        WHERE s.kind <> 'verbal' OR c.content_sha256 <> s.sha256""",
}


def rows(sql: str, *args: str | int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, args or None)
        return list(cursor.fetchall())


def tables() -> list[str]:
    """Every table in which an order's life leaves a row."""
    named = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename ~ %s"
    return sorted(name for (name,) in rows(named, "^(orders_|events_event$)"))


def whole_state(names: list[str]) -> tuple[tuple[Any, ...], ...]:
    """A hash of every row of these tables: equal only while nothing at all was written."""
    one = "SELECT '{0}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {0} t"
    return tuple(rows(" UNION ALL ".join(one.format(name) for name in names)))


def sightings() -> Iterator[str]:
    """What must never be seen, and is."""
    union = " UNION ALL ".join(f"SELECT %s, q::text FROM ({sql}) q" for sql in NEVER.values())
    yield from (f"{name}: {which}" for name, which in rows(union, *NEVER))


def signed_content() -> dict[int, tuple[str, str]]:
    """Of each signed order: its signed text, and a hash of all its rows say of the treatment."""
    frozen = """
        SELECT o.id, s.content, s.sha256, md5(concat_ws('~', s.*::text,
            o.practice_id, o.patient_id, o.prescriber_id, o.product_id, o.indication_id,
            o.icd_code, o.rationale, o.reason_id, o.reason_text, o.days_supply, o.refills,
            o.treatment_status, o.allergies, o.allergies_text, o.opioid_use, o.opioid_kind,
            o.opioid_last_use, o.medicines, o.is_urgent, o.cautions, o.cautions_on,
            o.seen_where, o.seen_state, o.effective_on, o.procedure_on, o.naltrexone_last_dose,
            o.weight_kg, o.written_on, o.expires_on, o.revises_id, o.revision,
            (SELECT string_agg(d::text, '|' ORDER BY d.position) FROM orders_dosestep d
                WHERE d.order_id = o.id),
            (SELECT string_agg(f::text, '|' ORDER BY f.id) FROM orders_orderfinding f
                WHERE f.order_id = o.id)))
        FROM orders_order o JOIN orders_signature s ON s.order_id = o.id"""
    found = {}
    for pk, content, digest, fingerprint in rows(frozen):
        assert hashlib.sha256(content.encode()).hexdigest() == digest
        found[pk] = (content, fingerprint)
    return found


def damaged() -> list[str]:
    """The orders whose rows no longer say what their signed text says."""
    signed = Order.objects.for_page().filter(signature__isnull=False)
    return [wrong for order in signed if (wrong := damage(order))]


def steps_as_signed(pk: int, content: str) -> bool:
    """The steps in the signed text are those in the rows, read past every service."""
    said = json.loads(content)["order"]["steps"]
    stored = rows(
        """SELECT p.code, d.dose_mg, d.times_per_day, d.timing, d.days
           FROM orders_dosestep d JOIN formulary_product p ON p.id = d.product_id
           WHERE d.order_id = %s ORDER BY d.position""",
        pk,
    )
    texts = [[c, f"{mg.normalize():f}", times, when, days] for c, mg, times, when, days in stored]
    keys = ("product", "dose_mg", "times_per_day", "timing", "days")
    return texts == [[step[key] for key in keys] for step in said]


def folded() -> dict[int, Status]:
    """Each order's state as its events alone tell it; AssertionError for a move outside the table."""
    stands: dict[int, Status] = {pk: Status.DRAFT for (pk,) in rows("SELECT id FROM orders_order")}
    events = "SELECT subject_id, kind, data FROM events_event WHERE subject = 'order' ORDER BY id"
    for pk, kind, data in rows(events):
        said = json.loads(data) if isinstance(data, str) else data
        if kind not in MOVES or (kind.endswith("_answered") and said.get("choice") == "revised"):
            continue
        before, after = MOVES[kind]
        allowed = before or {Status(said["was"])}
        assert stands[pk] in allowed, f"{kind} of an order that was {stands[pk]}"
        assert (stands[pk], after) in ALLOWED_MOVES, f"{kind}: {stands[pk]} to {after}"
        stands[pk] = after
    return stands


def states() -> dict[int, tuple[Status, int]]:
    """State and version of each order."""
    found = rows("SELECT id, status, version FROM orders_order")
    return {pk: (Status(status), version) for pk, status, version in found}


# Each must be refused by the database itself, whoever runs it.
ATTACKS = (
    "UPDATE orders_order SET days_supply = days_supply % 300 + 1 WHERE id = {0}",
    "UPDATE orders_order SET refills = (refills + 1) % 12 WHERE id = {0}",
    "UPDATE orders_order SET opioid_use = 'now' WHERE id = {0}",
    "UPDATE orders_order SET status = 'draft' WHERE id = {0}",
    "UPDATE orders_order SET written_on = written_on - 1 WHERE id = {0}",
    "DELETE FROM orders_order WHERE id = {0}",
    "UPDATE orders_dosestep SET dose_mg = dose_mg * 10 WHERE order_id = {0}",
    "DELETE FROM orders_dosestep WHERE order_id = {0}",
    "UPDATE orders_signature SET content = content || ' ' WHERE order_id = {0}",
    "UPDATE orders_signature SET sha256 = repeat('0', 64) WHERE order_id = {0}",
    "DELETE FROM orders_signature WHERE order_id = {0}",
    "TRUNCATE orders_signature CASCADE",
    "UPDATE events_event SET kind = 'order.approved' WHERE subject_id = {0}",
    "DELETE FROM events_event WHERE subject_id = {0}",
)
