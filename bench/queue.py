"""The queue's page at 1,000 and at 100,000 orders, 500 of them open, against a bare table view."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from orders.models import Order

OPEN = 500
SIZES = (1_000, 100_000)
TIMES = 60
Measure = Callable[[Callable[[], object], Callable[[], object], int], tuple[float, float]]

# Copies of one order that went through the services; triggers and constraints hold for open ones.
# Every ninth is urgent, each was sent a minute before the last, one in seven has two findings.
_COPY = """
WITH numbered AS (
    SELECT n, n <= %(open)s AS is_open, n %% 9 = 0 AS urgent, now() - n * interval '1 minute' AS at
    FROM generate_series(1, %(count)s) AS n
), made AS (
    INSERT INTO orders_order ({columns}, reference, form_token, status, is_urgent,
        urgent_reason_id, submitted_at, due_at, status_at, decided_at)
    SELECT {source}, 'RX-' || upper(lpad(to_hex(%(first)s + n), 8, '0')), gen_random_uuid(),
        CASE WHEN is_open THEN 'submitted' ELSE 'approved' END, urgent,
        CASE WHEN urgent THEN (SELECT min(id) FROM formulary_reason WHERE kind = 'urgency') END,
        at, at + CASE WHEN urgent THEN interval '4 hours' ELSE interval '1 day' END, at,
        CASE WHEN NOT is_open THEN at + interval '5 minutes' - interval '2 days' END
    FROM numbered, orders_order o WHERE o.id = %(pattern)s
    RETURNING id, reference
), steps AS (
    INSERT INTO orders_dosestep (order_id, position, product_id, dose_mg, times_per_day, timing, days)
    SELECT made.id, s.position, s.product_id, s.dose_mg, s.times_per_day, s.timing, s.days
    FROM made, orders_dosestep s WHERE s.order_id = %(pattern)s
), signatures AS (
    INSERT INTO orders_signature (order_id, prescriber_id, token, form_sha256, meaning,
        printed_name, npi, licence, content, sha256, signed_at, credential, method, edition_id,
        kind, spoke_with, read_back)
    SELECT made.id, s.prescriber_id, gen_random_uuid(), s.form_sha256, s.meaning,
        s.printed_name, s.npi, s.licence, own.content,
        encode(sha256(convert_to(own.content, 'UTF8')), 'hex'), s.signed_at, s.credential, s.method,
        s.edition_id, s.kind, s.spoke_with, s.read_back
    FROM made, orders_signature s, orders_order o,
        LATERAL (SELECT replace(s.content, o.reference, made.reference) AS content) own
    WHERE s.order_id = %(pattern)s AND o.id = s.order_id
)
INSERT INTO orders_orderfinding (order_id, code, level, step, text, key, source, reason_id,
    reason_label, reason_text)
SELECT made.id, f.code, f.level, f.step, f.text, f.key, f.source, f.reason_id, f.reason_label,
    f.reason_text
FROM made, orders_orderfinding f WHERE f.order_id = %(pattern)s AND made.id %% 7 = 0
"""
_OWN = {
    "id", "reference", "form_token", "status", "is_urgent", "urgent_reason_id", "submitted_at",
    "due_at", "status_at", "decided_at",
}  # fmt: skip


def add_orders(pattern: Order, count: int, *, open_: int) -> None:
    """Copy `pattern` so many times; the first `open_` copies wait for review, the rest are done."""
    own = [str(field.column) for field in Order._meta.local_concrete_fields]
    columns = [column for column in own if column not in _OWN]
    statement = _COPY.format(
        columns=", ".join(columns), source=", ".join(f"o.{column}" for column in columns)
    )
    first = Order.objects.order_by("-pk").values_list("pk", flat=True)[0]
    values = {"count": count, "open": open_, "first": 16**7 + first, "pattern": pattern.pk}
    with connection.cursor() as cursor:
        # Steps are frozen with their signed order: copies of rows that passed need no second look.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(statement, values)
        cursor.execute("RESET statement_timeout")
        cursor.execute("SET session_replication_role = origin")
        for table in ("orders_order", "orders_dosestep", "orders_orderfinding"):
            cursor.execute(f"ANALYZE {table}")


def statements(client: Client) -> int:
    with CaptureQueriesContext(connection) as found:
        client.get("/queue/")
    return len(found)


def run(side_by_side: Measure, report: Callable[..., None]) -> None:
    client = Client()
    client.force_login(User.objects.get(email="phil@example.org"))
    pattern = Order.objects.filter(status="submitted", findings__level="warn").order_by("pk")[0]
    open_now = Order.objects.filter(status__in=["submitted", "in_review"]).count()
    for size in SIZES:
        missing = size - Order.objects.count()
        add_orders(pattern, missing, open_=max(0, OPEN - open_now))
        open_now = OPEN
        ours, bare = side_by_side(
            lambda: client.get("/queue/"), lambda: client.get("/bench/table"), TIMES
        )
        report(f"queue page at {size:,} orders", ours, bare, 2, "table view")
        print(f"{'  SQL statements':<34} {statements(client):8d}      (bar 10)", flush=True)
