"""The proof within the act of signing, and reasons that an earlier order gave."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from orders.models import Order, Signature
from orders.services.revising import order_again
from tests.accounts.helpers import code_for, with_app
from tests.conftest import Cast
from tests.factories import draft, draft_of, signed_order
from tests.orders.pages import errors_of, sign_in, signing_data

pytestmark = pytest.mark.django_db


def page_of(client: Client, order: Order) -> object:
    return client.get(reverse("orders:review", args=[order.reference]))


def sign_with(client: Client, order: Order, given: str, **more: str) -> object:
    data = signing_data(page_of(client, order), password=given, **more)
    return client.post(reverse("orders:sign", args=[order.reference]), data)


@pytest.fixture
def client(cast: Cast) -> Client:
    return sign_in(cast.ada)


def test_the_apps_code_signs_as_the_password_does_and_once_only(cast: Cast) -> None:
    secret, one, two = with_app(cast.ada), draft_of(cast.ada), draft_of(cast.ada)
    client, code = sign_in(cast.ada), code_for(secret)
    spaced = f"{code[:3]} {code[3:]}"
    assert sign_with(client, one, spaced).status_code == 302  # type: ignore[attr-defined]
    assert Signature.objects.get(order=one).method == "code"
    again = sign_with(client, two, code)
    assert errors_of(again.content.decode()) == [  # type: ignore[attr-defined]
        "This code does not fit, or was used before. Wait for the next one."
    ]
    assert not Signature.objects.filter(order=two).exists()


def test_a_code_of_somebody_without_an_app_signs_nothing(client: Client, cast: Cast) -> None:
    order = draft_of(cast.ada)
    answer = sign_with(client, order, "123456")
    assert "does not fit" in answer.content.decode()  # type: ignore[attr-defined]
    assert not Signature.objects.exists()


def test_codes_and_passwords_share_one_limit(cast: Cast, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reauthenticate": "3/5m/user"}
    secret, order = with_app(cast.ada), draft_of(cast.ada)
    client = sign_in(cast.ada)
    for given in ("000000", "not it", "000001"):
        assert sign_with(client, order, given).status_code == 200  # type: ignore[attr-defined]
    assert sign_with(client, order, code_for(secret)).status_code == 429  # type: ignore[attr-defined]
    assert not Signature.objects.exists()


# --- reasons given before -----------------------------------------------------------------------
def reordered(cast: Cast) -> Order:
    """The same patient's order again, with the same two cautions, the first one cancelled."""
    told = {"cautions": ("liver_disease", "renal_disease")}
    first = signed_order(cast.ada, **told)
    assert first.findings.filter(level="warn").count() == 2
    Order.objects.filter(pk=first.pk).update(status="cancelled")
    return draft_of(cast.ada, patient=first.patient, reorder_of=first, **told)


def test_one_tick_keeps_every_reason_of_the_earlier_order(client: Client, cast: Cast) -> None:
    order = reordered(cast)
    html = page_of(client, order).content.decode()  # type: ignore[attr-defined]
    assert html.count("Reason on") == 2
    assert html.count('name="unchanged"') == 1
    bare = sign_with(client, order, "scruple-test-passphrase")
    assert errors_of(bare.content.decode()) == [  # type: ignore[attr-defined]
        "Tick “Unchanged”, or give another reason for each."
    ]
    done = sign_with(client, order, "scruple-test-passphrase", unchanged="on")
    assert done.status_code == 302  # type: ignore[attr-defined]
    texts = order.findings.filter(level="warn").values_list("reason_text", flat=True)
    assert order.reorder_of is not None
    assert all(f"unchanged since {order.reorder_of.reference}" in text for text in texts)


@pytest.mark.parametrize("whose", ["another patient", "another practice", "no order"])
def test_reasons_of_an_order_that_is_not_named_are_not_offered(
    client: Client, cast: Cast, whose: str
) -> None:
    told = {"cautions": ("liver_disease",)}
    first = signed_order(cast.ada if whose != "another practice" else cast.ben, **told)
    named = {} if whose != "another patient" else {"reorder_of": first}
    order = draft_of(cast.ada, **told, **named)
    html = page_of(client, order).content.decode()  # type: ignore[attr-defined]
    assert 'name="unchanged"' not in html
    answer = sign_with(client, order, "scruple-test-passphrase", unchanged="on")
    assert "Choose a reason to go on" in answer.content.decode()  # type: ignore[attr-defined]
    assert not Signature.objects.filter(order=order).exists()


def test_the_dose_is_confirmed_on_each_order(client: Client, cast: Cast) -> None:
    first = signed_order(cast.ada, treatment_status="new_start")
    Order.objects.filter(pk=first.pk).update(status="cancelled")
    again = order_again(first, by=cast.ada)
    assert again.reorder_of == first
    order = draft_of(
        cast.ada, patient=first.patient, reorder_of=first, treatment_status="new_start"
    )
    html = page_of(client, order).content.decode()  # type: ignore[attr-defined]
    assert "ack_confirm_dose" in html
    assert 'name="unchanged"' not in html
    assert draft(cast.ada).reorder_of is None


def test_the_practices_page_tells_of_damage_and_builds_nothing_upon_it(
    client: Client, cast: Cast
) -> None:

    order = signed_order(cast.ada)
    address = reverse("orders:detail", args=[order.reference])
    assert "Order again" in client.get(address).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE orders_order SET refills = 9 WHERE id = %s", [order.pk])
        cursor.execute("SET session_replication_role = origin")
    html = client.get(address).content.decode()
    assert "no longer says what was signed" in html
    assert "Order again" not in html
    assert client.get(reverse("orders:print", args=[order.reference])).status_code == 409
