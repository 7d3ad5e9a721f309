"""Redis killed, stopped and back; a worker killed in the middle: nothing is lost, nobody waits."""

from __future__ import annotations

import signal
import time

import pytest
from django.db import connection
from django.db.models.functions import Now

from events.models import Event
from notifications import relay, wake
from notifications.models import Delivery
from notifications.relay import Relay
from notifications.status import Channel, State
from tests.conftest import Cast
from tests.notifications.conftest import Programs, Redis, Smtp, event_of, mails, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]


def _time_of_event() -> float:
    begin = time.monotonic()
    event_of()
    return time.monotonic() - begin


def _all_sent(number: int) -> bool:
    return len(mails(state=State.SENT)) == number


@pytest.mark.parametrize("warm", [False, True], ids=["new connection", "pooled connection"])
@pytest.mark.parametrize("fault", [signal.SIGSTOP, signal.SIGKILL], ids=["hung", "killed"])
def test_a_submit_hardly_waits_for_a_lost_redis(
    cast: Cast, redis: Redis, fault: signal.Signals, warm: bool
) -> None:
    if warm:
        event_of()
    redis.signal(fault)
    assert _time_of_event() < 1
    # The breaker spares the next ones even that.
    assert _time_of_event() < 0.1
    assert Event.objects.undispatched().count() == (3 if warm else 2)


def test_the_bell_rings_without_redis(cast: Cast, redis: Redis) -> None:
    redis.kill()
    event_of()
    Relay().tick()
    assert Delivery.objects.filter(channel=Channel.BELL).count() == 2
    assert [mail.woken_at for mail in mails()] == [None, None]


def test_outages_are_made_good_once_redis_is_back(
    cast: Cast, redis: Redis, programs: Programs
) -> None:
    worker = programs.worker()
    programs.relay()
    event_of()
    until(lambda: _all_sent(2), 5)

    redis.signal(signal.SIGSTOP)
    assert _time_of_event() < 1
    until(lambda: Delivery.objects.filter(channel=Channel.BELL).count() == 4, 5)
    # Long enough for the worker to find its connection dead and to look for another.
    until(lambda: worker.said("Trying to re-establish"), 30)
    redis.signal(signal.SIGCONT)
    hung = until(lambda: _all_sent(4), 15)

    redis.kill()
    time.sleep(wake.PAUSE)
    assert _time_of_event() < 1
    # Long enough for the worker to end and to be started again in vain.
    until(lambda: worker.starts > 1, 30)
    redis.start()
    killed = until(lambda: _all_sent(6), 15)
    print(f"sent {hung:.1f} s after the hang, {killed:.1f} s after the restart")  # noqa: T201


def test_a_worker_killed_while_sending_is_made_good_with_the_same_message_id(
    cast: Cast, programs: Programs, smtp: Smtp
) -> None:
    cast.petra.is_active = False
    cast.petra.save()
    smtp.post.wait = 5
    worker = programs.worker(EMAIL_URL=smtp.url)
    programs.relay()
    event_of()
    until(lambda: smtp.post.handed, 5)
    worker.kill_all()
    smtp.post.wait = 0
    (mail,) = mails(state=State.SENDING)
    assert mail.lease_until
    # The lease is real; only the wait for its end is spared.
    Delivery.objects.filter(pk=mail.pk).update(lease_until=Now(), woken_at=None)
    until(lambda: _all_sent(1), 15)
    assert len(smtp.post.accepted) in {1, 2}
    assert len(set(smtp.post.message_ids())) == 1
    assert mails()[0].attempts == 2


def test_the_relay_ends_at_once(cast: Cast, redis: Redis, programs: Programs) -> None:
    program = programs.relay()
    event_of()
    until(lambda: not Event.objects.undispatched().exists(), 10)
    redis.signal(signal.SIGSTOP)
    event_of()
    until(lambda: not Event.objects.undispatched().exists(), 10)
    assert program.process
    begin = time.monotonic()
    program.process.terminate()
    assert program.process.wait(5) == 0
    assert time.monotonic() - begin < 1


def test_the_relay_outlives_a_lost_database_connection(cast: Cast, programs: Programs) -> None:
    program = programs.relay()
    event_of()
    until(lambda: not Event.objects.undispatched().exists(), 10)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    event_of()
    until(lambda: not Event.objects.undispatched().exists(), 10)
    assert program.starts == 1


def test_what_was_published_a_moment_ago_is_not_published_again(cast: Cast, redis: Redis) -> None:
    event_of()
    Relay().tick()
    assert wake.backlog() == 3
    Relay().tick()
    assert wake.backlog() == 3


def test_a_full_queue_is_not_filled_further(
    cast: Cast, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "ENOUGH", 1)
    event_of()
    Relay().tick()
    assert [mail.woken_at for mail in mails()] == [None, None]


def test_a_redis_that_came_back_empty_is_used(cast: Cast, redis: Redis) -> None:
    assert wake.backlog() == 0
