"""One attempt: the claim, the fence, giving up and starting over."""

from __future__ import annotations

import asyncio
import random
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models.functions import Now
from pytest_django import Settings

from notifications import catalogue, choices, sending, services
from notifications.mail import CutOff, SmtpBackend
from notifications.models import Delivery
from notifications.status import MAX_ATTEMPTS, WAITS, Channel, State
from tests.conftest import Cast
from tests.notifications.conftest import Smtp, again, make_due

pytestmark = pytest.mark.django_db
with_threads = pytest.mark.django_db(transaction=True)


@contextmanager
def at_the_same_time(task: object) -> Iterator[None]:
    def run() -> None:
        try:
            task()  # type: ignore[operator]
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join()


# --- The claim ------------------------------------------------------------------------------------
@with_threads
def test_duplicate_messages_send_one_mail(mail: Delivery, smtp: Smtp) -> None:
    def send(_: int) -> None:
        try:
            sending.send(mail.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(send, range(18)))
    assert len(smtp.post.handed) == 1
    assert again(mail).state == State.SENT
    assert mail.attempts == 1


@with_threads
def test_the_claim_is_committed_before_the_network_and_no_transaction_stays_open(
    mail: Delivery, smtp: Smtp
) -> None:
    smtp.post.wait = 0.5
    with at_the_same_time(lambda: sending.send(mail.pk)):
        deadline = time.monotonic() + 5
        while not smtp.post.handed and time.monotonic() < deadline:
            time.sleep(0.01)
        assert again(mail).state == State.SENDING
        assert mail.lease_until
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
            )
            assert cursor.fetchone() == (0,)
    assert again(mail).state == State.SENT


def test_a_send_inside_a_transaction_is_refused(mail: Delivery) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        sending.send(mail.pk)


def test_what_is_not_due_or_is_leased_is_left_alone(mail: Delivery, smtp: Smtp) -> None:
    Delivery.objects.filter(pk=mail.pk).update(due_at=Now() + timedelta(seconds=5))
    sending.send(mail.pk)
    make_due(
        mail,
        state=State.SENDING,
        lease_token=uuid.uuid4(),
        lease_until=Now() + timedelta(seconds=5),
    )
    sending.send(mail.pk)
    assert smtp.post.handed == []


def test_an_expired_lease_is_taken_over(mail: Delivery, smtp: Smtp) -> None:
    make_due(mail, state=State.SENDING, lease_token=uuid.uuid4(), lease_until=Now(), attempts=1)
    sending.send(mail.pk)
    assert again(mail).state == State.SENT
    assert mail.attempts == 2


# --- The fence ------------------------------------------------------------------------------------
@with_threads
def test_a_result_that_comes_after_the_lease_was_lost_is_not_recorded(
    mail: Delivery, smtp: Smtp
) -> None:
    smtp.post.data_reply = "451 later"
    smtp.post.wait = 0.5
    theirs = uuid.uuid4()
    with at_the_same_time(lambda: sending.send(mail.pk)):
        deadline = time.monotonic() + 5
        while not smtp.post.handed and time.monotonic() < deadline:
            time.sleep(0.01)
        Delivery.objects.filter(pk=mail.pk).update(lease_token=theirs)
    assert again(mail).lease_token == theirs
    assert mail.state == State.SENDING
    assert mail.last_error == ""


def test_a_sender_that_slept_through_its_time_sends_nothing(
    mail: Delivery, smtp: Smtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "CUT_OFF", 0.3)

    async def slow_rcpt(server: object, session: object, envelope: object, *rest: object) -> str:
        await asyncio.sleep(0.6)
        return "250 OK"

    monkeypatch.setattr(smtp.post, "handle_RCPT", slow_rcpt)
    sending.send(mail.pk)
    time.sleep(0.6)
    assert smtp.post.handed == []
    assert again(mail).state == State.QUEUED


