"""Who is told what, exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Membership, User
from events.models import Event
from notifications import audiences, catalogue, choices, services
from notifications.entry import Entry
from notifications.models import Delivery
from notifications.relay import Relay
from notifications.status import Category, Channel, State
from orders.models import Order
from tests.conftest import Cast
from tests.factories import signed_order
from tests.notifications.conftest import event_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are about rows; nothing is published."""
    monkeypatch.setattr("notifications.wake.publish", lambda *_: False)


@pytest.fixture
def order(cast: Cast, formulary: None) -> Order:
    return signed_order(cast.ada)


def told(event: Event, channel: Channel) -> set[User]:
    services.expand(event.pk)
    found = Delivery.objects.filter(event=event, channel=channel).select_related("recipient")
    return {one.recipient for one in found if one.recipient}


def test_every_active_pharmacist_hears_of_a_new_order(cast: Cast) -> None:
    event = event_of(urgent=False)
    assert told(event, Channel.BELL) == told(event, Channel.EMAIL) == {cast.phil, cast.petra}


def test_the_switch_urgent_only_spares_routine_mail_but_never_the_bell(cast: Cast) -> None:
    choices.choose(by=cast.phil, chosen=[Category.ORDER_URGENT])
    routine, urgent = event_of(urgent=False), event_of(urgent=True)
    assert told(routine, Channel.EMAIL) == {cast.petra}
    assert told(routine, Channel.BELL) == {cast.phil, cast.petra}
    assert told(urgent, Channel.EMAIL) == {cast.phil, cast.petra}


def test_who_left_or_lost_the_role_hears_nothing_and_an_administrator_stands_in(
    cast: Cast,
) -> None:
    User.objects.filter(pk=cast.phil.pk).update(is_active=False)
    assert told(event_of(), Channel.BELL) == {cast.petra}
    Membership.objects.filter(user=cast.petra).update(role="technician")
    assert told(event_of(), Channel.BELL) == {cast.root}


@pytest.mark.parametrize("kind", ["clarification_asked", "approved", "rejected"])
def test_the_prescriber_hears_of_decisions(cast: Cast, order: Order, kind: str) -> None:
    event = event_of(f"order.{kind}", order=order.pk, reason="x")
    assert told(event, Channel.BELL) == told(event, Channel.EMAIL) == {cast.ada}


def test_for_a_prescriber_who_left_the_practice_an_administrator_hears(
    cast: Cast, order: Order
) -> None:
    Membership.objects.filter(user=cast.ada).update(practice=cast.other_practice)
    event = event_of("order.approved", order=order.pk)
    assert told(event, Channel.EMAIL) == {cast.root}
    assert catalogue.text(event, cast.root).path.startswith("/queue/")


def test_the_asking_pharmacist_hears_the_answer(cast: Cast) -> None:
    event = event_of("order.clarification_answered", asked_by=cast.phil.pk, choice="x")
    assert told(event, Channel.EMAIL) == {cast.phil}


def test_whom_a_cancellation_concerns_hears_of_it_and_else_nobody(cast: Cast) -> None:
    concerned = [cast.petra.pk]
    held = event_of("order.cancelled", concerned=concerned, was="in_review", reason="x")
    free = event_of("order.cancelled", concerned=[], was="submitted", reason="x")
    assert told(held, Channel.EMAIL) == {cast.petra}
    assert told(free, Channel.BELL) == set()


@pytest.mark.parametrize("kind", ["order.claimed", "order.given_back", "something.else"])
def test_other_events_are_dispatched_to_nobody(cast: Cast, kind: str) -> None:
    event = event_of(kind)
    assert told(event, Channel.BELL) == set()
    event.refresh_from_db()
    assert event.dispatched_at


def test_expanding_again_changes_nothing(cast: Cast) -> None:
    event = event_of()
    assert len(services.expand(event.pk)) == 2
    assert services.expand(event.pk) == []
    assert Delivery.objects.count() == 4


def test_an_address_and_a_user_are_told_apart(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def audience(event: Event) -> Iterator[audiences.Recipient]:
        yield from (cast.phil, "lead@example.org")

    entry = Entry(audience=audience, category=Category.ACCOUNT, page="queue:review", action="Look")
    monkeypatch.setitem(catalogue.CATALOGUE, "order.submitted", entry)
    services.expand(event_of().pk)
    rows = Delivery.objects.values_list("channel", "recipient", "address")
    assert set(rows) == {
        ("bell", cast.phil.pk, ""),
        ("email", cast.phil.pk, ""),
        ("email", None, "lead@example.org"),
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"recipient": None, "address": ""},
        {"address": "both@example.org"},
        {"state": State.SENDING},
        {"state": State.SENT},
        {"channel": Channel.BELL},
    ],
)
def test_the_database_refuses_halves(cast: Cast, wrong: dict[str, object]) -> None:
    row = {"event": event_of(), "channel": Channel.EMAIL, "recipient": cast.phil} | wrong
    with transaction.atomic(), pytest.raises(IntegrityError):
        Delivery.objects.create(**row)


@pytest.mark.parametrize("whom", ["recipient", "address"])
def test_the_database_refuses_a_second_copy(cast: Cast, whom: str) -> None:
    row = {"event": event_of(), "channel": Channel.EMAIL}
    row[whom] = cast.phil if whom == "recipient" else "lead@example.org"
    Delivery.objects.create(**row)
    with transaction.atomic(), pytest.raises(IntegrityError):
        Delivery.objects.create(**row)


# --- Notices that are settled ---------------------------------------------------------------------
def unread(user: User) -> int:
    return Delivery.objects.visible_to(user).unread().count()


def test_claiming_an_order_closes_its_notice_for_everybody(cast: Cast) -> None:
    first, other = event_of(order=1001), event_of(order=1002)
    for event in (first, other, event_of("order.claimed", by=cast.phil, order=1001)):
        services.expand(event.pk)
    assert unread(cast.phil) == unread(cast.petra) == 1
    open_one = Delivery.objects.visible_to(cast.petra).unread().get()
    assert open_one.event == other


def test_events_expanded_out_of_order_end_alike(cast: Cast) -> None:
    submitted = event_of(order=1001)
    claimed = event_of("order.claimed", by=cast.phil, order=1001)
    services.expand(claimed.pk)
    services.expand(submitted.pk)
    assert unread(cast.phil) == unread(cast.petra) == 0


# --- The relay --------------------------------------------------------------------------------------
def test_an_event_that_fails_does_not_hold_up_the_others(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(event: Event) -> list[audiences.Recipient]:
        raise Order.DoesNotExist

    entry = Entry(audience=broken, category=Category.ACCOUNT, page="queue:review", action="Look")
    monkeypatch.setitem(catalogue.CATALOGUE, "order.rejected", entry)
    monkeypatch.setattr("notifications.relay.BATCH", 2)
    bad = [event_of("order.rejected") for _ in range(3)]
    good = event_of()
    relay = Relay()
    for _ in range(3):
        relay.tick()
    assert set(Event.objects.undispatched()) == set(bad)
    good.refresh_from_db()
    assert good.dispatched_at


@pytest.mark.django_db(transaction=True)
def test_many_who_expand_at_once_write_one_set(cast: Cast) -> None:
    events = [event_of() for _ in range(4)]

    def expand(number: int) -> list[int]:
        try:
            return services.expand(events[number % 4].pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(expand, range(32)))
    assert sorted(len(result) for result in results if result) == [2, 2, 2, 2]
    assert Delivery.objects.count() == 16
