"""One order's page: what each reader sees of it and may do."""

from __future__ import annotations

import html as entities
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from formulary.models import DocumentedRange
from orders.models import Order, Patient
from orders.services import claims, review
from tests.conftest import Cast
from tests.factories import draft_step, reason
from tests.orders.pages import sign_in
from tests.queue.desk import (
    at_the_desk,
    complete,
    finding_pk,
    flagged_order,
    fresh,
    held,
    lapsed,
    plain_order,
)

pytestmark = pytest.mark.django_db


def page_of(client: Client, order: Order) -> str:
    answer = client.get(f"/queue/{order.reference}/")
    assert answer.status_code == 200
    return entities.unescape(answer.content.decode())


def words_of(html: str) -> str:
    main = html.split('<main id="main"')[1]
    return " ".join(re.sub(r"<[^>]+>", " ", main).replace("\u00a0", " ").split())


def test_the_page_holds_all_that_a_pharmacist_judges_by(cast: Cast) -> None:
    steps = (
        draft_step("1.5", "LDN-CAP-1.5", days=14),
        draft_step("3", "LDN-CAP-1.5", days=14),
        draft_step("4.5", "LDN-CAP-1.5"),
    )
    order = plain_order(
        cast.ada, steps=steps, days_supply=90, treatment_status="new_start",
        medicines="metformin", allergies="listed", allergies_text="penicillin",
        note="Ships to a neighbour.",
    )  # fmt: skip
    html = page_of(at_the_desk(order, cast.phil), order)
    words, patient = words_of(html), order.patient
    banner = html.split('aria-label="Patient"')[1].split("</section>")[0]
    assert patient.family_name.upper() in banner.upper()
    assert "Known allergies" in banner
    assert "penicillin" in banner
    for part in (
        "naltrexone 1.5 mg capsule DOSE 1.5 mg by mouth at bedtime for 14 days",
        "DOSE 4.5 mg by mouth at bedtime for 62 days",
        "Take one 1.5 mg capsule by mouth at bedtime for 14 days, then take",
        "3 capsules × 1 a day × 62 days = 186 capsules", "First fill 228 capsules for 90 days",
            "Each refill 270 capsules for 90 days", "Refills 2",
        "From 1.5 mg to 4.5 mg a day over 90 days", "Psoriasis, ICD-10-CM L40.0", "Strength is not marketed",
        "New start", "No opioid in the last 30 days", "metformin", "Ships to a neighbour.",
        "Ada Sample, MD", "NPI", "licence NC S-1", "Sample Dermatology", order.signature.sha256,
        "Signed and sent to the pharmacy", "Yours until",
    ):  # fmt: skip
        assert part in words, part
    assert '<svg class="dose-chart-plot"' in html
    assert len(re.findall("<h1", html)) == 1


def test_the_title_names_the_order_and_never_the_patient(cast: Cast) -> None:
    order = plain_order(cast.ada)
    html = page_of(at_the_desk(order, cast.phil), order)
    assert html.split("<title>")[1].split("</title>")[0] == f"Review {order.reference} – Scruple"


def test_findings_stand_with_the_prescribers_reason_and_a_control_each(cast: Cast) -> None:
    order = flagged_order(cast.ada)
    html = page_of(at_the_desk(order, cast.phil), order)
    words = words_of(html)
    assert "zyxomab" in words
    assert "Prescriber’s reason: Yes, four and one half milligrams a day is meant" in words
    assert f'name="reviewed_{finding_pk(order, "warn")}"' in html
    assert f'name="cleared_{finding_pk(order, "not_checked")}"' in html
    assert html.count("btn-primary") == 1


def test_others_read_it_and_see_who_holds_it(cast: Cast) -> None:
    order = flagged_order(cast.ada)
    held(order, cast.phil)
    for who in (cast.petra, cast.tess, cast.root):
        html = page_of(sign_in(who), order)
        words = words_of(html)
        assert "Held by Phil Pharmacist since" in words
        assert "Checklist" not in words
        assert "Your password" not in words
        assert ("Release the claim" in words) is (who == cast.root)
        assert "Claim this order" not in words


def test_a_free_order_is_offered_to_pharmacists_alone(cast: Cast) -> None:
    order = plain_order(cast.ada)
    assert "Claim this order" in page_of(sign_in(cast.phil), order)
    for who in (cast.tess, cast.root):
        words = words_of(page_of(sign_in(who), order))
        assert "Nobody holds this order." in words
        assert "Claim this order" not in words


