"""The database keeps what was signed: every column of an order is known to it, one way or another."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from orders.models import Countersignature, DoseStep, Order, OrderFinding, Signature
from orders.models.order import CLINICAL_COLUMNS, SIGNED_COLUMNS
from orders.services.content import sha256
from orders.status import Status
from tests.conftest import Cast
from tests.factories import draft_of, prescriber, signed_order

pytestmark = pytest.mark.django_db

# What may move after the signature, each for a reason of its own.
MAY_MOVE = {
    "id", "prepared_by_id", "created_at",
    # where it stands
    "status", "status_at", "status_reason", "status_text", "version", "submitted_at", "due_at", "paused_at",
    "waited", "decided_at", "review_on",
    # whose turn it is
    "holder_id", "held_until", "reserved_for_id", "reserved_until",
    "handed_over_by_id", "handed_over_at",
    # another order took the place of its refills
    "refills_ended_by_id",
}  # fmt: skip


def columns() -> set[str]:
    return {str(field.column) for field in Order._meta.local_concrete_fields}


def test_every_column_of_an_order_is_clinical_set_by_the_signature_or_may_move() -> None:
    frozen = {*CLINICAL_COLUMNS, *SIGNED_COLUMNS}
    assert not frozen & MAY_MOVE
    assert columns() - frozen - MAY_MOVE == set()
    assert frozen <= columns()


def other(column: str, order: Order) -> Any:
    """A value of the column's type that the order does not have."""
    field = next(f for f in Order._meta.local_concrete_fields if f.column == column)
    kind, now = field.get_internal_type(), getattr(order, field.attname)
    made: dict[str, Any] = {
        "ForeignKey": lambda: None if now else order.pk,
        "ArrayField": lambda: [*(now or []), "thyroid"],
        "CharField": lambda: "x" if now != "x" else "y",
        "TextField": lambda: f"{now}x",
        "DateField": lambda: date(2020, 2, 2),
        "DecimalField": lambda: (now or 0) + 1,
        "PositiveSmallIntegerField": lambda: (now or 0) + 1,
        "BooleanField": lambda: not now,
        "UUIDField": uuid.uuid4,
    }
    return made[kind]()


@pytest.mark.parametrize("column", [*CLINICAL_COLUMNS, *SIGNED_COLUMNS])
def test_no_signed_column_changes_by_raw_sql(cast: Cast, column: str) -> None:
    order = signed_order(cast.ada)
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="Cannot update"):
        cursor.execute(
            f"UPDATE orders_order SET {column} = %s WHERE id = %s",
            [other(column, order), order.pk],
        )


FROZEN = (Signature, OrderFinding, DoseStep, Countersignature)


@pytest.mark.parametrize("model", [*FROZEN, Order], ids=lambda model: model.__name__)
@pytest.mark.parametrize("act", ["DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_what_was_signed_is_neither_deleted_nor_truncated(cast: Cast, model: Any, act: str) -> None:
    order = signed_order(cast.ada, treatment_status="new_start")
    Countersignature.objects.create(
        order=order, by=cast.ada, content_sha256="0" * 64, signed_at=order.status_at
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="pgtrigger"):
            cursor.execute(act.format(model._meta.db_table))


@pytest.mark.parametrize("model", FROZEN, ids=lambda model: model.__name__)
def test_rows_of_a_signature_are_never_updated(cast: Cast, model: Any) -> None:
    order = signed_order(cast.ada, treatment_status="new_start")
    Countersignature.objects.create(
        order=order, by=cast.ada, content_sha256="0" * 64, signed_at=order.status_at
    )
    assert model.objects.filter(order=order).exists()
    for field in model._meta.local_concrete_fields:
        if field.primary_key:
            continue
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.filter(order=order).update(**{field.attname: None})


def test_tables_that_hold_signed_content_refuse_truncation() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE t.tgname LIKE '%%truncated%%'"
        )
        guarded = {name for (name,) in cursor.fetchall()}
    signed = {model._meta.db_table for model in (*FROZEN, Order)}
    history = {apps.get_model("orders", name)._meta.db_table for name in ("Review", "Message")}
    assert signed | history <= guarded


@pytest.mark.parametrize("status", [one for one in Status if one != Status.DRAFT])
def test_no_order_is_inserted_as_if_it_had_been_signed(cast: Cast, status: str) -> None:
    pattern = signed_order(cast.ada)
    names = [str(f.column) for f in Order._meta.local_concrete_fields if not f.primary_key]
    own = {"reference": "RX-00000001", "form_token": str(uuid.uuid4()), "status": status}
    chosen = ", ".join("%s" if name in own else name for name in names)
    values = [own[name] for name in names if name in own]
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="Cannot insert"):
        cursor.execute(
            f"INSERT INTO orders_order ({', '.join(names)}) SELECT {chosen} "
            "FROM orders_order WHERE id = %s",
            [*values, pattern.pk],
        )


def test_a_signature_is_set_under_a_draft_of_its_prescriber_alone(cast: Cast) -> None:
    sent, draft = signed_order(cast.ada), draft_of(cast.ada)
    eva = prescriber("Dr Eva Second", cast.practice).prescriber
    signature = sent.signature
    signature.pk, signature.order, signature.token = None, draft, uuid.uuid4()
    signature.prescriber = eva
    with pytest.raises(DatabaseError, match="cannot be signed"), transaction.atomic():
        signature.save(force_insert=True)


def test_no_finding_is_added_to_a_signed_order(cast: Cast) -> None:
    order = signed_order(cast.ada)
    with pytest.raises(DatabaseError, match="cannot be signed"), transaction.atomic():
        OrderFinding.objects.create(order=order, code="unit_mcg", level="info", text=sha256("x"))
