"""The queue page's one statement, written out: its rows and every tab's count, of one moment.

The page is opened all day. Built by the ORM, its statements cost more than the rest of the page:
the ORM to compile, PostgreSQL to plan the order of two outer joins. tests/queue/test_sql.py holds
each tab's condition to the queryset that defines it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

COUNTED_TO = 99

# Parameters: user, may_hold, midnight.
WHERE = {
    "actionable": """o.submitted_at IS NOT NULL AND (o.status = 'submitted' OR o.status = 'in_review'
        AND (o.holder_id = %(user)s OR o.held_until <= statement_timestamp()))""",
    "mine": """o.submitted_at IS NOT NULL AND o.status = 'in_review'
        AND (o.holder_id = %(user)s OR NOT %(may_hold)s)""",
    "waiting": "o.submitted_at IS NOT NULL AND o.status = 'needs_clarification'",
    "hold": "o.submitted_at IS NOT NULL AND o.status = 'on_hold'",
    "done": """o.submitted_at IS NOT NULL
        AND o.status IN ('approved', 'rejected', 'cancelled', 'expired')
        AND o.decided_at >= %(midnight)s""",
}


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of rows. `fields` name the parts of a place; `place` compares with `given`."""

    fields: tuple[str, ...]
    place: str
    given: str
    forwards: str
    backwards: str
    beyond: str = ">"
    before: str = "<"


_QUEUE = Sort(
    fields=("-is_urgent", "submitted_at", "pk"),
    place="(NOT o.is_urgent, o.submitted_at, o.id)",
    given="(NOT %(key0)s, %(key1)s, %(key2)s)",
    forwards="o.is_urgent DESC, o.submitted_at, o.id",
    backwards="o.is_urgent, o.submitted_at DESC, o.id DESC",
)
SORTS = {
    "actionable": _QUEUE,
    "mine": _QUEUE,
    "waiting": Sort(
        fields=("paused_at", "pk"),
        place="(o.paused_at, o.id)",
        given="(%(key0)s, %(key1)s)",
        forwards="o.paused_at, o.id",
        backwards="o.paused_at DESC, o.id DESC",
    ),
    "hold": Sort(
        fields=("review_on", "pk"),
        place="(o.review_on, o.id)",
        given="(%(key0)s, %(key1)s)",
        forwards="o.review_on, o.id",
        backwards="o.review_on DESC, o.id DESC",
    ),
    "done": Sort(
        fields=("-decided_at", "-pk"),
        place="(o.decided_at, o.id)",
        given="(%(key0)s, %(key1)s)",
        forwards="o.decided_at DESC, o.id DESC",
        backwards="o.decided_at, o.id",
        beyond="<",
        before=">",
    ),
}

