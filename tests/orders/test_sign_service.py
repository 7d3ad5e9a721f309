"""Signing: what is bound, what is refused, and what the patient's record learns from it."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from accounts.models import Licence
from accounts.status import ProvedBy
from formulary.models import Product
from orders.models import Order, Patient, Signature
from orders.services.content import ContentChanged, canonical, damage, sha256
from orders.services.drafts import TokenReused, edit_draft
from orders.services.moves import Refused, StaleOrder
from orders.services.signed_text import Acknowledgement
from orders.services.signing import sign
from tests.conftest import Cast
from tests.factories import (
    PatientFactory,
    draft,
    draft_of,
    draft_step,
    reason,
    signed_order,
    signing_form,
)

pytestmark = pytest.mark.django_db


def whole(order: Order) -> Order:
    return Order.objects.for_page().get(pk=order.pk)


def nothing_was_stored(order: Order) -> bool:
    now = Order.objects.get(pk=order.pk)
    return now.status == "draft" and not Signature.objects.filter(order=order).exists()


# --- what is bound ------------------------------------------------------------------------------
def test_the_signature_binds_name_credential_number_licence_time_place_and_way(cast: Cast) -> None:
    order = draft_of(cast.ada)
    sign(order, by=cast.ada, form=signing_form(order, ip="192.0.2.7", method=ProvedBy.CODE))
    signature = whole(order).signature
    text = json.loads(signature.content)
    act = text["signed"]
    assert signature.sha256 == sha256(canonical(text)) == sha256(signature.content)
    assert (act["printed_name"], act["credential"], act["npi"]) == (
        "Ada Sample, MD", "MD", cast.ada.prescriber.npi,
    )  # fmt: skip
    assert (act["licence"], act["ip"], act["method"]) == ("NC S-1", "192.0.2.7", "code")
    assert datetime.fromisoformat(act["at"]).utcoffset() == timedelta(0)
    assert act["written_on"] == order.practice.today.isoformat()
    assert (signature.credential, signature.method) == ("MD", "code")
    assert signature.edition is not None
    assert act["edition"] == str(signature.edition.stamp)


def test_dates_and_both_fills_are_signed(cast: Cast) -> None:
    steps = (draft_step("1.5", "LDN-CAP-1.5", days=14), draft_step("4.5", "LDN-CAP-4.5"))
    order = signed_order(cast.ada, steps=steps, days_supply=90, treatment_status="new_start")
    says = json.loads(order.signature.content)["order"]["says"]
    first, refill = says["first_fill"], says["each_refill"]
    assert first["quantities"] == {"LDN-CAP-1.5": "14", "LDN-CAP-4.5": "76"}
    assert refill["quantities"] == {"LDN-CAP-4.5": "90"}
    assert (first["days"], first["parts"], refill["parts"]) == (90, [90], [90])
    assert "14 days" in first["directions"]
    assert "14 days" not in refill["directions"]
    assert order.written_on == order.practice.today
    assert order.expires_on == order.written_on.replace(year=order.written_on.year + 1)


def test_a_liquid_is_signed_with_its_plan_of_fills(cast: Cast) -> None:
    order = signed_order(cast.ada, steps=(draft_step("3", "LDN-LIQ-1"),), days_supply=90)
    says = json.loads(order.signature.content)["order"]["says"]
    assert says["first_fill"]["parts"] == [25, 25, 25, 15]


def test_every_level_is_stored_as_it_stood_with_key_and_source(cast: Cast) -> None:
    order = signed_order(
        cast.ada, treatment_status="new_start", medicines="zyxomab", cautions=("depression",)
    )
    rows = {row.code: row for row in order.findings.all()}
    levels = {row.level for row in rows.values()}
    assert {"warn", "not_checked", "info"} <= levels
    assert all(row.key.startswith(row.code) for row in rows.values())
    assert damage(whole(order)) == ""


# --- who, where, and with what ------------------------------------------------------------------
def test_the_licence_is_asked_where_the_patient_was_seen(cast: Cast) -> None:
    away = draft_of(cast.ada, seen_where="telehealth", seen_state="SC")
    with pytest.raises(Refused, match="SC"):
        sign(away, by=cast.ada, form=signing_form(away))
    until = timezone.localdate() + timedelta(days=90)
    Licence.objects.create(
        prescriber=cast.ada.prescriber, state="SC", number="S-2", expires_on=until
    )
    away = whole(away)
    sign(away, by=cast.ada, form=signing_form(away))
    assert away.signature.licence == "SC S-2"


def test_a_delegate_signs_nothing(cast: Cast) -> None:
    order = draft_of(cast.nils)
    with pytest.raises(PermissionDenied):
        sign(order, by=cast.nils, form=signing_form(order))
    assert nothing_was_stored(order)


def test_somebody_elses_draft_is_not_signed(cast: Cast) -> None:
    order = draft_of(cast.ada)
    with pytest.raises(PermissionDenied):
        sign(order, by=cast.ben, form=signing_form(order))
    assert nothing_was_stored(order)


# --- what a tampered form sends -----------------------------------------------------------------
def test_a_warning_without_its_reason_is_refused(cast: Cast) -> None:
    order = draft_of(cast.ada, treatment_status="new_start")
    with pytest.raises(Refused, match="Give a reason"):
        sign(order, by=cast.ada, form=signing_form(order, reasons={}))
    assert nothing_was_stored(order)


def test_a_reason_of_another_warning_is_refused(cast: Cast) -> None:
    order = draft_of(cast.ada, treatment_status="new_start")
    elsewhere = {"another-key": Acknowledgement(reason("acknowledgement", "first_dose_meant"))}
    with pytest.raises(Refused, match="Give a reason"):
        sign(order, by=cast.ada, form=signing_form(order, reasons=elsewhere))
    assert nothing_was_stored(order)


def raw(statement: str, *values: Any) -> None:
    """Past the triggers, as somebody with the keys to the database would."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = origin")


