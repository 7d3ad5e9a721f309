"""An order shipped to one of the practice's further addresses."""

from __future__ import annotations

import json
import uuid
from html import unescape
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import ProgrammingError
from django.test import Client

from accounts.models import Location, Practice
from intake.services.practice import PLACE, change_location, close_location, mark
from orders.models import Order
from orders.services import claims
from orders.services.checks import findings_now, ship_to_state
from orders.services.content import order_content, verify
from orders.services.moves import Refused
from orders.services.signing import sign
from tests.conftest import Cast
from tests.factories import draft_of, signed_order, signing_form
from tests.orders.pages import Controls, order_data, patient_of

pytestmark = pytest.mark.django_db


def place_of(practice: Practice, **more: Any) -> Location:
    given = {
        "name": "Second office", "address": "2 Sample Street", "city": "Otherton", "state": "NC",
        "zip_code": "27514", "takes_deliveries": True,
    } | more  # fmt: skip
    return Location.objects.create(practice=practice, **given)


def at(cast: Cast, who: str = "ada") -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(getattr(cast, who))
    return client


def sign_now(order: Order) -> Order:
    """Dr Ada signs what the review page shows of the order."""
    signer = order.prescriber.user
    return sign(order, by=signer, form=signing_form(order))


def text(page: Any) -> str:
    return unescape(page.content.decode()).replace("\u00a0", " ")


def written(cast: Cast, ship_to: str) -> Any:
    sent = order_data(cast, patient_of(cast.practice), ship_to=ship_to)
    return at(cast).post(f"/orders/new/{uuid.uuid4()}/", sent)


def test_the_form_offers_the_practices_own_open_delivery_addresses(cast: Cast) -> None:
    mine = place_of(cast.practice)
    place_of(cast.practice, name="Seen here", takes_deliveries=False, sees_patients=True)
    place_of(cast.practice, name="Closed", active=False)
    place_of(cast.other_practice, name="Foreign")
    page = text(at(cast).get(f"/orders/new/{uuid.uuid4()}/"))
    values = [control["value"] for control in Controls(page).named("ship_to")]
    assert values == ["patient", "practice", f"location-{mine.pk}"]
    assert "Second office: 2 Sample Street, Otherton, NC 27514" in page


@pytest.mark.parametrize("usual", ["patient", "practice"])
def test_where_orders_go_as_a_rule_is_preselected(cast: Cast, usual: str) -> None:
    Practice.objects.filter(pk=cast.practice.pk).update(default_ship_to=usual)
    page = text(at(cast).get(f"/orders/new/{uuid.uuid4()}/"))
    chosen = [c["value"] for c in Controls(page).named("ship_to") if "checked" in c]
    assert chosen == [usual]


def test_the_chosen_address_is_shown_wherever_the_order_is(cast: Cast) -> None:
    place = place_of(cast.practice)
    assert written(cast, f"location-{place.pk}").status_code == 302
    order = Order.objects.get()
    assert (order.ship_to, order.ship_to_location) == ("practice", place)
    address = "2 Sample Street, Otherton, NC 27514"
    client = at(cast)
    assert address in text(client.get(f"/orders/{order.reference}/review/"))
    edit = text(client.get(f"/orders/{order.reference}/edit/"))
    chosen = [c["value"] for c in Controls(edit).named("ship_to") if "checked" in c]
    assert chosen == [f"location-{place.pk}"]
    sign_now(order)
    for url in (f"/orders/{order.reference}/", f"/orders/{order.reference}/print/"):
        assert address in text(client.get(url)), url
    claims.claim(order, by=cast.phil)
    assert address in text(at(cast, "phil").get(f"/queue/{order.reference}/"))


@pytest.mark.parametrize("whose", ["foreign", "closed", "no_deliveries", "nobody"])
def test_no_order_goes_to_an_address_that_was_not_offered(cast: Cast, whose: str) -> None:
    place = {
        "foreign": lambda: place_of(cast.other_practice),
        "closed": lambda: place_of(cast.practice, active=False),
        "no_deliveries": lambda: place_of(
            cast.practice, takes_deliveries=False, sees_patients=True
        ),
        "nobody": lambda: Location(pk=999999),
    }[whose]()
    assert "Choose one of the listed answers" in text(written(cast, f"location-{place.pk}"))
    assert not Order.objects.exists()


def test_the_address_is_signed_and_cannot_change_afterwards(cast: Cast) -> None:
    place = place_of(cast.practice)
    order = draft_of(cast.ada)
    Order.objects.filter(pk=order.pk).update(ship_to="practice", ship_to_location=place)
    order = sign_now(Order.objects.get(pk=order.pk))
    signed = json.loads(order.signature.content)["order"]["ship_to_location"]
    assert (signed["address"], signed["city"]) == ("2 Sample Street", "Otherton")
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(ship_to_location=None)
    moved = {name: getattr(place, name) for name in PLACE} | {"address": "9 Sample Street"}
    change_location(place, moved, by=cast.ada, seen=mark(place, PLACE))
    verify(Order.objects.get(pk=order.pk))


def test_orders_without_a_further_address_are_signed_as_before(cast: Cast) -> None:
    order = signed_order(cast.ada)
    assert "ship_to_location" not in order_content(order, findings_now(order))


def test_a_closed_address_is_noticed_at_signing(cast: Cast) -> None:
    place = place_of(cast.practice)
    order = draft_of(cast.ada)
    Order.objects.filter(pk=order.pk).update(ship_to="practice", ship_to_location=place)
    close_location(place, by=cast.ada)
    with pytest.raises(Refused, match="no longer shipped to Second office"):
        sign_now(Order.objects.get(pk=order.pk))


def test_the_state_shipped_to_is_that_of_the_address(cast: Cast) -> None:
    order = draft_of(cast.ada)
    order.ship_to, order.ship_to_location = "practice", place_of(cast.practice, state="SC")
    assert ship_to_state(order) == "SC"


def test_a_patients_order_never_names_an_address_of_the_practice(cast: Cast) -> None:
    order = draft_of(cast.ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(
            ship_to="patient", ship_to_location=place_of(cast.practice)
        )
