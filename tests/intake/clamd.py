"""A small server that speaks clamd's INSTREAM, and its moods."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

Mood = Literal["judge", "error", "too big", "drop", "hang up", "silent", "drip", "garbage"]


class Clamd:
    """Judges like the real one: what holds the test virus is infected."""

    def __init__(self, signature: bytes) -> None:
        self.mood: Mood = "judge"
        self.received: list[bytes] = []
        self._signature = signature
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def also_at(self, path: Path) -> str:
        """Listen at a unix socket instead."""
        self.listener.close()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()
        return f"unix://{path}"

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as sent:
            if self.mood == "drop":
                return
            assert sent.read(10) == b"zINSTREAM\0"
            if self.mood == "too big":
                sent.read(100)
                line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
            content = b"".join(_chunks(sent))
            self.received.append(content)
            with suppress(OSError):  # who asked has lost patience
                self._say(line, content)

    def _say(self, line: socket.socket, content: bytes) -> None:
        if self.mood == "silent":
            time.sleep(2)
        elif self.mood == "drip":
            for letter in b"stream: OK":
                line.sendall(bytes([letter]))
                time.sleep(0.3)
        elif self.mood == "error":
            line.sendall(b"stream: Can't allocate memory ERROR\0")
        elif self.mood == "garbage":
            line.sendall(b"\xff\xfeOK\0")
        elif self.mood == "judge":
            found = b"Eicar-Test-Signature FOUND" if self._signature in content else b"OK"
            line.sendall(b"stream: " + found + b"\0")


def _chunks(sent: object) -> Iterator[bytes]:
    while (length := struct.unpack("!I", sent.read(4))[0]) > 0:  # type: ignore[attr-defined]
        yield sent.read(length)  # type: ignore[attr-defined]


@contextmanager
def running(signature: bytes) -> Iterator[Clamd]:
    server = Clamd(signature)
    try:
        yield server
    finally:
        server.listener.close()
