"""Fills, price and strengths on the order form; titrations of several products; tampered supply."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from formulary.models import Product
from formulary.services import load_formulary
from orders.models import Order
from tests.conftest import Cast
from tests.orders.pages import Controls, errors_of, order_data, sign_in

pytestmark = pytest.mark.django_db
ADDRESS = f"/orders/new/{UUID('7d4f6a3e-0c1b-4a52-9c8e-2f6f0a9d1b14')}/"
MIXED = "up-1.5-then-one-capsule"


@pytest.fixture
def client(cast: Cast) -> Client:
    return sign_in(cast.ada)


def live(client: Client, data: dict[str, Any]) -> str:
    answer = client.post("/orders/check/", data)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode().replace("\u00a0", " "))


def page(client: Client, data: dict[str, Any]) -> str:
    answer = client.post(ADDRESS, data)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_first_fill_and_each_refill_stand_apart(client: Client, cast: Cast) -> None:
    html = live(client, order_data(cast))
    assert "<dt>First fill</dt><dd><strong>228 capsules</strong> for 90 days" in html
    assert "<dt>Each refill</dt><dd><strong>270 capsules</strong> for 90 days" in html
    assert "Each refill" not in live(client, order_data(cast, refills="0"))


def test_a_liquid_shows_its_plan_of_fills_and_both_units(client: Client, cast: Cast) -> None:
    steps = [("2", "1", "bedtime", "")]
    html = live(client, order_data(cast, product="LDN-LIQ-1", steps=steps))
    assert "4 fills of 25, 25, 25 and 15 days" in html
    assert "2 mL" in html
    assert "(2 mg) a day" in html


def test_an_estimate_names_who_pays(client: Client, cast: Cast) -> None:
    assert "Estimate" not in live(client, order_data(cast))
    Product.objects.filter(code="LDN-CAP-1.5").update(price_per_unit=Decimal("1.25"))
    html = live(client, order_data(cast, bill_to="practice"))
    assert "$285.00 the first fill, $337.50 each refill, billed to the practice" in html


def test_half_a_price_is_no_estimate(client: Client, cast: Cast) -> None:
    Product.objects.filter(code="LDN-CAP-1.5").update(price_per_unit=Decimal("1.25"))
    data = order_data(cast) | {"steps-2-product": "LDN-CAP-4.5"}
    assert "Estimate" not in live(client, data)


# --- A larger strength ---------------------------------------------------------------------------
def many(cast: Cast, **more: str) -> dict[str, Any]:
    steps = [("4.5", "1", "bedtime", "")]
    return order_data(cast, product="LDN-CAP-0.5", steps=steps) | more


def test_many_capsules_offer_the_larger_strength_as_a_button(client: Client, cast: Cast) -> None:
    html = live(client, many(cast))
    assert 'name="use_product" value="1:LDN-CAP-4.5"' in html
    controls = Controls(page(client, many(cast, use_product="1:LDN-CAP-4.5")))
    assert controls.named("steps-0-dose")[0]["value"] == "4.5"
    assert not Order.objects.exists()
    taken = live(client, many(cast) | {"steps-0-product": "LDN-CAP-4.5"})
    assert "use_product" not in taken
    assert "<strong>90 capsules</strong>" in taken


def test_the_offered_strength_stands_in_its_step(client: Client, cast: Cast) -> None:
    html = page(client, many(cast, use_product="1:LDN-CAP-4.5"))
    select = html[html.index('name="steps-0-product"') :]
    assert re.search(r'value="LDN-CAP-4.5"\s+selected', select[: select.index("</select>")])


@pytest.mark.parametrize(
    "value", ["", ":", "1", "0:LDN-CAP-4.5", "2:LDN-CAP-4.5", "1:LDN-CAP-50", "x:y", "a\x00b:c"]
)
def test_an_offer_that_is_none_changes_nothing(client: Client, cast: Cast, value: str) -> None:
    html = page(client, many(cast, use_product=value))
    assert errors_of(html) == []
    select = html[html.index('name="steps-0-product"') :]
    assert "selected" not in select[: select.index("</select>")].replace('value="" selected', "")


# --- Titrations ------------------------------------------------------------------------------------
def test_a_titration_of_two_products_fills_in_both(client: Client, cast: Cast) -> None:
    html = page(client, order_data(cast, steps=[]) | {"titration": MIXED, "use_template": "1"})
    template = next(t for t in load_formulary().templates if t.slug == MIXED)
    assert [step.product for step in template.steps] == ["", "", "LDN-CAP-4.5"]
    select = html[html.index('name="steps-2-product"') :]
    assert re.search(r'value="LDN-CAP-4.5"\s+selected', select[: select.index("</select>")])
    assert "data-from-template" in html


@pytest.mark.parametrize("slug", ["", "no-such", "a\x00b", "x" * 5000, None])
def test_an_unknown_titration_leaves_what_was_typed(
    client: Client, cast: Cast, slug: str | None
) -> None:
    data = order_data(cast, use_template="1") | ({} if slug is None else {"titration": slug})
    controls = Controls(page(client, data))
    doses = [controls.named(f"steps-{at}-dose")[0]["value"] for at in range(3)]
    assert doses == ["1.5", "3", "4.5"]


def test_ascending_steps_are_not_demanded(client: Client, cast: Cast) -> None:
    steps = [("4.5", "1", "bedtime", "14"), ("3", "1", "bedtime", "")]
    data = order_data(cast, steps=steps, treatment_status="continuing")
    assert client.post(ADDRESS, data).status_code == 302
    assert [str(step.dose_mg) for step in Order.objects.get().steps.all()] == ["4.500", "3.000"]


# --- Tampered --------------------------------------------------------------------------------------
def test_a_quantity_that_is_sent_counts_for_nothing(client: Client, cast: Cast) -> None:
    """What is dispensed is computed from the steps alone: no field takes a quantity."""
    sent = {"quantity": "9999", "quantities": "9999", "directions": "Take ten", "daily_mg": "45"}
    client.post(ADDRESS, order_data(cast) | sent)
    order = Order.objects.get()
    html = client.get(f"/orders/{order.reference}/review/").content.decode()
    assert "228" in html
    assert "9999" not in html
    assert "Take ten" not in html


def test_a_retired_product_is_no_choice_in_any_place(client: Client, cast: Cast) -> None:
    Product.objects.filter(code="LDN-CAP-4.5").update(active=False)
    for name in ("product", "steps-2-product"):
        html = page(client, order_data(cast) | {name: "LDN-CAP-4.5"})
        assert Controls(html).is_marked(name)
    assert not Order.objects.exists()
