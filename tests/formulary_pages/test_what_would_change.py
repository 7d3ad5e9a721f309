"""What a change would have said of the orders signed lately, before it is sent or approved."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from formulary.findings import Level
from formulary.models import Indication, Product, RuleFigure
from formulary.services import load_formulary
from formulary.status import Act, ChangeKind
from orders.models import Order
from orders.services import what_would_change as comparing
from orders.services.what_would_change import Report, what_would_change
from tests.conftest import Cast
from tests.factories import draft_of, draft_step, signed_order
from tests.formulary_pages.changes import (
    agreed,
    change,
    figure_change,
    medicine,
    proposal,
    range_to,
    tomorrow,
)
from tests.formulary_pages.desk import act, signed_in

pytestmark = pytest.mark.django_db


def said(report: Report) -> dict[tuple[str, str, str], list[str]]:
    return {(g.how, g.code, str(g.level)): sorted(g.references) for g in report.groups}


def sent_ago(order: Order, days: int) -> None:
    at = timezone.now() - timedelta(days=days)
    Order.objects.filter(pk=order.pk).update(submitted_at=at)


def low(cast: Cast) -> Order:
    return signed_order(cast.ada, steps=(draft_step("3", "LDN-CAP-3"),))


def test_a_narrower_range_names_the_orders_it_would_have_stopped(cast: Cast) -> None:
    high, calm = signed_order(cast.ada), low(cast)
    draft_of(cast.ada)
    report = what_would_change(change(cast.phil, range_to("0.5", "4")))
    assert (report.orders.looked_at, report.orders.of, report.orders.changed) == (2, 2, 1)
    assert said(report)[("new", "above_range", "stop")] == [high.reference]
    assert (report.drafts.changed, report.drafts.looked_at) == (1, 1)
    assert calm.reference not in str(report.groups)
    assert load_formulary().ranges[0].max_mg == 5


def test_a_wider_range_changes_nothing_for_orders_inside_the_old_one(cast: Cast) -> None:
    signed_order(cast.ada)
    report = what_would_change(change(cast.phil, range_to("0.5", "6")))
    assert (report.orders.changed, report.groups) == (0, ())


def test_a_figure_shows_warnings_that_come_and_go(cast: Cast) -> None:
    started = signed_order(cast.ada, treatment_status="new_start")
    gone = what_would_change(figure_change(cast.phil, "confirm_first_dose_above_mg", "4.5"))
    assert said(gone) == {("gone", "confirm_dose", "warn"): [started.reference]}
    calm = signed_order(
        cast.ada, treatment_status="new_start", steps=(draft_step("3", "LDN-CAP-3"),)
    )
    new = what_would_change(figure_change(cast.petra, "confirm_first_dose_above_mg", "1.5"))
    assert said(new) == {("new", "confirm_dose", "warn"): [calm.reference]}


def test_a_medicine_that_becomes_an_opioid_stops_orders_that_name_it(cast: Cast) -> None:
    order = signed_order(cast.ada, medicines="zzcodol")
    report = what_would_change(change(cast.phil, medicine("zzcodol", "opioid_short"), sent=False))
    assert said(report) == {
        ("new", "opioid_contradiction", "stop"): [order.reference],
        ("gone", "medicine_not_recognised", "not_checked"): [order.reference],
    }


def test_a_retired_product_and_condition_are_seen(cast: Cast) -> None:
    order = signed_order(cast.ada)
    product = Product.objects.get(code="LDN-CAP-4.5")
    retired = change(cast.phil, proposal(ChangeKind.PRODUCT, Act.RETIRE, product), sent=False)
    stopped = said(what_would_change(retired))
    assert stopped[("new", "product_retired", "stop")] == [order.reference]
    row = Indication.objects.get(slug="psoriasis")
    less = proposal(ChangeKind.INDICATION, Act.CHANGE, row, documented="not_documented")
    noted = said(what_would_change(change(cast.phil, less, sent=False)))
    assert noted == {("new", "indication_not_documented", "info"): [order.reference]}


def test_a_price_and_a_reason_change_no_answer(cast: Cast) -> None:
    signed_order(cast.ada)
    product = Product.objects.get(code="LDN-CAP-4.5")
    dearer = proposal(ChangeKind.PRODUCT, Act.CHANGE, product, price_per_unit="1.25")
    assert what_would_change(change(cast.phil, dearer, sent=False)).groups == ()
    row = {"kind": "hold", "code": "zz", "label": "Zz", "min_chars": 0, "needs_text": False}
    new = proposal(ChangeKind.REASON, Act.ADD)
    new.after.update(row | {"finding": "", "active": True})
    assert what_would_change(change(cast.phil, new, sent=False)).silent


def test_a_licence_that_ends_and_a_range_since_yesterday_count_as_if_always(cast: Cast) -> None:
    """The order was signed under another range: both sides are judged by what is in force now."""
    order = signed_order(cast.ada)
    sent_ago(order, 60)
    agreed(cast.phil, cast.petra, range_to("0.5", "6"))
    report = what_would_change(change(cast.phil, range_to("0.5", "4", on=tomorrow(3))))
    assert said(report) == {("new", "above_range", "stop"): [order.reference]}


def test_orders_older_than_90_days_are_left_out(cast: Cast) -> None:
    order = signed_order(cast.ada)
    sent_ago(order, 92)
    report = what_would_change(change(cast.phil, range_to("0.5", "4")))
    assert report.orders.of == 0


def test_bounded_it_says_how_many_of_how_many(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    older, newest = signed_order(cast.ada), signed_order(cast.ada)
    monkeypatch.setattr(comparing, "MOST_ORDERS", 1)
    made = change(cast.phil, range_to("0.5", "4"))
    report = what_would_change(made)
    assert report.orders.is_bounded
    assert said(report) == {("new", "above_range", "stop"): [newest.reference]}
    page = signed_in(cast.phil).get(reverse("queue:what_would_change", args=[made.reference]))
    assert "Only the newest 1 of 2 orders were looked at." in page.content.decode()
    assert older.reference not in page.content.decode()
    hasty = what_would_change(made, seconds=-1)
    assert (hasty.orders.looked_at, hasty.orders.of) == (0, 2)


def test_the_page_names_references_and_no_patient(cast: Cast) -> None:
    order = signed_order(cast.ada)
    made = change(cast.phil, range_to("0.5", "4"))
    url = reverse("queue:what_would_change", args=[made.reference])
    text = signed_in(cast.petra).get(url).content.decode()
    assert order.reference in text
    assert "New stop: above range" in text
    assert order.patient.family_name not in text
    assert not re.search(r"PT-[0-9A-Z]{8}", text)
    assert signed_in(cast.tess).get(url).status_code == 403
    assert signed_in(cast.ada).get(url).status_code == 403


def test_what_is_decided_is_compared_no_more_and_what_is_stale_is_said(cast: Cast) -> None:
    made = figure_change(cast.phil, "transit_days", "3", sent=True)
    url = reverse("queue:what_would_change", args=[made.reference])
    RuleFigure.objects.filter(key="transit_days").update(value=7)
    assert signed_in(cast.phil).get(url).status_code == 409
    RuleFigure.objects.filter(key="transit_days").update(value=5)
    act(cast.petra, made, "approve")
    answer = signed_in(cast.phil).get(url)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("formulary:change", args=[made.reference])


def test_many_orders_take_few_statements(cast: Cast) -> None:
    made = change(cast.phil, range_to("0.5", "4"))

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            what_would_change(made)
        return len(seen)

    signed_order(cast.ada)
    load_formulary()
    few = statements()
    for _ in range(4):
        signed_order(cast.ada)
    assert statements() == few


def test_words_of_a_group_say_what_came_and_went() -> None:
    group = comparing.Group("other", "active_order", Level.STOP, Level.WARN)
    assert group.words == "Now a stop, was a warning: active order"
    gone = comparing.Group("gone", "confirm_dose", Level.WARN)
    assert gone.words == "No longer a warning: confirm dose"
    many = comparing.Group(
        "new", "confirm_dose", Level.WARN, references=[str(n) for n in range(105)]
    )
    assert (len(many.shown), many.rest) == (100, 5)
