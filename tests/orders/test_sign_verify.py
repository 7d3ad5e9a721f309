"""`manage.py verify_signatures`: all that was signed, the broken ones by reference alone."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Location
from orders.models import Order
from orders.services.content import damage
from orders.services.verifying import damaged
from tests.conftest import Cast
from tests.factories import draft_of, signed_order

pytestmark = pytest.mark.django_db


def verified() -> tuple[int, str, str]:
    said, wrong = StringIO(), StringIO()
    try:
        call_command("verify_signatures", stdout=said, stderr=wrong)
    except SystemExit as ended:
        return int(str(ended.code)), said.getvalue(), wrong.getvalue()
    return 0, said.getvalue(), wrong.getvalue()


def raw(statement: str, pk: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, [pk])
        cursor.execute("SET session_replication_role = origin")


def many_kinds(cast: Cast) -> list[Order]:
    """With everything that the comparison joins: places, reasons, findings, an earlier order."""
    place = Location.objects.create(
        practice=cast.practice, name="Annex", address="2 Sample Street", city="Sampleton",
        state="NC", zip_code="27514", phone="(555) 555-0143", takes_deliveries=True,
        sees_patients=True,
    )  # fmt: skip
    first = signed_order(cast.ada, treatment_status="new_start", medicines="zyxomab")
    return [
        first,
        signed_order(cast.ada, ship_to="practice", ship_to_location=place, seen_location=place),
        signed_order(cast.ada, patient=first.patient, reorder_of=first),
        signed_order(cast.ben),
    ]


def test_whole_signatures_are_counted_with_their_rate(cast: Cast) -> None:
    many_kinds(cast)
    draft_of(cast.ada)
    code, said, wrong = verified()
    assert (code, wrong) == (0, "")
    assert said.startswith("4 signatures, 0 broken, ")
    assert said.strip().endswith("a second")


def test_a_broken_one_is_named_by_its_reference_alone_and_ends_in_1(cast: Cast) -> None:
    orders = many_kinds(cast)
    raw("UPDATE orders_dosestep SET dose_mg = 3 WHERE order_id = %s", orders[1].pk)
    raw("DELETE FROM orders_signature WHERE order_id = %s", orders[3].pk)
    code, said, wrong = verified()
    assert code == 1
    assert "2 broken" in said
    assert wrong.splitlines() == [
        f"{orders[at].reference} does not match what was signed" for at in (1, 3)
    ]
    assert orders[1].patient.family_name not in said + wrong


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE orders_order SET refills = 3 WHERE id = %s",
        "UPDATE orders_orderfinding SET reason_text = 'x' WHERE order_id = %s",
        "DELETE FROM orders_orderfinding WHERE order_id = %s",
        "UPDATE orders_signature SET licence = 'NC S-9' WHERE order_id = %s",
    ],
)
def test_the_command_finds_what_the_page_finds(cast: Cast, statement: str) -> None:
    order = many_kinds(cast)[0]
    raw(statement, order.pk)
    assert damage(Order.objects.for_page().get(pk=order.pk)) != ""
    assert [reference for reference, broken in damaged() if broken] == [order.reference]


def test_more_orders_cost_no_more_statements(cast: Cast) -> None:
    many_kinds(cast)
    with CaptureQueriesContext(connection) as few:
        list(damaged())
    for _ in range(5):
        signed_order(cast.ada)
    with CaptureQueriesContext(connection) as more:
        list(damaged())
    assert len(more) == len(few)