def test_nothing_is_handed_over_after_the_deadline_even_on_an_open_connection(smtp: Smtp) -> None:
    backend = SmtpBackend(deadline=time.monotonic() + 0.3)
    backend.open()
    time.sleep(0.4)
    with pytest.raises(CutOff):
        backend.send_messages([EmailMessage("s", "b", to=["phil@example.org"])])
    backend.abort()
    assert smtp.post.handed == []


# --- Giving up and trying again -----------------------------------------------------------------
def test_ten_attempts_span_about_a_day() -> None:
    random.seed(1)
    for _ in range(200):
        total = sum((sending.wait_after(n) for n in range(1, MAX_ATTEMPTS)), timedelta())
        assert timedelta(hours=19) < total < timedelta(hours=29)
    assert MAX_ATTEMPTS == 10
    assert list(WAITS) == sorted(WAITS)


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [
        (1, 10),
        (2, 30),
        (3, 120),
        (4, 600),
        (5, 1800),
        (6, 7200),
        (7, 14400),
        (8, 28800),
        (9, 32400),
    ],
)
def test_each_wait_is_spread_around_its_place_in_the_table(attempts: int, seconds: int) -> None:
    found = [sending.wait_after(attempts).total_seconds() for _ in range(50)]
    assert all(0.85 * seconds <= one <= 1.15 * seconds for one in found)
    assert len(set(found)) > 10


def test_after_ten_attempts_it_is_given_up_and_an_administrator_can_start_over(
    mail: Delivery, smtp: Smtp, cast: Cast
) -> None:
    smtp.post.data_reply = "451 later"
    for attempt in range(1, MAX_ATTEMPTS + 1):
        make_due(mail)
        sending.send(mail.pk)
        assert again(mail).attempts == attempt
    assert mail.state == State.DEAD
    make_due(mail)
    sending.send(mail.pk)
    assert len(smtp.post.handed) == MAX_ATTEMPTS
    assert services.retry(mail, by=cast.root)
    smtp.post.data_reply = None
    sending.send(mail.pk)
    assert again(mail).state == State.SENT
    assert not services.retry(mail, by=cast.root)


def test_a_sender_that_died_at_the_last_attempt_is_given_up(mail: Delivery) -> None:
    make_due(
        mail,
        state=State.SENDING,
        lease_token=uuid.uuid4(),
        lease_until=Now(),
        attempts=MAX_ATTEMPTS,
    )
    sending.send(mail.pk)
    assert again(mail).state == State.SENDING
    assert sending.bury_exhausted() == 1
    assert again(mail).state == State.DEAD


@pytest.mark.parametrize("left", [True, False])
def test_the_recipient_is_looked_at_again_before_sending(
    mail: Delivery, smtp: Smtp, cast: Cast, left: bool
) -> None:
    if left:
        type(cast.phil).objects.filter(pk=cast.phil.pk).update(is_active=False)
    else:
        choices.choose(by=cast.phil, chosen=[])
    sending.send(mail.pk)
    assert again(mail).state == State.SUPPRESSED
    assert smtp.post.handed == []


def test_a_bare_address_is_written_to_while_its_audience_names_it(
    mail: Delivery, smtp: Smtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = Delivery.objects.create(
        event=mail.event, channel=Channel.EMAIL, address="lead@example.org"
    )
    monkeypatch.setattr(catalogue, "recipients", lambda *_: ["lead@example.org"])
    sending.send(bare.pk)
    assert again(bare).state == State.SENT
    assert smtp.post.accepted[0].rcpt_tos == ["lead@example.org"]


# --- Files ----------------------------------------------------------------------------------------
def test_a_mail_file_is_named_after_the_message_id_and_whole(
    mail: Delivery, settings: Settings, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "notifications.mail.FileBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    for _ in range(2):
        Delivery.objects.filter(pk=mail.pk).update(state=State.QUEUED, sent_at=None)
        sending.send(mail.pk)
        assert again(mail).state == State.SENT
    (file,) = (tmp_path / "mail").iterdir()
    assert file.name == f"{mail.message_id.partition('@')[0]}.eml"
    assert f"Message-ID: <{mail.message_id}>" in file.read_text()