def test_a_lapsed_claim_keeps_its_ticks(cast: Cast) -> None:
    order, client = flagged_order(cast.ada), sign_in(cast.phil)
    held(order, cast.phil)
    tick = f"reviewed_{finding_pk(order, 'warn')}"
    client.post(f"/queue/{order.reference}/checklist/", {"checks": ["dose"], tick: "on"})
    lapsed(order)
    assert "Claim this order" in page_of(client, order)
    claims.release_lapsed_claims()
    client.post(f"/queue/{order.reference}/claim/")
    html = page_of(client, order)
    assert re.search(r'value="dose"[^>]*checked', html)
    assert re.search(rf'name="{tick}"[^>]*checked', html)
    assert not re.search(r'value="patient"[^>]*checked', html)


def test_an_answered_order_shows_question_and_answer_before_all_else(cast: Cast) -> None:
    order = held(plain_order(cast.ada), cast.petra)
    asked = reason("clarification", "allergy")
    review.ask(order, by=cast.petra, reason=asked, text="Which dye is meant?")
    waiting = words_of(page_of(sign_in(cast.phil), order))
    assert "Waits for the prescriber since" in waiting
    choice = reason("answer")
    review.answer(fresh(order), by=cast.ada, choice=choice, text="No dye at all.")
    words = words_of(page_of(sign_in(cast.phil), order))
    talk = words.index("Which dye is meant?")
    assert talk < words.index("No dye at all.") < words.index("naltrexone")
    assert "reserved for Petra Pharmacist until" in words
    assert "Claim this order" not in words
    assert "Claim this order" in page_of(sign_in(cast.petra), order)


def test_a_decided_order_tells_who_decided_and_how_each_point_was_cleared(cast: Cast) -> None:
    order = flagged_order(cast.ada)
    client = at_the_desk(order, cast.phil)
    client.post(f"/queue/{order.reference}/approve/", complete(order))
    words = words_of(page_of(sign_in(cast.tess), order))
    assert "Verified by Phil Pharmacist" in words
    assert "Reviewed by Phil Pharmacist" in words
    assert "Cleared by Phil Pharmacist: Confirmed with the prescriber" in words


def test_a_signed_text_that_does_not_match_stops_the_approval(cast: Cast) -> None:
    order = flagged_order(cast.ada)
    client = at_the_desk(order, cast.phil)
    tamper(order)
    html = page_of(client, order)
    words = words_of(html)
    assert "no longer says what was signed" in words
    assert "It cannot be approved." in words
    assert 'name="password"' not in html
    assert re.search(r'value="approve"[^>]*disabled', html)
    sent: dict[str, Any] = complete(order)
    assert client.post(f"/queue/{order.reference}/approve/", sent).status_code == 409
    assert fresh(order).status == "in_review"


def tamper(order: Order) -> None:
    """As nobody can through the application: the table's guards are off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE orders_dosestep SET dose_mg = 3 WHERE order_id = %s", [order.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_an_answer_on_record_since_shows_the_stop(cast: Cast) -> None:
    order = plain_order(cast.ada)
    client = at_the_desk(order, cast.phil)
    today = order.practice.today
    Patient.objects.filter(pk=order.patient_id).update(opioid_use="now", opioids_on=today)
    html = page_of(client, order)
    assert "Found since it was signed" in html
    assert "Opioids are taken now" in words_of(html)
    assert 'name="password"' not in html
    answer = client.post(f"/queue/{order.reference}/approve/", complete(order))
    assert answer.status_code == 200
    assert "The check finds more than at signing" in answer.content.decode()
    assert fresh(order).status == "in_review"


def test_a_range_that_narrowed_after_signing_leaves_what_was_signed(cast: Cast) -> None:
    order = plain_order(cast.ada)
    client = at_the_desk(order, cast.phil)
    DocumentedRange.objects.update(max_mg="4")
    html = page_of(client, order)
    assert "Found since it was signed" not in html
    assert "0.5 mg to 5 mg a day" in words_of(html)
    client.post(f"/queue/{order.reference}/approve/", complete(order))
    assert fresh(order).status == "approved"


def test_the_page_costs_the_same_statements_with_a_long_history(cast: Cast) -> None:
    order, client = flagged_order(cast.ada), sign_in(cast.phil)
    held(order, cast.phil)

    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            page_of(client, order)
        return len(found)

    statements()  # reads the edition of the formulary, once a process
    few = statements()
    for _ in range(10):
        claims.give_back(fresh(order), by=cast.phil, reason=reason("give_back"))
        held(order, cast.phil)
    assert statements() == few
