"""The bell's pages, the poll, the switch and the administrator's list."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from events.models import Event
from notifications import polling, services
from notifications.models import Delivery
from notifications.status import Channel, State
from orders.models import Order
from orders.services import claims
from tests.conftest import Cast
from tests.factories import signed_order
from tests.notifications.conftest import event_of

pytestmark = pytest.mark.django_db
POLL = "/notifications/poll/"


@pytest.fixture(autouse=True)
def _no_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.wake.publish", lambda *_: False)


@pytest.fixture
def as_(client: Client) -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in


As = Callable[[User], Client]


def ring(times: int = 1) -> None:
    for _ in range(times):
        services.expand(event_of().pk)


def notice_of(user: User) -> Delivery:
    return Delivery.objects.visible_to(user).newest_first()[0]


# --- The list ---------------------------------------------------------------------------------------
def test_the_list_says_when_nothing_ever_came(cast: Cast, as_: As) -> None:
    assert "No notifications yet" in as_(cast.phil).get(reverse("notifications:list")).text


def test_the_list_says_when_everything_was_read(cast: Cast, as_: As) -> None:
    ring()
    services.mark_all_read(by=cast.phil)
    page = as_(cast.phil).get(reverse("notifications:list"), {"show": "unread"}).text
    assert "Nothing unread" in page


def test_the_list_shows_25_a_page_newest_first(cast: Cast, as_: As) -> None:
    ring(30)
    client = as_(cast.phil)
    first = client.get(reverse("notifications:list"))
    assert first.text.count("Review order") == 25
    older = client.get(reverse("notifications:list"), {"before": first.context["page"].older})
    assert older.text.count("Review order") == 5
    assert "Newest" in older.text


@pytest.mark.parametrize("before", ["x", "-1", "0", "٣", "9" * 30, "1e3", "1\x00"])
def test_a_senseless_page_is_the_first(cast: Cast, as_: As, before: str) -> None:
    ring()
    page = as_(cast.phil).get(reverse("notifications:list"), {"before": before})
    assert page.text.count("Review order") == 1


def test_the_list_needs_as_many_statements_for_25_as_for_2(cast: Cast, as_: As) -> None:
    client = as_(cast.phil)

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(reverse("notifications:list"))
        return len(found)

    ring(2)
    client.get(reverse("notifications:list"))
    few = statements()
    ring(25)
    assert statements() == few


def test_looking_changes_nothing(cast: Cast, as_: As) -> None:
    ring()
    client = as_(cast.phil)
    client.get(reverse("notifications:list"))
    client.get(POLL)
    assert notice_of(cast.phil).seen_at is None


# --- Seen, read -------------------------------------------------------------------------------------
def test_opening_the_list_clears_the_count_but_reads_nothing(cast: Cast, as_: As) -> None:
    ring(2)
    newest = notice_of(cast.phil)
    client = as_(cast.phil)
    assert client.post(reverse("notifications:seen"), {"up_to": newest.pk}).status_code == 204
    assert polling.bell(cast.phil).unread == 0
    assert polling.bell(cast.petra).unread == 2
    assert Delivery.objects.visible_to(cast.phil).unread().count() == 2


def test_what_came_after_the_list_was_drawn_still_counts(cast: Cast, as_: As) -> None:
    ring()
    shown = notice_of(cast.phil)
    ring()
    as_(cast.phil).post(reverse("notifications:seen"), {"up_to": shown.pk})
    assert polling.bell(cast.phil).unread == 1


@pytest.mark.parametrize("up_to", ["", "x", "-5", "9" * 40])
def test_a_senseless_seen_changes_nothing(cast: Cast, as_: As, up_to: str) -> None:
    ring()
    assert as_(cast.phil).post(reverse("notifications:seen"), {"up_to": up_to}).status_code == 204
    assert polling.bell(cast.phil).unread == 1


def test_opening_a_notice_reads_it_and_leads_to_the_order(cast: Cast, as_: As) -> None:
    ring(2)
    notice = notice_of(cast.phil)
    answer = as_(cast.phil).post(reverse("notifications:open", args=[notice.pk]))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("queue:review", args=[notice.event.reference])
    notice.refresh_from_db()
    assert notice.read_at
    assert notice.seen_at
    assert Delivery.objects.visible_to(cast.phil).unread().count() == 1


def test_a_notice_is_not_opened_by_a_get(cast: Cast, as_: As) -> None:
    ring()
    url = reverse("notifications:open", args=[notice_of(cast.phil).pk])
    assert as_(cast.phil).get(url).status_code == 405


def test_anothers_notice_and_an_e_mail_are_not_found(cast: Cast, as_: As) -> None:
    ring()
    foreign = notice_of(cast.petra)
    mail = Delivery.objects.filter(channel=Channel.EMAIL, recipient=cast.phil)[0]
    client = as_(cast.phil)
    for pk in (foreign.pk, mail.pk, 10**9):
        assert client.post(reverse("notifications:open", args=[pk])).status_code == 404
    foreign.refresh_from_db()
    assert foreign.read_at is None


def test_all_can_be_marked_as_read(cast: Cast, as_: As) -> None:
    ring(3)
    as_(cast.phil).post(reverse("notifications:read_all"))
    assert Delivery.objects.visible_to(cast.phil).unread().count() == 0
    assert Delivery.objects.visible_to(cast.petra).unread().count() == 3


# --- The poll ---------------------------------------------------------------------------------------
def test_the_poll_is_silent_until_something_happens(cast: Cast, as_: As) -> None:
    client = as_(cast.phil)
    first = client.get(POLL).json()
    assert first == {"stamp": "0.0", "unread": 0}
    assert client.get(POLL, {"since": first["stamp"]}).status_code == 204
    ring()
    assert client.get(POLL, {"since": first["stamp"]}).json()["unread"] == 1


@pytest.mark.parametrize("since", ["", "x", "\x00", "9" * 5000, "1.2.3.4.5", "' OR 1=1"])
@pytest.mark.parametrize("queue_since", [None, "", "-1", "x", "9" * 25, "٣"])
def test_senseless_stamps_are_taken_as_none(
    cast: Cast, as_: As, since: str, queue_since: str | None
) -> None:
    ring()
    data = {"since": since} | ({"queue_since": queue_since} if queue_since is not None else {})
    answer = as_(cast.phil).get(POLL, data)
    assert answer.status_code == 200
    assert answer.json()["unread"] == 1


def test_the_poll_counts_up_to_a_hundred(cast: Cast) -> None:
    event = event_of()
    Delivery.objects.bulk_create(
        Delivery(
            event=Event.objects.create(kind="x", subject="y", subject_id=n, reference="z"),
            channel=Channel.BELL,
            recipient=cast.phil,
            state=State.SENT,
            sent_at=event.at,
        )
        for n in range(105)
    )
    assert polling.bell(cast.phil).unread == 100


@pytest.fixture
def order(cast: Cast, formulary: None) -> Order:
    return signed_order(cast.ada)


def test_the_queue_part_tells_new_orders_and_who_took_one(
    cast: Cast, as_: As, order: Order
) -> None:
    client = as_(cast.phil)
    stamp = polling.queue_stamp()
    new = signed_order(cast.ada)
    claims.claim(order, by=cast.petra)
    queue = client.get(POLL, {"queue_since": stamp}).json()["queue"]
    assert queue["new"] == 1
    rows = {row["reference"]: row for row in queue["changed"]}
    assert rows[order.reference]["holder"] == "Petra Pharmacist"
    assert rows[order.reference]["state"] == "in_review"
    assert rows[new.reference] == {
        "reference": new.reference,
        "state": "submitted",
        "label": "Received by pharmacy",
        "holder": "",
    }


def test_an_order_of_ones_own_is_held_by_you(cast: Cast, as_: As, order: Order) -> None:
    stamp = polling.queue_stamp()
    claims.claim(order, by=cast.phil)
    answer = as_(cast.phil).get(POLL, {"queue_since": stamp}).json()
    assert [row["holder"] for row in answer["queue"]["changed"]] == ["you"]
    again = as_(cast.phil).get(POLL, {"queue_since": stamp, "since": answer["stamp"]})
    assert again.status_code == 204


def test_a_practice_hears_nothing_of_the_queue(cast: Cast, as_: As, order: Order) -> None:
    assert "queue" not in as_(cast.ada).get(POLL, {"queue_since": 1}).json()


def test_the_poll_takes_four_statements_besides_session_and_user(
    cast: Cast, as_: As, order: Order
) -> None:
    ring(3)
    client = as_(cast.phil)
    client.get(POLL)
    with CaptureQueriesContext(connection) as found:
        client.get(POLL, {"queue_since": 1})
    own = [one for one in found if not re.search("django_session|FROM .accounts_user", one["sql"])]
    assert len(own) <= 4, [one["sql"][:90] for one in own]


def test_a_stranger_is_sent_to_sign_in(client: Client, db: None) -> None:
    assert client.get(POLL).status_code == 302


# --- The administrator ------------------------------------------------------------------------------
def test_an_administrator_sees_the_dead_and_tries_again(cast: Cast, as_: As) -> None:
    ring()
    dead = Delivery.objects.filter(channel=Channel.EMAIL, recipient=cast.phil)
    dead.update(state=State.DEAD, attempts=10, last_error="SMTPRecipientsRefused 550")
    client, url = as_(cast.root), reverse("notifications:deliveries")
    page = client.get(url).text
    assert "SMTPRecipientsRefused 550" in page
    assert "Phil Pharmacist" in page
    assert client.post(reverse("notifications:retry", args=[dead[0].pk])).status_code == 302
    assert (dead[0].state, dead[0].attempts) == (State.QUEUED, 0)
    assert "Nothing needs attention" in client.get(url).text


def test_a_bell_cannot_be_tried_again(cast: Cast, as_: As) -> None:
    ring()
    url = reverse("notifications:retry", args=[notice_of(cast.phil).pk])
    assert as_(cast.root).post(url).status_code == 404


def test_only_administrators_see_deliveries(cast: Cast, as_: As) -> None:
    ring()
    pk = Delivery.objects.filter(channel=Channel.EMAIL)[0].pk
    for user in (cast.ada, cast.nils, cast.tess, cast.phil):
        client = as_(user)
        assert client.get(reverse("notifications:deliveries")).status_code == 403
        assert client.post(reverse("notifications:retry", args=[pk])).status_code == 403
