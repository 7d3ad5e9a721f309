"""Asking clamd about one file: the INSTREAM command of its protocol (man clamd, "COMMANDS")."""

from __future__ import annotations

import enum
import socket
import struct
import time
from typing import IO
from urllib.parse import urlsplit

_CHUNK = 64 * 1024
_CONNECT_SECONDS = 5
_MOST_ANSWER = 4096


class Verdict(enum.Enum):
    CLEAN = "clean"
    INFECTED = "infected"


class ScannerAway(Exception):
    """No verdict: clamd is out of reach, too slow, or answered that it could not scan."""


def scan(content: IO[bytes], url: str, *, seconds: float = 30) -> Verdict:
    """clamd's verdict on what `content` holds, within `seconds`; raises ScannerAway."""
    until = time.monotonic() + seconds
    try:
        with _connected(url) as line:
            _send(line, content, until)
            answer = _answer(line, until)
    except OSError as error:
        raise ScannerAway(type(error).__name__) from None
    return _verdict(answer)


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "tcp":
        return socket.create_connection((parts.hostname, parts.port), timeout=_CONNECT_SECONDS)
    line = socket.socket(socket.AF_UNIX)
    try:
        line.settimeout(_CONNECT_SECONDS)
        line.connect(parts.path)
    except OSError:
        line.close()
        raise
    return line


def _send(line: socket.socket, content: IO[bytes], until: float) -> None:
    """Each chunk behind its length; a length of 0 ends the file."""
    line.sendall(b"zINSTREAM\0")
    try:
        while chunk := content.read(_CHUNK):
            _keep_to(line, until)
            line.sendall(struct.pack("!I", len(chunk)) + chunk)
        line.sendall(struct.pack("!I", 0))
    except ConnectionError:
        """It may have hung up in the middle to say that the file is too big: read what it said."""


def _answer(line: socket.socket, until: float) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < _MOST_ANSWER:
        _keep_to(line, until)
        part = line.recv(_MOST_ANSWER)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0\r\n ").decode("ascii", "replace")


def _keep_to(line: socket.socket, until: float) -> None:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    line.settimeout(left)


def _verdict(answer: str) -> Verdict:
    """`stream: OK`, `stream: NAME FOUND`; anything else is no verdict, least of all a clean one."""
    if answer == "stream: OK":
        return Verdict.CLEAN
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return Verdict.INFECTED
    raise ScannerAway("NoVerdict")