def test_a_patient_of_another_practice_is_refused(cast: Cast) -> None:
    order, stranger = draft_of(cast.ada), PatientFactory(practice=cast.other_practice)
    with pytest.raises(PermissionDenied):
        edit_draft(order, draft(cast.ada, patient=stranger), by=cast.ada, version=order.version)
    raw("UPDATE orders_order SET patient_id = %s WHERE id = %s", stranger.pk, order.pk)
    order = whole(order)
    with pytest.raises(Refused, match="another practice"):
        sign(order, by=cast.ada, form=signing_form(order))
    assert nothing_was_stored(order)


def test_a_product_retired_meanwhile_is_refused(cast: Cast) -> None:
    order = draft_of(cast.ada)
    Product.objects.filter(code="LDN-CAP-4.5").update(active=False)
    with pytest.raises(Refused, match="no longer dispensed"):
        sign(order, by=cast.ada, form=signing_form(order))
    assert nothing_was_stored(order)


@pytest.mark.parametrize("sent", ["0" * 64, "f" * 64, ""])
def test_an_altered_hash_is_refused(cast: Cast, sent: str) -> None:
    order = draft_of(cast.ada)
    with pytest.raises(ContentChanged):
        sign(order, by=cast.ada, form=signing_form(order, seen_sha256=sent))
    assert nothing_was_stored(order)


def test_a_quantity_is_never_taken_from_a_form(cast: Cast) -> None:
    """What was shown for 30 days signs nothing once 60 days stand in the draft."""
    order = draft_of(cast.ada)
    form = signing_form(order)
    raw("UPDATE orders_order SET days_supply = 60 WHERE id = %s", order.pk)
    with pytest.raises(ContentChanged):
        sign(whole(order), by=cast.ada, form=form)
    assert nothing_was_stored(order)


def test_a_replayed_form_ends_at_the_same_signature(cast: Cast) -> None:
    order = draft_of(cast.ada)
    form = signing_form(order)
    for _ in range(3):
        sign(whole(order), by=cast.ada, form=form)
    assert Signature.objects.count() == 1
    with pytest.raises(StaleOrder):
        sign(whole(order), by=cast.ada, form=signing_form(order))


def test_a_token_that_signed_one_order_signs_no_other(cast: Cast) -> None:
    first, second = draft_of(cast.ada), draft_of(cast.ada)
    form = signing_form(first)
    sign(first, by=cast.ada, form=form)
    with pytest.raises(TokenReused):
        sign(second, by=cast.ada, form=signing_form(second, token=form.token))
    assert nothing_was_stored(second)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"effective_on": date(2020, 1, 1)}, "before today"),
        ({"cautions_on": date(2090, 1, 1)}, "future"),
        (
            {
                "opioid_use": "within_30_days",
                "opioid_kind": "short_acting",
                "opioid_last_use": date(2090, 1, 1),
            },
            "future",
        ),
    ],
    ids=["effective day gone by", "cautions answered tomorrow", "opioid taken tomorrow"],
)
def test_days_of_a_wrong_clock_are_refused(cast: Cast, wrong: dict[str, Any], words: str) -> None:
    order = draft_of(cast.ada, **wrong)
    with pytest.raises(Refused, match=words):
        sign(order, by=cast.ada, form=signing_form(order))
    assert nothing_was_stored(order)


