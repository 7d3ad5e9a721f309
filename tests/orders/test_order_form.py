"""From the blank form to the signed order, as a browser without scripts sends it."""

from __future__ import annotations

import pytest

from orders.models import Order
from orders.status import Status
from tests.conftest import Cast
from tests.orders.pages import order_data, sign_in, signing_data

pytestmark = pytest.mark.django_db


def test_an_order_is_typed_reviewed_signed_and_shown(cast: Cast) -> None:
    client = sign_in(cast.ada)
    answer = client.get("/orders/new/", follow=True)
    assert answer.status_code == 200
    address = answer.redirect_chain[-1][0]
    answer = client.post(address, order_data(cast), follow=True)
    assert answer.status_code == 200, answer.content.decode()
    order = Order.objects.get()
    assert answer.redirect_chain[-1][0] == f"/orders/{order.reference}/review/"
    answer = client.post(f"/orders/{order.reference}/sign/", signing_data(answer), follow=True)
    assert answer.redirect_chain[-1][0] == f"/orders/{order.reference}/"
    order.refresh_from_db()
    assert order.status == Status.SUBMITTED
    assert "The pharmacy has this order" in answer.content.decode()
