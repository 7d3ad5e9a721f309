"""What each answer of a mail server leads to, and how long an attempt may last."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import threading
import time
from datetime import timedelta

import pytest
from pytest_django import Settings

from notifications import sending, services
from notifications.mail import CutOff
from notifications.models import Delivery
from notifications.status import State
from tests.conftest import Cast
from tests.notifications.conftest import Smtp, again, event_of, mails, make_due

pytestmark = pytest.mark.django_db


# --- What the server says -----------------------------------------------------------------------
def test_a_later_please_is_tried_again_with_the_same_message_id(mail: Delivery, smtp: Smtp) -> None:
    smtp.post.data_reply = "451 4.3.0 try later, dear phil@example.org"
    sending.send(mail.pk)
    assert (again(mail).state, mail.last_error) == (State.QUEUED, "SMTPDataError 451")
    assert mail.due_at > mail.created_at + timedelta(seconds=5)
    smtp.post.data_reply = None
    make_due(mail)
    sending.send(mail.pk)
    assert again(mail).state == State.SENT
    assert len(set(smtp.post.message_ids())) == 1
    assert len(smtp.post.message_ids()) == 2


@pytest.mark.parametrize(
    ("rcpt", "data", "state", "error"),
    [
        ("550 5.1.1 no such user", None, State.DEAD, "SMTPRecipientsRefused 550"),
        (None, "554 5.7.1 refused", State.DEAD, "SMTPDataError 554"),
        ("450 4.2.0 grey", None, State.QUEUED, "SMTPRecipientsRefused 450"),
    ],
)
def test_a_refusal_for_good_is_given_up_at_once(
    mail: Delivery, smtp: Smtp, rcpt: str | None, data: str | None, state: State, error: str
) -> None:
    smtp.post.rcpt_reply, smtp.post.data_reply = rcpt, data
    sending.send(mail.pk)
    assert (again(mail).state, mail.last_error) == (state, error)


def test_one_bad_address_does_not_hold_up_the_rest(cast: Cast, smtp: Smtp) -> None:
    async def refuse_phil(
        server: object, session: object, envelope: object, address: str, options: object
    ) -> str:
        envelope.rcpt_tos.append(address)  # type: ignore[attr-defined]
        return "550 no" if address.startswith("phil") else "250 OK"

    smtp.post.handle_RCPT = refuse_phil  # type: ignore[method-assign]
    services.expand(event_of().pk)
    for delivery in mails():
        sending.send(delivery.pk)
    assert {one.recipient: one.state for one in mails()} == {
        cast.phil: State.DEAD,
        cast.petra: State.SENT,
    }


def test_an_answer_that_got_lost_is_tried_again_and_says_so(mail: Delivery, smtp: Smtp) -> None:
    smtp.post.drop = True
    sending.send(mail.pk)
    assert (again(mail).state, mail.last_error) == (State.QUEUED, "MaybeSent")
    smtp.post.drop = False
    make_due(mail)
    sending.send(mail.pk)
    assert again(mail).state == State.SENT
    assert len(smtp.post.accepted) == 2
    assert len(set(smtp.post.message_ids())) == 1


def test_a_refused_connection_is_tried_again(mail: Delivery, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "notifications.mail.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    sending.send(mail.pk)
    assert (again(mail).state, mail.last_error) == (State.QUEUED, "ConnectionRefusedError")


def test_a_slow_server_is_cut_off(mail: Delivery, smtp: Smtp, settings: Settings) -> None:
    smtp.post.wait = 30
    settings.EMAIL_TIMEOUT = 1
    begin = time.monotonic()
    sending.send(mail.pk)
    assert time.monotonic() - begin < 2
    assert again(mail).state == State.QUEUED
    assert mail.last_error == "MaybeSent"


def test_a_server_that_drips_is_cut_off_in_total(
    mail: Delivery, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte comes within the time-out of a single read."""
    monkeypatch.setattr(sending, "CUT_OFF", 1.0)
    settings.EMAIL_BACKEND = "notifications.mail.SmtpBackend"
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()

        def drip() -> None:
            peer, _ = server.accept()
            with peer:
                for _ in range(40):
                    try:
                        peer.sendall(b"2")
                    except OSError:
                        return
                    time.sleep(0.1)

        threading.Thread(target=drip, daemon=True).start()
        begin = time.monotonic()
        sending.send(mail.pk)
        assert time.monotonic() - begin < 1.6
    assert again(mail).state == State.QUEUED


def test_a_name_that_cannot_be_looked_up_is_cut_off(
    mail: Delivery, smtp: Smtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "CUT_OFF", 0.3)

    def look_up(*args: object, **options: object) -> object:
        time.sleep(1.5)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    begin = time.monotonic()
    sending.send(mail.pk)
    assert time.monotonic() - begin < 1
    assert (again(mail).state, mail.last_error) == (State.QUEUED, "CutOff")


def test_a_slow_farewell_does_not_undo_an_accepted_mail(mail: Delivery, smtp: Smtp) -> None:
    async def dawdle(server: object, session: object, envelope: object) -> str:
        await asyncio.sleep(3)
        return "221 bye"

    smtp.post.handle_QUIT = dawdle  # type: ignore[attr-defined]
    begin = time.monotonic()
    sending.send(mail.pk)
    assert time.monotonic() - begin < 1
    assert again(mail).state == State.SENT


# --- What is permanent --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("error", "permanent"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"")}), True),
        (smtplib.SMTPRecipientsRefused({"a": (451, b"")}), False),
        (smtplib.SMTPDataError(554, b""), True),
        (smtplib.SMTPDataError(452, b""), False),
        (smtplib.SMTPSenderRefused(550, b"", "x"), False),
        (smtplib.SMTPAuthenticationError(535, b""), False),
        (smtplib.SMTPServerDisconnected(), False),
        (CutOff(), False),
        (ValueError("x"), False),
    ],
)
def test_only_a_refused_recipient_or_message_is_permanent(
    error: Exception, permanent: bool
) -> None:
    assert sending.is_permanent(error) is permanent
