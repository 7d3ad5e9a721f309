"""Real servers and processes for the tests of delivery: Redis, worker, relay, SMTP."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from celery import current_app
from django.db import connection, transaction
from django.db.models.functions import Now
from kombu import pools
from pytest_django import Settings

from accounts.models import User
from config.stack import broker as stack_broker
from events.models import Event
from events.services import record
from notifications import services, wake
from notifications.models import Delivery
from notifications.status import Channel
from tests.conftest import Cast

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Settings) -> None:
    """Pages are drawn without collected files."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


def until(condition: Callable[[], object], seconds: float) -> float:
    """Wait for `condition`; the seconds it took. Fails when they are over."""
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > seconds:
            pytest.fail(f"not within {seconds} s: {condition}")
        time.sleep(0.02)
    return time.monotonic() - begin


def event_of(kind: str = "order.submitted", by: User | None = None, **data: object) -> Event:
    """An event as a service writes it: committed, listeners told."""
    number = next(_numbers)
    with transaction.atomic():
        return record(
            kind,
            subject="order",
            subject_id=int(data.pop("order", number)),  # type: ignore[call-overload]
            reference=f"RX-TEST{number:04d}",
            by=by,
            data=data,
        )


def mails(**where: object) -> list[Delivery]:
    return list(Delivery.objects.filter(channel=Channel.EMAIL, **where).order_by("pk"))


@pytest.fixture
def mail(cast: Cast) -> Delivery:
    """One e-mail to be sent: Phil's; Petra is on leave."""
    cast.petra.is_active = False
    cast.petra.save()
    services.expand(event_of().pk)
    (delivery,) = mails()
    return delivery


def again(mail: Delivery) -> Delivery:
    mail.refresh_from_db()
    return mail


def make_due(mail: Delivery, **changes: object) -> None:
    Delivery.objects.filter(pk=mail.pk).update(due_at=Now(), **changes)


# --- Redis ---------------------------------------------------------------------------------------
class Redis:
    """A Redis of its own that can be killed, stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"redis+socket://{quote(str(self.socket))}?virtual_host=0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [str(stack_broker.binary()), "--port", "0", "--unixsocket", str(self.socket)]
        command += ["--dir", str(self.folder), "--save", "", "--appendonly", "yes"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until(self.answers, 10)

    def answers(self) -> bool:
        client = socket.socket(socket.AF_UNIX)
        with client:
            client.settimeout(1)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def signal(self, number: signal.Signals) -> None:
        assert self.process
        self.process.send_signal(number)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()


def _point_celery_at(url: str) -> None:
    pools.reset()
    current_app.conf.update(broker_url=url)
    wake.breaker.reset()


@pytest.fixture
def redis() -> Iterator[Redis]:
    folder = Path(tempfile.mkdtemp(prefix="scruple-r-"))
    server, usual = Redis(folder), current_app.conf.broker_url
    server.start()
    _point_celery_at(server.url)
    yield server
    _point_celery_at(usual)
    server.signal(signal.SIGCONT)
    server.kill()
    shutil.rmtree(folder, ignore_errors=True)


# --- Worker and relay ----------------------------------------------------------------------------
class Program:
    """A process group that is started again when it ends, as the supervisor does."""

    def __init__(self, command: list[str], env: dict[str, str], log: Path) -> None:
        self.command, self.env, self.log = command, env, log
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        self._wanted = threading.Event()
        self._minder = threading.Thread(target=self._mind, daemon=True)

    def start(self) -> Program:
        self._wanted.set()
        self._spawn()
        self._minder.start()
        return self

    def _spawn(self) -> None:
        self.starts += 1
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.env, stdout=log, stderr=log, start_new_session=True
            )

    def _mind(self) -> None:
        while self._wanted.is_set():
            if self.process and self.process.poll() is not None:
                time.sleep(3)
                if self._wanted.is_set():
                    self._spawn()
            time.sleep(0.05)

    def kill_all(self) -> None:
        """kill -9 for the leader and its pool."""
        if self.process:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            self.process.wait()

    def stop(self) -> None:
        self._wanted.clear()
        self.kill_all()

    def said(self, words: str) -> bool:
        return words in self.log.read_text(errors="replace")


@dataclass
class Programs:
    folder: Path
    env: dict[str, str]
    running: list[Program] = field(default_factory=list)

    def _start(self, name: str, *command: str, **env: str) -> Program:
        program = Program(
            [sys.executable, *command], self.env | env, self.folder / f"{name}{len(self.running)}"
        )
        self.running.append(program.start())
        return program

    def worker(self, **env: str) -> Program:
        options = ["--pool=prefork", "--concurrency=2", "--loglevel=INFO"]
        options += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        program = self._start(
            "worker", "-m", "celery", "-A", "config.celery", "worker", *options, **env
        )
        until(lambda: program.said("ready."), 30)
        return program

    def relay(self, **env: str) -> Program:
        return self._start("relay", "manage.py", "relay", **env)


@pytest.fixture
def programs(
    transactional_db: None, redis: Redis, tmp_path: Path, settings: Settings
) -> Iterator[Programs]:
    """What is started here talks to the test's own database, Redis and mail folder."""
    base = os.environ["DATABASE_URL"].rpartition("/")[0]
    mail = tmp_path / "mail"
    settings.EMAIL_BACKEND = "notifications.mail.FileBackend"
    settings.EMAIL_FILE_PATH = str(mail)
    env = os.environ | {
        "DATABASE_URL": f"{base}/{connection.settings_dict['NAME']}",
        "REDIS_URL": redis.url,
        "EMAIL_URL": f"filemail:///{mail}",
    }
    found = Programs(tmp_path, env)
    yield found
    for program in found.running:
        program.stop()


@pytest.fixture
def mail_folder(tmp_path: Path) -> Path:
    return tmp_path / "mail"


# --- SMTP ----------------------------------------------------------------------------------------
class Post:
    """What the SMTP server does with each mail; keeps what it accepted, and all it was handed."""

    def __init__(self) -> None:
        self.accepted: list[Envelope] = []
        self.handed: list[Envelope] = []
        self.rcpt_reply: str | None = None
        self.data_reply: str | None = None
        self.drop = False
        self.wait = 0.0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt_reply:
            return self.rcpt_reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.handed.append(envelope)
        await asyncio.sleep(self.wait)
        if self.data_reply:
            return self.data_reply
        self.accepted.append(envelope)
        if self.drop:
            transport: Any = server.transport
            transport.abort()
        return "250 OK"

    def message_ids(self) -> list[str]:
        lines = [line for one in self.handed for line in (one.original_content or b"").splitlines()]
        return [line.decode() for line in lines if line.lower().startswith(b"message-id:")]


@dataclass(frozen=True)
class Smtp:
    post: Post
    url: str


@pytest.fixture
def smtp(settings: Settings) -> Iterator[Smtp]:
    post = Post()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "notifications.mail.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield Smtp(post, f"smtp://127.0.0.1:{port}")
    controller.stop(no_assert=True)
