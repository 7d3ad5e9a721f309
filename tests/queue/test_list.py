"""The queue's page: which rows, in which order, how many statements."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders import queue
from orders.models import Order
from orders.services import claims, drafts, review
from tests.conftest import Cast
from tests.factories import draft_step, reason
from tests.orders.pages import sign_in
from tests.queue.desk import aged, flagged_order, fresh, held, lapsed, plain_order

pytestmark = pytest.mark.django_db


def page_of(client: Client, query: str = "") -> str:
    answer = client.get(f"/queue/{query}")
    assert answer.status_code == 200
    return entities.unescape(answer.content.decode())


def references(html: str) -> list[str]:
    return re.findall(r'<tr id="(RX-[0-9A-Z]{8})"', html)


def row_of(html: str, order: Order) -> str:
    """The words of one row."""
    found = re.search(rf'<tr id="{order.reference}".*?</tr>', html, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).replace("\u00a0", " ").split())


def tab_counts(html: str) -> dict[str, str]:
    found = re.findall(r'<li><a href="/queue/[^>]*>([^<]+) <span class="tab-count">([^<]+)<', html)
    return dict(found)


def urgent(cast: Cast, **kwargs: Any) -> Order:
    return plain_order(cast.ada, urgent_reason=reason("urgency"), **kwargs)


# --- rows ------------------------------------------------------------------------------------
def test_urgent_stands_first_then_the_oldest(cast: Cast) -> None:
    young, old = plain_order(cast.ada), aged(plain_order(cast.ben), 60)
    hasty, hastier = urgent(cast), aged(urgent(cast), 5)
    expected = [order.reference for order in (hastier, hasty, old, young)]
    assert references(page_of(sign_in(cast.phil))) == expected


def test_orders_of_one_moment_stand_in_the_order_they_came(cast: Cast) -> None:
    orders = [plain_order(cast.ada) for _ in range(4)]
    times = {"submitted_at": orders[0].submitted_at, "due_at": orders[0].due_at}
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(**times)
    assert references(page_of(sign_in(cast.phil))) == [order.reference for order in orders]


def test_a_row_tells_all_that_decides_whether_to_open_it(cast: Cast) -> None:
    order = aged(flagged_order(cast.ada), 190)
    words = row_of(page_of(sign_in(cast.phil)), order)
    patient = order.patient
    for part in (
        order.reference, f"{patient.family_name.upper()} , {patient.given_name}", "3 h 10 m",
        "due in 20 h 49 m", "naltrexone 4.5 mg capsule DOSE 4.5 mg by mouth at bedtime",
        "1 warning", "1 not checked", "Ada Sample, MD", "Sample Dermatology", "Claim",
    ):  # fmt: skip
        assert part in words, part


def test_every_dose_of_a_titration_stands_in_its_row(cast: Cast) -> None:
    small = [draft_step("1.5", "LDN-CAP-1.5", days=14), draft_step("3", "LDN-CAP-1.5", days=14)]
    steps = (*small, draft_step("4.5", "LDN-CAP-4.5"))
    order = plain_order(cast.ada, steps=steps, days_supply=90, treatment_status="new_start")
    words = row_of(page_of(sign_in(cast.phil)), order)
    assert "naltrexone 1.5 mg and 4.5 mg capsules DOSE 1.5 mg , 3 mg , then 4.5 mg" in words


def test_a_liquid_dose_is_told_in_milligrams_and_millilitres(cast: Cast) -> None:
    order = plain_order(cast.ada, steps=(draft_step("3", "LDN-LIQ-1"),))
    words = row_of(page_of(sign_in(cast.phil)), order)
    assert "1 mg per mL oral liquid DOSE 3 mg in 3 mL" in words


def test_what_a_patient_is_called_is_escaped(cast: Cast) -> None:
    order = plain_order(cast.ada)
    type(order.patient).objects.filter(pk=order.patient_id).update(given_name="<i>Pat</i>")
    html = sign_in(cast.phil).get("/queue/").content.decode()
    assert "&lt;i&gt;Pat&lt;/i&gt;" in html
    assert "<i>Pat</i>" not in html


# --- tabs ------------------------------------------------------------------------------------
def test_each_tab_holds_what_it_counts_after_each_act(cast: Cast) -> None:
    client = sign_in(cast.phil)
    orders = [plain_order(cast.ada) for _ in range(5)]

    def seen() -> dict[str, tuple[str, int]]:
        found = {}
        for tab in ("actionable", "mine", "waiting", "done"):
            html = page_of(client, f"?tab={tab}")
            current = re.search(r'aria-current="page">([^<]+) <span', html.split('class="tabs"')[1])
            assert current
            found[tab] = (tab_counts(html)[current[1]], len(references(html)))
        return found

    def expect(*numbers: int) -> None:
        assert list(seen().values()) == [(str(number), number) for number in numbers]

    expect(5, 0, 0, 0)
    held(orders[0], cast.phil)
    expect(5, 1, 0, 0)
    held(orders[1], cast.petra)
    expect(4, 1, 0, 0)
    review.ask(fresh(orders[0]), by=cast.phil, reason=reason("clarification"), text="Which?")
    expect(3, 0, 1, 0)
    review.reject(fresh(orders[1]), by=cast.petra, reason=reason("rejection"), text="")
    expect(3, 0, 1, 1)
    cancelled = fresh(orders[2])
    drafts.cancel(cancelled, by=cast.ada, reason=reason("cancellation"), version=cancelled.version)
    expect(2, 0, 1, 2)


def test_counts_stop_at_99(cast: Cast, many: Callable[[int], None]) -> None:
    many(105)
    assert tab_counts(page_of(sign_in(cast.phil)))["Actionable"] == "99+"


@pytest.mark.parametrize(
    "query",
    ["?tab=nonsense", "?tab=", "?after=junk", "?before=1-2", "?after=1-2-" + "9" * 40, "?x=1&x=2",
     "?tab=mine%00", "?after=%00", "?after=%FF", "?tab[]=mine", "?page=7&sort=<script>",
     "?tab=actionable&tab=done&tab=zzz"],
)  # fmt: skip
def test_unknown_parameters_are_passed_over(cast: Cast, query: str) -> None:
    order = plain_order(cast.ada)
    assert references(page_of(sign_in(cast.phil), query)) == [order.reference]


def test_the_done_tab_tells_the_decision_and_who_made_it(cast: Cast) -> None:
    order = plain_order(cast.ada)
    review.reject(held(order, cast.petra), by=cast.petra, reason=reason("rejection"), text="")
    words = row_of(page_of(sign_in(cast.phil), "?tab=done"), order)
    assert "Rejected by Petra Pharmacist" in words
    assert "in time" in words


def test_the_waiting_tab_tells_the_question_and_that_the_clock_rests(cast: Cast) -> None:
    order, asked = plain_order(cast.ada), reason("clarification", "allergy")
    review.ask(held(order, cast.petra), by=cast.petra, reason=asked, text="Which dye?")
    words = row_of(page_of(sign_in(cast.phil), "?tab=waiting"), order)
    assert "Asked: Allergy" in words
    assert "paused" in words


# --- holders ---------------------------------------------------------------------------------
def test_a_row_names_its_holder_and_offers_only_what_can_be_done(cast: Cast) -> None:
    mine, theirs, gone, answered = (plain_order(cast.ada) for _ in range(4))
    held(mine, cast.phil)
    held(theirs, cast.petra)
    lapsed(held(gone, cast.petra))
    review.ask(
        held(answered, cast.petra), by=cast.petra, reason=reason("clarification"), text="Which?"
    )
    review.answer(fresh(answered), by=cast.ada, choice=reason("answer"), text="")
    html = page_of(sign_in(cast.phil))
    assert theirs.reference not in html
    assert "Held by you until" in row_of(html, mine)
    assert "Go on" in row_of(html, mine)
    assert "Petra Pharmacist’s claim lapsed Claim" in row_of(html, gone)
    assert "Answered" in row_of(html, answered)
    assert "Reserved for Petra Pharmacist until" in row_of(html, answered)
    assert " Claim" not in row_of(html, answered)
    assert "Reserved for you until" in row_of(page_of(sign_in(cast.petra)), answered)


def test_the_technician_reads_and_sees_who_holds_what(cast: Cast) -> None:
    order, free = held(plain_order(cast.ada), cast.phil), plain_order(cast.ada)
    client = sign_in(cast.tess)
    html = page_of(client)
    assert references(html) == [free.reference]
    assert "Claim" not in row_of(html, free)
    assert "Claim next" not in html
    shown = page_of(client, "?tab=mine")
    assert "In review" in tab_counts(shown)
    assert "Held by Phil Pharmacist since" in row_of(shown, order)


# --- pages -----------------------------------------------------------------------------------
def test_pages_follow_each_other_without_a_gap_or_a_double(
    cast: Cast, many: Callable[[int], None]
) -> None:
    many(60)
    client, seen, address = sign_in(cast.phil), [], "/queue/"
    pages = []
    while address:
        html = page_of(client, address.removeprefix("/queue/"))
        pages.append(references(html))
        seen += pages[-1]
        found = re.search(r'rel="next" href="([^"]+)"', html)
        address = found[1] if found else ""
        back = re.search(r'rel="prev" href="([^"]+)"', html)
        assert bool(back) is (len(pages) > 1)
    assert [len(page) for page in pages] == [25, 25, 10]
    everything = Order.objects.urgent_first().values_list("reference", flat=True)
    assert seen == list(everything)
    back_one = page_of(client, (back or [""])[1])  # the last page's link back
    assert references(back_one) == pages[1]


def test_the_page_before_the_first_is_the_first(cast: Cast, many: Callable[[int], None]) -> None:
    many(30)
    first = queue.page(queue.Tab.ACTIONABLE, cast.phil)
    second = queue.page(queue.Tab.ACTIONABLE, cast.phil, after=first.older)
    again = queue.page(queue.Tab.ACTIONABLE, cast.phil, before=second.newer)
    assert [row.reference for row in again.rows] == [row.reference for row in first.rows]
    assert again.newer == ""


# --- nothing to show -------------------------------------------------------------------------
def test_an_empty_queue_says_which_kind_of_empty_it_is(cast: Cast) -> None:
    client = sign_in(cast.phil)
    assert "No order has come in yet" in page_of(client)
    order = plain_order(cast.ada)
    assert "Nothing is held" in page_of(client, "?tab=mine")
    assert "No question is open" in page_of(client, "?tab=waiting")
    assert "Nothing decided yet today" in page_of(client, "?tab=done")
    last = queue.page(queue.Tab.ACTIONABLE, cast.phil).rows[-1]
    assert last.reference == order.reference
    beyond = "1-1-1" if order.is_urgent else f"0-{10**15 * 9}-1"
    assert "No rows on this page any more" in page_of(client, f"?after={beyond}")
    review.ask(held(order, cast.phil), by=cast.phil, reason=reason("clarification"), text="Which?")
    html = page_of(client)
    assert "Nothing waiting" in html
    assert "The last order came in on" in html
    assert "See 1 waiting on a prescriber" in html


# --- figures ---------------------------------------------------------------------------------
@pytest.mark.parametrize("tab", ["actionable", "mine", "waiting", "done"])
def test_the_page_costs_the_same_statements_at_2_and_at_200_rows(
    cast: Cast, many: Callable[[int], None], tab: str
) -> None:
    client = sign_in(cast.phil)

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            page_of(client, f"?tab={tab}")
        return len(found)

    for order in (plain_order(cast.ada), flagged_order(cast.ada)):
        bring_into(tab, order, cast)
    few = statements()
    many(200)
    for order in Order.objects.filter(status="submitted")[:30] if tab != "actionable" else []:
        bring_into(tab, order, cast)
    assert statements() == few
    assert few <= 10


def bring_into(tab: str, order: Order, cast: Cast) -> None:
    if tab == "actionable":
        return
    claims.claim(order, by=cast.phil)
    if tab == "waiting":
        review.ask(fresh(order), by=cast.phil, reason=reason("clarification"), text="Which?")
    if tab == "done":
        review.reject(fresh(order), by=cast.phil, reason=reason("rejection"), text="")