# Single values instead of joins: planned in a tenth of the time. Numbers and times travel as text.
_ROWS = """
SELECT o.id AS pk, o.reference, o.status, o.status_at, o.status_reason, o.is_urgent,
    o.submitted_at, o.due_at, o.paused_at, o.decided_at, o.review_on, o.revision,
    (extract(epoch FROM o.waited) * 1000000)::bigint AS waited,
    o.holder_id, o.held_until, o.reserved_for_id, o.reserved_until,
    (SELECT ARRAY[p.family_name, p.given_name] FROM orders_patient p WHERE p.id = o.patient_id)
        AS patient,
    (SELECT ARRAY[d.given_name, d.family_name, coalesce(nullif(d.other_credential, ''), d.credential)]
        FROM accounts_prescriber d
        WHERE d.id = o.prescriber_id) AS prescriber,
    (SELECT x.name FROM accounts_practice x WHERE x.id = o.practice_id) AS practice,
    (SELECT u.name FROM accounts_user u WHERE u.id = o.holder_id) AS holder,
    (SELECT u.name FROM accounts_user u WHERE u.id = o.reserved_for_id) AS reserved_for,
    (SELECT u.name FROM orders_review v JOIN accounts_user u ON u.id = v.pharmacist_id
        WHERE v.order_id = o.id AND v.decision IN ('approved', 'rejected')) AS decided_by,
    (SELECT array_agg(f.level) FROM orders_orderfinding f WHERE f.order_id = o.id) AS levels,
    NOT EXISTS (SELECT FROM orders_order n WHERE n.prescriber_id = o.prescriber_id
        AND n.status = 'approved') AS is_new,
    (SELECT json_agg(json_build_array(s.dose_mg::text, s.times_per_day, s.timing, s.days,
            c.code, g.name, c.form, r.code, r.words, c.unit, c.strength_mg::text,
            c.increment::text, c.beyond_use_days) ORDER BY s.position)
        FROM orders_dosestep s JOIN formulary_product c ON c.id = s.product_id
        JOIN formulary_drug g ON g.id = c.drug_id JOIN formulary_route r ON r.id = c.route_id
        WHERE s.order_id = o.id) AS steps
FROM orders_order o WHERE {where} ORDER BY {order} LIMIT {limit}
"""
_COUNT = "(SELECT count(*) FROM (SELECT FROM orders_order o WHERE {where} LIMIT {limit}) few)"
# What is counted beside the orders: refills that wait for a pharmacist.
_REFILLS = """(SELECT count(*) FROM (SELECT FROM orders_fill f WHERE f.state = 'requested'
    LIMIT {limit}) few)"""
_COUNTS = ", ".join(
    [
        *(_COUNT.format(where=where, limit=COUNTED_TO + 1) for where in WHERE.values()),
        _REFILLS.format(limit=COUNTED_TO + 1),
    ]
)
_NEWEST = "(SELECT max(e.id) FROM events_event e WHERE e.subject = 'order')"
_PAGE = f"SELECT (SELECT json_agg(found) FROM ({_ROWS}) found)::text, {_NEWEST}, {_COUNTS}"  # noqa: S608  constants of this file
_TIMES = (
    "status_at", "submitted_at", "due_at", "paused_at", "decided_at", "held_until",
    "reserved_until",
)  # fmt: skip

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """`counts` go up to one more than COUNTED_TO; `newest` is the newest event about an order.
    `refills` counts those that were asked for and not decided."""

    records: list[Record]
    newest: int
    counts: dict[str, int]
    refills: int


def page(
    tab: str,
    who: Mapping[str, Any],
    *,
    limit: int,
    key: tuple[Any, ...] | None = None,
    backwards: bool = False,
) -> Answer:
    """The first rows of a tab, or those beyond `key`; backwards they come nearest first."""
    sort, where = SORTS[tab], WHERE[tab]
    if key is not None:
        where += f" AND {sort.place} {sort.before if backwards else sort.beyond} {sort.given}"
    order = sort.backwards if backwards else sort.forwards
    keys = {f"key{number}": value for number, value in enumerate(key or ())}
    return _ask(where, order, limit, {**who, **keys})


def record(reference: str, who: Mapping[str, Any]) -> Record | None:
    """One order that was sent, in whatever tab."""
    where = "o.submitted_at IS NOT NULL AND o.reference = %(reference)s"
    found = _ask(where, "o.id", 1, {**who, "reference": reference}).records
    return found[0] if found else None


def _ask(where: str, order: str, limit: int, values: Mapping[str, Any]) -> Answer:
    with connection.cursor() as cursor:
        cursor.execute(_PAGE.format(where=where, order=order, limit=limit), values)
        found, newest, *counts, refills = cursor.fetchone()
    records = [_typed(row) for row in json.loads(found or "[]")]
    return Answer(records, newest or 0, dict(zip(WHERE, counts, strict=True)), refills)


def _typed(row: Record) -> Record:
    for name in _TIMES:
        if row[name] is not None:
            row[name] = datetime.fromisoformat(row[name])
    row["waited"] = timedelta(microseconds=row["waited"])
    row["review_on"] = date.fromisoformat(row["review_on"]) if row["review_on"] else None
    return row
