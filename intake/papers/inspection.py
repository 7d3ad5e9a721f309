"""Judging one paper: recognised here by its first bytes, opened in a process of its own."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from intake.papers import limits
from intake.papers.names import display_name
from intake.papers.refusals import PaperRefused, Refusal

_ROOT = Path(__file__).resolve().parent.parent.parent
_BEGINNINGS = {
    b"%PDF-1.": "application/pdf",
    b"%PDF-2.": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
_turns = threading.BoundedSemaphore(limits.AT_ONCE)


class Sent(Protocol):
    """What Django calls an uploaded file."""

    @property
    def name(self) -> str | None: ...

    @property
    def size(self) -> int | None: ...

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that may be stored: its content as it will be kept, at the beginning of `content`."""

    name: str
    content: IO[bytes]
    content_type: str
    size: int
    pages: int
    sha256: str


def inspect(sent: Sent) -> Paper:
    """The paper behind an upload; raises PaperRefused with words for who sent it."""
    refusal = getattr(sent, "refusal", None)
    if isinstance(refusal, Refusal):  # the request's own limits found it first
        raise PaperRefused(refusal)
    if not sent.size:
        raise PaperRefused(Refusal.EMPTY)
    if sent.size > limits.MAX_BYTES:
        raise PaperRefused(Refusal.SIZE)
    try:
        return _inspect(sent)
    except OSError:  # the folder for temporary files is full or away
        raise PaperRefused(Refusal.FAILED) from None


def _inspect(sent: Sent) -> Paper:
    original = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the paper
    for chunk in sent.chunks():
        original.write(chunk)
    original.seek(0)
    content_type = recognised(original.read(16))
    content, pages = _opened(original, content_type)
    size, sha256 = _measured(content)
    name = display_name(sent.name or "", content_type)
    return Paper(name, content, content_type, size, pages, sha256)


def recognised(beginning: bytes) -> str:
    """The content type that the first bytes show; names and headers are not asked."""
    for mark, content_type in _BEGINNINGS.items():
        if beginning.startswith(mark):
            return content_type
    raise PaperRefused(Refusal.TYPE)


def _opened(original: IO[bytes], content_type: str) -> tuple[IO[bytes], int]:
    """What to keep, and its number of pages."""
    answer = tempfile.TemporaryFile()  # noqa: SIM115  a picture written anew lives in it
    with _turn():
        _run_child(original, content_type, answer)
    verdict = _verdict(answer)
    if "refused" in verdict:
        raise PaperRefused(Refusal[str(verdict["refused"])])
    if content_type == "application/pdf":
        return original, int(str(verdict["pages"]))
    return answer, 1


@contextmanager
def _turn() -> Iterator[None]:
    """Few at once: each may fill a large picture's worth of memory."""
    if not _turns.acquire(timeout=limits.TURN_SECONDS):
        raise PaperRefused(Refusal.FAILED)
    try:
        yield
    finally:
        _turns.release()


def _run_child(original: IO[bytes], content_type: str, answer: IO[bytes]) -> None:
    """The child knows no secret of ours: its environment is empty but for where Python lies."""
    original.flush()
    os.lseek(original.fileno(), 0, os.SEEK_SET)  # the child reads where our descriptor stands
    try:
        subprocess.run(
            [sys.executable, "-m", "intake.papers.child", content_type],
            stdin=original,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONDONTWRITEBYTECODE": "1"},
            timeout=limits.WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PaperRefused(Refusal.BROKEN) from None


def _verdict(answer: IO[bytes]) -> dict[str, object]:
    """The last line, cut off; a child that was ended by its limits left none."""
    end = answer.seek(0, os.SEEK_END)
    answer.seek(max(0, end - 100))
    _, line, verdict = answer.read().rpartition(b"\n{")
    try:
        said = json.loads(b"{" + verdict) if line else None
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise PaperRefused(Refusal.BROKEN)
    answer.truncate(end - len(line) - len(verdict))
    return said


def _measured(content: IO[bytes]) -> tuple[int, str]:
    content.seek(0)
    sha256 = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
    size = content.tell()
    content.seek(0)
    return size, sha256
