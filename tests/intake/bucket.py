"""A small server that answers as an S3-compatible store does: put, get, head, delete, list."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


class Bucket(ThreadingHTTPServer):
    """Its objects by key, and the requests that reached it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.objects: dict[str, bytes] = {}
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.broken = False
        self.written_at = datetime.now(UTC)
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Bucket

    def _key(self) -> str:
        """`/papers/ab/cd.pdf`: the bucket stands first, as in every address of path style."""
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        return unquote(urlsplit(self.path).path).lstrip("/").partition("/")[2]

    def _say(self, code: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _refused(self) -> bool:
        if self.server.broken:
            self._say(507, b"<Error><Code>InsufficientStorage</Code></Error>")
        return self.server.broken

    def do_PUT(self) -> None:
        key, length = self._key(), int(self.headers["Content-Length"])
        data = self.rfile.read(length)
        if "aws-chunked" in self.headers.get("Content-Encoding", ""):
            data = _unchunked(data)
        if not self._refused():
            self.server.objects[key] = data
            self._say(200, ETag=_tag(data))

    def do_GET(self) -> None:
        key = self._key()
        if self._refused():
            return
        if not key:
            self._say(200, self._listing(), Content_Type="application/xml")
        elif key not in self.server.objects:
            self._say(404, b"<Error><Code>NoSuchKey</Code></Error>")
        else:
            data = self.server.objects[key]
            at = format_datetime(self.server.written_at, usegmt=True)
            self._say(200, data, ETag=_tag(data), Last_Modified=at)

    do_HEAD = do_GET  # noqa: N815  the library's name

    def do_DELETE(self) -> None:
        self.server.objects.pop(self._key(), None)
        self._say(204)

    def _listing(self) -> bytes:
        prefix = parse_qs(urlsplit(self.path).query).get("prefix", [""])[0]
        below = [key.removeprefix(prefix) for key in self.server.objects if key.startswith(prefix)]
        folders = sorted({f"{prefix}{key.split('/')[0]}/" for key in below if "/" in key})
        keys = [f"{prefix}{key}" for key in below if "/" not in key]
        body = "".join(f"<Contents><Key>{escape(key)}</Key></Contents>" for key in keys)
        body += "".join(f"<CommonPrefixes><Prefix>{x}</Prefix></CommonPrefixes>" for x in folders)
        start = '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        return f"{start}<IsTruncated>false</IsTruncated>{body}</ListBucketResult>".encode()

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _tag(data: bytes) -> str:
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def _unchunked(data: bytes) -> bytes:
    """Without the lengths and signatures that newer clients put between the parts."""
    whole = b""
    while data:
        head, _, rest = data.partition(b"\r\n")
        length = int(head.split(b";")[0], 16)
        if not length:
            break
        whole, data = whole + rest[:length], rest[length + 2 :]
    return whole


@contextmanager
def running() -> Iterator[Bucket]:
    server = Bucket()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
