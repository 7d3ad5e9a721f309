"""`make run`: starts the stack in order, watches it, and takes all of it down again."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from config.stack import StackError, environment, leftovers, readiness, services, sockets
from config.stack.broker import Broker
from config.stack.folder import DataFolder
from config.stack.identity import choose
from config.stack.jobs import Stop, StopRequested, run
from config.stack.options import Options
from config.stack.postgres import Postgres, binary
from config.stack.process import Child, stop_all

READY_WITHIN = 90.0
RESTART_EVERY = 3.0
STABLE_AFTER = 30.0
APPLICATION_STOPS_WITHIN = 6.0
EVERYTHING_STOPS_WITHIN = 8.0


class Supervisor:
    """One stack on one data folder, from its lock to its last process."""

    def __init__(
        self, options: Options, environ: Mapping[str, str], stop: Stop, say: Callable[[str], None]
    ) -> None:
        self.options, self.environ, self.stop, self.say = options, environ, stop, say
        self.folder = DataFolder(options.data)
        self.servers: list[Child] = []
        self.application: list[Child] = []
        self.temporary: list[Path] = []
        self.chosen: dict[str, str] = {}

    def run(self) -> None:
        """Until the end is asked for (returns) or a part that matters dies (StackError)."""
        environment.check_external(self.environ)
        self.folder.open()
        try:
            leftovers.end(self.folder.read_state())
            with reserve(self.options.port) as listener:
                self._start(listener)
            self._watch()
        except StopRequested:
            self.say("stopping")
        finally:
            self._take_down()

    def _start(self, listener: socket.socket) -> None:
        self.say(f"starting: data and logs in {self.folder.path}")
        database = None if self.environ.get("DATABASE_URL") else self._start_postgres()
        broker = None if self.environ.get("REDIS_URL") else self._start_redis()
        self.chosen = environment.settings(
            self.options, self.folder, self.environ, database, broker
        )
        env = environment.whole(self.environ, self.chosen)
        self._prepare(env, embedded=database is not None)
        self.application = [
            services.web(self.folder, env, listener.fileno()),
            services.worker(self.folder, env),
            services.beat(self.folder, env),
            services.relay(self.folder, env),
        ]
        for child in self.application:
            child.start()
        self._remember()
        self._wait_ready()

    def _start_postgres(self) -> str:
        identity = choose(binary("postgres"), self.folder.path)
        place, log = self._socket_folder("pg"), self.folder.log("postgres")
        database = Postgres(self.folder.path / "pg", place, log, identity)
        database.create(self.stop)
        server = database.server()
        self._serve(server)
        database.wait_ready(server, self.stop)
        database.create_database()
        return database.url()

    def _start_redis(self) -> str:
        place, log = self._socket_folder("redis"), self.folder.log("redis")
        broker = Broker(self.folder.path / "redis", place, log)
        server = broker.server()
        self._serve(server)
        broker.wait_ready(server, self.stop)
        return broker.url

    def _socket_folder(self, name: str) -> Path:
        place = sockets.make_folder(self.folder.path, name)
        if place.parent != self.folder.path:
            self.temporary.append(place)
        return place

    def _serve(self, server: Child) -> None:
        self.servers.append(server)
        server.start()
        self._remember()

    def _prepare(self, env: Mapping[str, str], *, embedded: bool) -> None:
        demo = embedded and self.options.demo
        services.accounts_file(self.folder).unlink(missing_ok=True)
        job = services.preparation(self.folder, env, demo=demo)
        run(job, self.stop, "The database could not be prepared")

    def _wait_ready(self) -> None:
        until, url = time.monotonic() + READY_WITHIN, self.chosen["PUBLIC_URL"]
        while (answer := readiness.ask(self.options.port, url)).get("status") != "ok":
            self._tend()
            if time.monotonic() > until:
                state = readiness.describe(answer)
                raise StackError(f"Not ready after {READY_WITHIN:.0f} s: {state}.")
            self.stop.pause(0.2)
        with suppress(OSError):
            if accounts := services.accounts_file(self.folder).read_text().strip():
                self.say(accounts)
        if self.chosen.get("REQUIRE_MFA", "").lower() in {"false", "0", "no", "off"}:
            self.say("second factors are optional here; REQUIRE_MFA=true asks everybody for one")
        self.say(f"passkeys work at http://localhost:{self.options.port}/")
        self.say(f"ready http://127.0.0.1:{self.options.port}/")

    def _watch(self) -> None:
        while True:
            self._tend()
            self.stop.pause(0.2)

    def _tend(self) -> None:
        """Start a dead worker, beat, relay or Redis again; without web or PostgreSQL, give up."""
        for child in [*self.servers, *self.application]:
            if child.exit_code() is None:
                continue
            if child.name in {"web", "PostgreSQL"}:
                raise StackError(f"{child.name} has ended {child.how()}; its log is {child.log}")
            ran = time.monotonic() - child.started
            if ran > STABLE_AFTER:
                self.say(f"{child.name} has ended and is started again ({child.log})")
            if ran > RESTART_EVERY:
                child.start()
                self._remember()

    def _remember(self) -> None:
        state = leftovers.record([*self.servers, *self.application], self.temporary)
        self.folder.write_state(state | {"pid": os.getpid(), "env": self.chosen})

    def _take_down(self) -> None:
        begin = time.monotonic()
        stop_all(self.application[::-1], begin + APPLICATION_STOPS_WITHIN)
        stop_all(self.servers[::-1], begin + EVERYTHING_STOPS_WITHIN)
        for place in self.temporary:
            shutil.rmtree(place, ignore_errors=True)
        self.folder.remove_state()


def reserve(port: int) -> socket.socket:
    """Bind the port before anything else is started; raises StackError when it is taken."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise StackError(f"Port {port} on 127.0.0.1 cannot be used: {error.strerror}.") from None
    return listener
