"""The pages after the signature, driven as a browser without scripts drives them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from orders.models import Fill, Order
from orders.services.revising import order_again
from orders.status import FillState, SignatureKind, Status
from tests.conftest import Cast
from tests.factories import PASSWORD, reason, signed_order
from tests.orders.life import approved_order, asked, in_days, whole
from tests.orders.pages import errors_of, sign_in
from tests.orders.test_refills import ask
from tests.orders.test_revision import signed_revision
from tests.orders.test_verbal import record

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return unescape(response.content.decode())


def fields(html: str, form: str) -> dict[str, list[str]]:
    """What a form of the page would send as it stands, its ticks and selections included."""
    start = html.index(f'id="{form}"') if form else html.index('<form method="post" novalidate>')
    part = html[start : html.index("</form>", start)]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", part):
        named, kind = re.search(r'name="([^"]+)"', tag), re.search(r'type="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        loose = kind is not None and kind[1] in ("radio", "checkbox")
        if named and (not loose or " checked" in tag):
            found.setdefault(named[1], []).append(unescape(value[1]) if value else "")
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', part, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[name] = [unescape(chosen[1]) if chosen else ""]
    for name, body in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', part, re.S):
        found[name] = [unescape(body).strip()]
    return found


# --- the practice -------------------------------------------------------------------------------
def test_the_button_begins_a_revision_and_opens_its_form(cast: Cast) -> None:
    order, client = signed_order(cast.ada), sign_in(cast.ada)
    page = text(client.get(f"/orders/{order.reference}/"))
    assert "Revise this order" in page
    answer = client.post(f"/orders/{order.reference}/revise/")
    made = Order.objects.get(revises=order)
    assert answer["Location"] == f"/orders/{made.reference}/edit/"
    assert client.get(answer["Location"]).status_code == 200
    assert made.reference in text(client.get(f"/orders/{order.reference}/"))


def test_both_sides_are_shown_what_a_revision_changed(cast: Cast) -> None:
    order = asked(signed_order(cast.ada), cast.phil)
    made = signed_revision(order, cast.ada)
    for client, page in ((sign_in(cast.ada), "orders"), (sign_in(cast.phil), "queue")):
        html = text(client.get(f"/{page}/{made.reference}/"))
        assert "Revision 2 of" in html
        assert re.search(r"<del>4\.5\W+mg, once a day", html)
        assert re.search(r"<ins>3\W+mg, once a day", html)
        assert "Which dose is meant?" in html
        assert made.reference in text(client.get(f"/{page}/{order.reference}/"))


def test_an_order_is_ordered_again_from_the_list(cast: Cast) -> None:
    order, client = approved_order(cast.ada, cast.phil), sign_in(cast.ada)
    assert f"/orders/{order.reference}/again/" in text(client.get("/orders/?tab=done"))
    answer = client.post(f"/orders/{order.reference}/again/")
    again = Order.objects.get(reorder_of=order)
    assert answer["Location"] == f"/orders/{again.reference}/edit/"
    assert client.get(answer["Location"]).status_code == 200
    assert order_again(order, by=cast.ada) == again


def refill_of(client: Client, order: Order, **more: Any) -> Any:
    url = f"/orders/{order.reference}/refill/"
    sent = fields(text(client.get(url)), "refill-form")
    return client.post(url, sent | {"changed": "no", "opioid_use": "never"} | more)


def test_a_refill_is_asked_for_by_the_short_form(cast: Cast) -> None:
    order, client = approved_order(cast.ada, cast.phil), sign_in(cast.ada)
    with in_days(25, clock=False):
        page = text(client.get(f"/orders/{order.reference}/"))
        assert "Ask for a refill" in page
        assert refill_of(client, order).status_code == 302
    fill = Fill.objects.get(order=order, number=2)
    assert (fill.state, fill.answers["opioid_use"]) == (FillState.REQUESTED, "never")
    assert "Ask for a refill" not in text(client.get(f"/orders/{order.reference}/"))


def test_a_refill_asks_what_it_needs_and_keeps_what_was_typed(cast: Cast) -> None:
    order, client = approved_order(cast.ada, cast.phil), sign_in(cast.ada)
    with in_days(25, clock=False):
        for empty in ({"opioid_use": ""}, {"changed": ""}):
            html = text(refill_of(client, order, **empty))
            assert errors_of(html)
    assert not Fill.objects.filter(number=2).exists()


def test_an_early_refill_is_asked_its_reason_on_the_same_page(cast: Cast) -> None:
    order, client = approved_order(cast.ada, cast.phil), sign_in(cast.ada)
    html = text(refill_of(client, order))
    assert "percent of the supply before is used" in html
    answer = refill_of(client, order, ack_early_refill="travel", ack_early_refill_words="")
    assert answer.status_code == 302
    assert Fill.objects.get(number=2).early_reason == reason("early_refill", "travel")


def test_a_stop_is_told_on_the_refills_page(cast: Cast) -> None:
    order, client = approved_order(cast.ada, cast.phil), sign_in(cast.ada)
    with in_days(25, clock=False):
        html = text(
            refill_of(
                client, order, opioid_use="now", opioid_kind="short_acting",
                opioid_last_use_0="11", opioid_last_use_1="1", opioid_last_use_2="2026",
            )
        )  # fmt: skip
    assert "Stop" in html
    assert not Fill.objects.filter(number=2).exists()


@pytest.mark.parametrize("number", ["", "x", "-1", "3", "999999999999", "²"])
def test_a_tampered_number_asks_for_nothing(cast: Cast, number: str) -> None:
    order, client = approved_order(cast.ada, cast.phil), sign_in(cast.ada)
    with in_days(25, clock=False):
        html = text(refill_of(client, order, number=number))
    assert "opened for another refill" in html
    assert order.fills.count() == 1


def test_what_was_on_record_is_not_confirmed_unseen(cast: Cast) -> None:
    order, client = approved_order(cast.ada, cast.phil), sign_in(cast.ada)
    with in_days(25, clock=False):
        html = text(refill_of(client, order, record_seal="PT-00000000.x"))
    assert errors_of(html)
    assert order.fills.count() == 1


# --- the pharmacy -------------------------------------------------------------------------------
def test_a_pharmacist_finds_reads_and_releases_a_refill(cast: Cast) -> None:
    order, client = approved_order(cast.ada, cast.petra), sign_in(cast.phil)
    fill = ask(order, cast.ada, early="travel")
    assert order.reference in text(client.get("/queue/refills/"))
    url = f"/queue/{order.reference}/fills/2/"
    html = text(client.get(url))
    assert "The patient leaves before the refill would be due" in html
    assert "Read point 1" in text(client.post(f"{url}release/", {}))
    answer = client.post(f"{url}release/", {"reviewed_early_refill": "on"})
    assert answer.status_code == 302
    fill.refresh_from_db()
    assert fill.state == FillState.RELEASED
    assert client.post(f"{url}refuse/", {"refuse-reason": "too_early"}).status_code == 409
    assert "Released" in text(client.get(url))


def test_a_refill_is_refused_with_a_reason_that_the_practice_reads(cast: Cast) -> None:
    order, client = approved_order(cast.ada, cast.petra), sign_in(cast.phil)
    ask(order, cast.ada, early="travel")
    url = f"/queue/{order.reference}/fills/2/"
    assert errors_of(text(client.post(f"{url}refuse/", {"refuse-reason": ""})))
    sent = {"refuse-reason": "too_early", "refuse-text": "Ask again next week."}
    assert client.post(f"{url}refuse/", sent).status_code == 302
    page = text(sign_in(cast.ada).get(f"/orders/{order.reference}/"))
    assert "Too early: Ask again next week." in page


@pytest.mark.parametrize("number", ["1", "3", "0", "99999999999999999999"])
def test_no_other_fill_has_a_page(cast: Cast, number: str) -> None:
    order = approved_order(cast.ada, cast.petra)
    assert sign_in(cast.phil).get(f"/queue/{order.reference}/fills/{number}/").status_code == 404


def test_a_verbal_order_is_written_read_back_and_signed(cast: Cast) -> None:
    order, client = asked(signed_order(cast.ada), cast.phil), sign_in(cast.phil)
    url = f"/queue/{order.reference}/verbal/"
    sent: dict[str, Any] = fields(text(client.get(url)), "order-form")
    sent |= {"opioid_use": "never", "steps-0-dose": "3", "product": "LDN-CAP-1.5"}
    html = text(client.post(url, sent))
    assert "Read back" in html, errors_of(html)
    assert re.search(r"<ins>3\W+mg", html)
    carried: dict[str, Any] = fields(html, "")
    assert not Order.objects.filter(revises=order).exists()
    missing = text(client.post(url, carried | {"sign": "1", "password": PASSWORD}))
    assert "Read the order back" in missing
    wrong = text(client.post(url, carried | {"sign": "1", "read_back": "on", "password": "no"}))
    assert "not your password" in wrong
    done = client.post(url, carried | {"sign": "1", "read_back": "on", "password": PASSWORD})
    made = whole(Order.objects.get(revises=order))
    assert done["Location"] == f"/queue/{made.reference}/"
    assert made.signature.kind == SignatureKind.VERBAL
    assert "Verbal order" in text(client.get(done["Location"]))
    assert client.post(url, carried | {"sign": "1"}).status_code == 409


def test_a_verbal_order_names_its_call_and_stops_where_rules_stop(cast: Cast) -> None:
    order, client = asked(signed_order(cast.ada), cast.phil), sign_in(cast.phil)
    url = f"/queue/{order.reference}/verbal/"
    sent: dict[str, Any] = fields(text(client.get(url)), "order-form") | {"opioid_use": "never"}
    for wrong in (
        {"spoke_with": ""}, {"spoken_time": "25:00"}, {"spoken_on_2": "2020"},
        {"steps-0-dose": "45"}, {"steps-0-dose": "x"}, {"opioid_use": "now"},
    ):  # fmt: skip
        assert errors_of(text(client.post(url, sent | wrong))), wrong
    assert Order.objects.count() == 1


def test_a_verbal_order_never_changes_the_patient(cast: Cast) -> None:
    order, client = asked(signed_order(cast.ada), cast.phil), sign_in(cast.phil)
    other = signed_order(cast.ada)
    url = f"/queue/{order.reference}/verbal/"
    sent: dict[str, Any] = fields(text(client.get(url)), "order-form") | {"opioid_use": "never"}
    html = text(client.post(url, sent | {"patient": other.patient.reference}))
    carried = fields(html, "")
    client.post(url, carried | {"sign": "1", "read_back": "on", "password": PASSWORD})
    assert Order.objects.get(revises=order).patient == order.patient


def test_the_prescriber_countersigns_with_the_password(cast: Cast) -> None:
    made = record(asked(signed_order(cast.ada), cast.phil), cast)
    client, url = sign_in(cast.ada), f"/orders/{made.reference}/countersign/"
    page = text(client.get(f"/orders/{made.reference}/"))
    assert "Read and countersign" in page
    assert "written down" in text(client.get(url))
    assert "not your password" in text(client.post(url, {"password": "no"}))
    assert client.post(url, {"password": PASSWORD}).status_code == 302
    assert "Countersigned by Dr Ada Sample" in text(client.get(f"/orders/{made.reference}/"))
    assert client.get(url).status_code == 409


def test_my_orders_tells_holds_and_endings_in_words(cast: Cast) -> None:
    client = sign_in(cast.ada)
    order = approved_order(cast.ada, cast.phil)
    again = order_again(order, by=cast.ada)
    assert again.status == Status.DRAFT
    for tab in ("action", "sign", "drafts", "pharmacy", "done"):
        assert client.get(f"/orders/?tab={tab}").status_code == 200
