"""`python -m config.stack test -- COMMAND`: the command on servers that live as long as it does."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from config.stack import folder, sockets
from config.stack.broker import Broker
from config.stack.identity import choose
from config.stack.jobs import STOPPING, Stop, StopRequested
from config.stack.postgres import ADMIN, Postgres, binary
from config.stack.process import Child, stop_all


def run_command(command: Sequence[str]) -> int:
    """Start both servers in a folder of their own, run `command`, return its exit code."""
    stop = Stop()
    stop.listen()
    data = Path(tempfile.mkdtemp(prefix="scruple-test-"))
    children: list[Child] = []
    folders = [data]
    try:
        return _with_servers(command, data, children, folders, stop)
    except StopRequested:
        return 130
    finally:
        stop_all(children[::-1], time.monotonic() + 5)
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


def _with_servers(
    command: Sequence[str], data: Path, children: list[Child], folders: list[Path], stop: Stop
) -> int:
    identity = choose(binary("postgres"), data)
    places = [sockets.make_folder(data, name) for name in ("pg", "redis")]
    folders.extend(places)
    database = Postgres(data / "pg", places[0], data / "postgres.log", identity, throw_away=True)
    broker = Broker(data / "redis", places[1], data / "redis.log", throw_away=True)
    database.create(stop)
    for server in (database.server(), broker.server()):
        children.append(server)
        server.start()
    database.wait_ready(children[0], stop)
    broker.wait_ready(children[1], stop)
    database.create_database()
    mail, static = data / "mail", data / "static"
    mail.mkdir(mode=0o700)
    static.mkdir()
    env = os.environ | {
        "DATABASE_URL": database.url(user=ADMIN),
        "REDIS_URL": broker.url,
        "EMBEDDED": "true",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "MFA_KEYS": folder.fernet_key(),
        "EMAIL_URL": f"filemail:///{mail}",
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "STATIC_ROOT": str(static),
        "UPLOADS_DIR": str(data / "uploads"),
        "TEST_STACK_DIR": str(data),
    }
    return _foreground(command, env)


def _foreground(command: Sequence[str], env: dict[str, str]) -> int:
    """The command keeps our terminal, so Ctrl-C reaches it; other signals we pass on."""
    try:
        process = subprocess.Popen(command, env=env)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}")
        return 127

    def pass_on(number: int, frame: FrameType | None) -> None:
        process.send_signal(number)

    for number in STOPPING:
        signal.signal(number, pass_on if number != signal.SIGINT else lambda *_: None)
    code = process.wait()
    return code if code >= 0 else 128 - code