def test_a_draft_that_was_handed_over_since_is_signed_as_it_was_shown(cast: Cast) -> None:
    order = draft_of(cast.ada)
    form, shown = signing_form(order), whole(order)
    Order.objects.filter(pk=order.pk).update(
        status="awaiting_signature", version=order.version + 1, handed_over_by=cast.nils,
        handed_over_at=timezone.now(),
    )  # fmt: skip
    assert sign(shown, by=cast.ada, form=form).status == "submitted"


# --- the patient's record -----------------------------------------------------------------------
def test_the_record_takes_the_signed_answers_with_their_days(cast: Cast) -> None:
    today = cast.practice.today
    order = signed_order(
        cast.ada, allergies="listed", allergies_text="penicillin", medicines="metformin",
        cautions=("depression",), cautions_on=today - timedelta(days=30), weight_kg=Decimal(71),
        height_cm=Decimal(170),
    )  # fmt: skip
    kept = Patient.objects.get(pk=order.patient_id)
    assert (kept.allergies, kept.allergies_text, kept.allergies_on) == (
        "listed", "penicillin", today,
    )  # fmt: skip
    assert (kept.medicines, kept.medicines_on) == ("metformin", today)
    assert (kept.opioid_use, kept.opioids_on) == ("never", today)
    assert (kept.cautions, kept.cautions_on) == (["depression"], today - timedelta(days=30))
    assert (kept.weight_kg, kept.measured_on) == (Decimal(71), today)


def test_an_allergy_on_record_outlives_an_order_that_could_not_ask(cast: Cast) -> None:
    first = signed_order(cast.ada, allergies="listed", allergies_text="penicillin")
    Order.objects.filter(pk=first.pk).update(status="cancelled")
    signed_order(cast.ada, patient=first.patient, allergies="not_obtained")
    assert Patient.objects.get(pk=first.patient_id).allergies_text == "penicillin"


def test_older_answers_on_cautions_do_not_replace_newer_ones(cast: Cast) -> None:
    today, patient = cast.practice.today, PatientFactory(practice=cast.practice)
    Patient.objects.filter(pk=patient.pk).update(cautions=["thyroid"], cautions_on=today)
    patient.refresh_from_db()
    signed_order(cast.ada, patient=patient, cautions=(), cautions_on=today - timedelta(days=9))
    assert Patient.objects.get(pk=patient.pk).cautions == ["thyroid"]


# --- damage -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE orders_order SET refills = 3 WHERE id = %s",
        "UPDATE orders_order SET expires_on = '2099-01-01' WHERE id = %s",
        "UPDATE orders_dosestep SET dose_mg = 3 WHERE order_id = %s",
        "UPDATE orders_orderfinding SET reason_text = 'x' WHERE order_id = %s",
        "DELETE FROM orders_orderfinding WHERE order_id = %s",
        "UPDATE orders_signature SET npi = '1999999999' WHERE order_id = %s",
        "UPDATE orders_signature SET signed_at = now() WHERE order_id = %s",
        "UPDATE orders_signature SET content = 'x' WHERE order_id = %s",
        "UPDATE orders_signature SET content = '{}', sha256 = "
        "encode(sha256('{}'::bytea), 'hex') WHERE order_id = %s",
        "DELETE FROM orders_signature WHERE order_id = %s",
    ],
)
def test_any_change_past_the_triggers_is_found(cast: Cast, statement: str) -> None:
    order = signed_order(cast.ada, treatment_status="new_start")
    assert damage(whole(order)) == ""
    raw(statement, order.pk)
    assert damage(whole(order)) != ""


def test_another_patient_under_a_signed_order_is_found(cast: Cast) -> None:
    order, other = signed_order(cast.ada), PatientFactory(practice=cast.practice)
    raw("UPDATE orders_order SET patient_id = %s WHERE id = %s", other.pk, order.pk)
    assert damage(whole(order)) != ""


def test_a_time_in_another_zone_is_the_same_moment(cast: Cast) -> None:
    order = signed_order(cast.ada)
    assert whole(order).signature.signed_at.astimezone(UTC) == order.submitted_at
    assert uuid.UUID(str(order.signature.token))
