"""Approval asks the rules again: the formulary as signed, the patient and the orders as of today."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from formulary.models import DocumentedRange, Product
from orders.models import Fill, Order, OrderFinding, Patient
from orders.services import claims, review
from orders.services.content import ContentChanged
from orders.services.moves import Refused
from orders.services.rechecking import new_since_signing, recheck
from orders.status import Check
from tests.conftest import Cast
from tests.factories import signed_order

pytestmark = pytest.mark.django_db


def claimed(cast: Cast, **kwargs: object) -> Order:
    order = signed_order(cast.ada, **kwargs)
    claims.claim(order, by=cast.phil)
    return order


def approve(order: Order, cast: Cast) -> None:
    order = Order.objects.for_page().get(pk=order.pk)
    reviewed = {finding.pk for finding in order.findings.all()}
    review.approve(order, by=cast.phil, checklist=Check.values, reviewed=reviewed, cleared={})


def codes(order: Order) -> set[str]:
    return {str(f.code) for f in new_since_signing(Order.objects.for_page().get(pk=order.pk))}


def test_nothing_new_is_found_in_an_order_just_signed(cast: Cast) -> None:
    order = claimed(cast, treatment_status="new_start", cautions=("depression", "liver_disease"))
    assert codes(order) == set()
    assert {f.level for f in recheck(order).findings} >= {"warn", "info"}


def test_a_product_retired_since_is_dispensed_as_signed(cast: Cast) -> None:
    order = claimed(cast)
    Product.objects.filter(code="LDN-CAP-4.5").update(active=False)
    DocumentedRange.objects.update(max_mg="3")
    approve(order, cast)
    assert Order.objects.get(pk=order.pk).status == "approved"


def test_the_first_fill_comes_with_the_approval(cast: Cast) -> None:
    order = claimed(cast)
    approve(order, cast)
    assert Fill.objects.get(order=order).number == 1


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"opioid_use": "now", "opioids_on": 0}, "opioids_now"),
        ({"cautions": ["liver_failure"], "cautions_on": 0}, "liver_failure"),
        ({"cautions": ["pregnant"], "cautions_on": 0}, "pregnant"),
        ({"medicines": "tramadol", "medicines_on": 0}, "opioid_contradiction"),
    ],
)
def test_what_the_record_learned_since_refuses_the_approval(
    cast: Cast, answers: dict[str, object], code: str
) -> None:
    order = claimed(cast)
    dated = {k: order.practice.today if k.endswith("_on") else v for k, v in answers.items()}
    Patient.objects.filter(pk=order.patient_id).update(**dated)
    assert code in codes(order)
    with pytest.raises(Refused, match="more than at signing"):
        approve(order, cast)


def test_an_answer_older_than_the_signature_changes_nothing(cast: Cast) -> None:
    order = claimed(cast)
    before = order.practice.today - timedelta(days=3)
    Patient.objects.filter(pk=order.patient_id).update(opioid_use="now", opioids_on=before)
    assert codes(order) == set()


def test_another_order_signed_since_is_found(cast: Cast) -> None:
    order = claimed(cast)
    signed_order(cast.ada, patient=order.patient)
    assert "active_order" in codes(order)


def test_a_finding_is_known_again_by_its_key_and_of_old_orders_by_its_place(cast: Cast) -> None:
    order = claimed(cast, treatment_status="new_start")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE orders_orderfinding SET key = ''")
        cursor.execute("SET session_replication_role = origin")
    assert codes(order) == set()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE orders_orderfinding SET key = 'confirm_dose-9'")
        cursor.execute("SET session_replication_role = origin")
    assert codes(order) == {"confirm_dose"}


def test_a_lighter_signed_level_covers_no_heavier_one(cast: Cast) -> None:
    order = claimed(cast, treatment_status="new_start")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE orders_orderfinding SET level = 'info'")
        cursor.execute("SET session_replication_role = origin")
    assert codes(order) == {"confirm_dose"}


def test_a_damaged_signature_is_not_approved(cast: Cast) -> None:
    order = claimed(cast)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE orders_dosestep SET dose_mg = 3 WHERE order_id = %s", [order.pk])
        cursor.execute("SET session_replication_role = origin")
    with pytest.raises(ContentChanged):
        approve(order, cast)
    assert not OrderFinding.objects.filter(order=order, level="stop").exists()
