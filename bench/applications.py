"""The list of applications at 100 and at 20,000, most of them open, against a bare table view."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from intake.models import Application

SIZES = (100, 20_000)
TIMES = 40
Measure = Callable[[Callable[[], object], Callable[[], object], int], tuple[float, float]]

# Copies of one application, each sent a minute before the last; every tenth has a double NPI, and
# every second of the decided ones was asked something meanwhile.
_COPY = """
WITH numbered AS (
    SELECT n, n <= %(open)s AS is_open, now() - n * interval '1 minute' AS at
    FROM generate_series(1, %(count)s) AS n
), made AS (
    INSERT INTO intake_application (reference, kind, filled_by, contact_name, contact_email,
        answers, status, status_at, version, saved_at, submitted_at, waited, decided_at)
    SELECT 'NA-' || upper(lpad(to_hex(%(first)s + n), 8, '0')), a.kind, a.filled_by,
        a.contact_name, a.contact_email, a.answers,
        CASE WHEN is_open THEN 'submitted' ELSE 'rejected' END, at, 2, at, at,
        CASE WHEN n %% 2 = 0 THEN interval '1 hour' ELSE interval '0' END,
        CASE WHEN NOT is_open THEN now() - n * interval '1 second' END
    FROM numbered, intake_application a WHERE a.id = %(pattern)s
    RETURNING id, status, submitted_at
), asked AS (
    INSERT INTO intake_inforequest (application_id, asked_by_id, asked_at, text, answered_at, answer)
    SELECT id, %(by)s, submitted_at + interval '1 minute', '',
        submitted_at + interval '61 minutes', '' FROM made WHERE status = 'rejected' AND id %% 2 = 0
), people AS (
    INSERT INTO intake_applicant (application_id, position, answers, npi, email, decision,
        reason_text)
    SELECT made.id, p.position, p.answers,
        CASE WHEN made.id %% 10 = 0 THEN p.npi ELSE '2' || lpad(made.id::text, 9, '0') END,
        'sample' || made.id || '@example.org', 'pending', ''
    FROM made, intake_applicant p WHERE p.application_id = %(pattern)s
    RETURNING id
), checks AS (
    INSERT INTO intake_credentialcheck (applicant_id, run, kind, subject, outcome, text, query,
        matches, source)
    SELECT people.id, gen_random_uuid(), c.kind, c.subject, c.outcome, c.text, c.query, c.matches,
        c.source
    FROM people, intake_credentialcheck c JOIN intake_applicant p ON p.id = c.applicant_id
    WHERE p.application_id = %(pattern)s
)
INSERT INTO intake_acceptance (applicant_id, agreement, agreement_version, text_sha256, typed_name,
    ip)
SELECT people.id, c.agreement, c.agreement_version, c.text_sha256, c.typed_name, c.ip
FROM people, intake_acceptance c JOIN intake_applicant p ON p.id = c.applicant_id
WHERE p.application_id = %(pattern)s
"""


def add_applications(pattern: Application, count: int, *, open_: int, by: User) -> None:
    """Copy `pattern` so many times; the first `open_` copies wait for review, the rest are done."""
    first = Application.objects.order_by("-pk").values_list("pk", flat=True)[0]
    values = {
        "count": count, "open": open_, "pattern": pattern.pk, "by": by.pk, "first": 16**7 + first,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_COPY, values)
        cursor.execute("RESET statement_timeout")
        for table in ("application", "applicant", "credentialcheck", "acceptance", "inforequest"):
            cursor.execute(f"ANALYZE intake_{table}")


def statements(client: Client) -> int:
    with CaptureQueriesContext(connection) as found:
        client.get("/applications/")
    return len(found)


def run(side_by_side: Measure, report: Callable[..., None]) -> None:
    from tests.intake.factories import submitted_application
    from tests.intake.reviewing import applicants, checked

    phil, client = User.objects.get(email="phil@example.org"), Client()
    client.force_login(phil)
    pattern = submitted_application()
    for applicant in applicants(pattern):
        checked(applicant)
    for size in SIZES:
        missing = size - Application.objects.count()
        add_applications(pattern, missing, open_=missing * 9 // 10, by=phil)
        ours, bare = side_by_side(
            lambda: client.get("/applications/"), lambda: client.get("/bench/table"), TIMES
        )
        report(f"applications at {size:,}", ours, bare, 6, "table view")
        print(f"{'  SQL statements':<34} {statements(client):8d}      (flat)", flush=True)
