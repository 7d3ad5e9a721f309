"""What must stay in the database: no patient in logs, titles, addresses or sessions' remains."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.tasks import forget_old_sessions
from orders.models import Order
from orders.services import claims
from tests.conftest import Cast
from tests.factories import PatientFactory, draft_of, signed_order

pytestmark = pytest.mark.django_db
CANARY = "Canaryfield"


def test_the_databases_log_holds_no_rows(cast: Cast) -> None:
    """A violated constraint would log the row and the statement by PostgreSQL's own defaults."""
    order = draft_of(cast.ada, note=CANARY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(days_supply=0)
    order.pk, order.note = None, CANARY
    with pytest.raises(IntegrityError), transaction.atomic():
        order.save(force_insert=True)
    log = (Path(os.environ["TEST_STACK_DIR"]) / "postgres.log").read_text(errors="replace")
    assert "violates" in log
    assert CANARY not in log


def test_titles_and_addresses_name_references_only(cast: Cast) -> None:
    patient = PatientFactory(practice=cast.practice, family_name=CANARY)
    order = signed_order(cast.ada, patient=patient)
    claims.claim(order, by=cast.phil)
    for person, paths in (
        (
            cast.ada,
            ["/orders/", f"/orders/{order.reference}/", f"/orders/{order.reference}/print/"],
        ),
        (cast.phil, ["/queue/", f"/queue/{order.reference}/"]),
    ):
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(person)
        for path in paths:
            html = client.get(path).content.decode()
            title = html[html.index("<title>") : html.index("</title>")]
            assert CANARY not in title
            assert not [part for part in html.split('href="')[1:] if CANARY in part.split('"')[0]]


def test_every_page_behind_sign_in_stays_out_of_caches(cast: Cast) -> None:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(cast.ada)
    for path in ("/orders/", "/orders/RX-00000000/", "/queue/", "/notifications/poll/"):
        assert "no-store" in client.get(path).headers["Cache-Control"], path


def test_a_search_leaves_no_name_in_the_address_and_old_sessions_go(cast: Cast) -> None:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(cast.ada)
    answer = client.post("/orders/", {"words": CANARY})
    assert CANARY not in answer.headers["Location"]
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    forget_old_sessions()
    assert not Session.objects.exists()


def test_the_staff_find_no_drafts(cast: Cast) -> None:
    order = draft_of(cast.ada)
    for person, code in ((cast.phil, 404), (cast.tess, 404), (cast.root, 404), (cast.ada, 403)):
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(person)
        assert client.get(f"/queue/{order.reference}/").status_code == code
