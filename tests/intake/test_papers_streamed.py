"""Requests too big or broken: stopped while they stream, answered by a page, nothing kept."""

from __future__ import annotations

import io
import resource
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
from django.test import Client
from pytest_django import Settings

from config.uploads import MAX_REQUEST
from intake.models import Application, Upload
from intake.papers.limits import MAX_BYTES, MEGABYTE
from intake.papers.refusals import Refusal
from tests.intake.factories import draft_application
from tests.intake.papers import files, keep_papers_in, pdf, png

pytestmark = pytest.mark.django_db


class Body(io.RawIOBase):
    """A request's body that is made while it is read; notes how much was, and what it cost."""

    def __init__(self, head: bytes, filler: int, tail: bytes, watched: Path) -> None:
        self._head, self._filler, self._tail, self._watched = head, filler, tail, watched
        self.length = len(head) + filler + len(tail)
        self.given = self.most_on_disk = 0

    def read(self, size: int = -1) -> bytes:
        self.most_on_disk = max(self.most_on_disk, on_disk(self._watched))
        wanted = self.length if size < 0 else size
        if self._head:
            part, self._head = self._head[:wanted], self._head[wanted:]
        elif self._filler:
            part = b"\0" * min(wanted, self._filler, 65536)
            self._filler -= len(part)
        else:
            part, self._tail = self._tail[:wanted], self._tail[wanted:]
        self.given += len(part)
        return part


def on_disk(folder: Path) -> int:
    """Also of files whose name is gone already: those that this process holds open there."""
    total = 0
    for handle in Path("/proc/self/fd").iterdir():
        try:
            if str(handle.readlink()).startswith(str(folder)):
                total += handle.stat().st_size
        except OSError:
            continue
    return total


@pytest.fixture
def temporary(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, for this test alone."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    settings.FILE_UPLOAD_TEMP_DIR = str(folder)
    return folder


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    return keep_papers_in(tmp_path / "uploads", settings)


@pytest.fixture
def application() -> Application:
    return draft_application()


@pytest.fixture
def client(application: Application) -> Client:
    client = Client(True, raise_request_exception=False, HTTP_HOST="127.0.0.1")
    session = client.session
    session["applications"] = [application.pk]
    session.save()
    return client


@pytest.fixture(autouse=True)
def nothing_left(folder: Path, temporary: Path) -> Iterator[None]:
    yield
    assert files(folder) == []
    assert not Upload.objects.exists()


def field(name: str, value: str) -> bytes:
    return f'--limit\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def file_head(name: str = "file", file_name: str = "a.pdf") -> bytes:
    told = f'form-data; name="{name}"; filename="{file_name}"'
    return f"--limit\r\nContent-Disposition: {told}\r\nContent-Type: x/y\r\n\r\n".encode()


def post(client: Client, path: str, body: Any, length: int) -> tuple[int, str]:
    """As the web server hands it over: a stream, and whatever length was claimed."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "CONTENT_TYPE": "multipart/form-data; boundary=limit",
        "CONTENT_LENGTH": str(length),
        "wsgi.input": body,
    }
    answer = client.request(**environ)
    return answer.status_code, answer.content.decode()


def with_token(client: Client, path: str) -> bytes:
    """The form's first answers, with the token that lets it in."""
    page = client.get(path).content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    return field("csrfmiddlewaretoken", token) + field("kind", "licence")


@pytest.fixture
def path(application: Application) -> str:
    return f"/apply/{application.reference}/papers/"


def test_a_file_above_the_cap_is_dropped_while_it_streams_and_named_beside_its_control(
    client: Client, path: str, temporary: Path
) -> None:
    head = with_token(client, path) + file_head() + pdf()
    body = Body(head, 2 * MAX_BYTES, b"\r\n--limit--\r\n", temporary)
    before = psutil.Process().memory_info().rss
    code, page = post(client, path, body, body.length)
    assert (code, page.count(Refusal.SIZE.value)) == (200, 2)
    assert body.most_on_disk <= MAX_BYTES
    assert psutil.Process().memory_info().rss - before < 50 * MEGABYTE
    assert on_disk(temporary) == 0
    assert files(temporary) == []


@pytest.mark.parametrize("where", ["papers", "/sign-in/", "/no-such-page/"])
def test_a_request_of_100_mb_is_turned_away_by_a_page_and_never_kept(
    client: Client, path: str, temporary: Path, where: str
) -> None:
    body = Body(file_head(), 100 * MEGABYTE, b"", temporary)
    before = psutil.Process().memory_info().rss
    code, page = post(client, path if where == "papers" else where, body, body.length)
    assert (code, "That was too much at once" in page) == (413, True)
    assert body.given == body.length  # a browser shows the page only once it has sent all
    assert body.most_on_disk == 0
    assert psutil.Process().memory_info().rss - before < 50 * MEGABYTE


def test_nobody_is_listened_to_for_ever(client: Client, temporary: Path) -> None:
    body = Body(file_head(), 300 * MEGABYTE, b"", temporary)
    assert post(client, "/sign-in/", body, body.length)[0] == 413
    assert body.given <= 129 * MEGABYTE


@pytest.mark.parametrize("claimed", ["more", "less", "huge", "nonsense", "negative", "none"])
def test_a_wrong_length_is_no_way_in(
    client: Client, path: str, temporary: Path, claimed: str
) -> None:
    head = with_token(client, path) + file_head()
    body = Body(head, 4 * MEGABYTE, b"\r\n--limit--\r\n", temporary)
    length: Any = {
        "more": body.length + MEGABYTE,
        "less": len(head) + 1000,
        "huge": MAX_REQUEST + 1,
        "nonsense": "a lot",
        "negative": -5,
        "none": "",
    }[claimed]
    code, page = post(client, path, body, length)
    assert code in (200, 400, 403, 413)
    assert "<h1" in page
    assert body.most_on_disk <= MAX_BYTES


def test_a_file_that_never_ends_is_none(client: Client, path: str, temporary: Path) -> None:
    """No end boundary: the connection broke, or somebody plays."""
    head = with_token(client, path) + file_head() + png()
    body = Body(head, 0, b"", temporary)
    code, page = post(client, path, body, body.length)
    assert (code, page.count(Refusal.NONE.value)) == (200, 2)


@pytest.mark.parametrize("parts", [file_head(file_name="{}.pdf"), field("a{}", "1")])
def test_a_thousand_parts_are_turned_away(
    client: Client, path: str, temporary: Path, parts: bytes
) -> None:
    many = b"".join(parts.replace(b"{}", b"%d" % number) + b"\r\n" for number in range(1000))
    body = Body(with_token(client, path) + many, 0, b"--limit--\r\n", temporary)
    code, page = post(client, path, body, body.length)
    assert (code, "That was too much at once" in page) == (413, True)
    assert files(temporary) == []


def test_a_form_without_files_may_not_be_long_either(client: Client, path: str) -> None:
    body = Body(
        with_token(client, path) + field("more", "x" * 300_000), 0, b"--limit--", Path("/-")
    )
    code, page = post(client, path, body, body.length)
    assert (code, "That was too much at once" in page) == (413, True)


@pytest.mark.parametrize(
    "name",
    ["../../x.pdf", "..\\\\x", "a\0.pdf", "CON", ".htaccess", "n" * 300 + ".pdf" + "e" * 300],
)
def test_a_strange_name_leads_to_no_strange_place(
    client: Client, path: str, temporary: Path, name: str
) -> None:
    head = with_token(client, path) + file_head(file_name=name) + b"MZ\0"
    body = Body(head, 0, b"\r\n--limit--\r\n", temporary)
    code, page = post(client, path, body, body.length)
    assert (code, page.count(Refusal.TYPE.value)) == (200, 2)
    assert files(temporary.parent) == []


def test_a_full_disk_is_told_beside_the_control(client: Client, path: str, temporary: Path) -> None:
    """The system lets no file grow beyond 1 MB: the upload's own file fails half way."""
    head = with_token(client, path) + file_head() + pdf()
    body = Body(head, 3 * MEGABYTE, b"\r\n--limit--\r\n", temporary)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MEGABYTE, before[1]))
    try:
        code, page = post(client, path, body, body.length)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (code, page.count(Refusal.FAILED.value)) == (200, 2)
    assert files(temporary) == []


def test_no_room_for_temporary_files_at_all_is_told_as_well(
    client: Client, path: str, temporary: Path
) -> None:
    head = with_token(client, path)
    temporary.rmdir()
    body = Body(head + file_head() + pdf(), 0, b"\r\n--limit--\r\n", temporary)
    code, page = post(client, path, body, body.length)
    assert (code, page.count(Refusal.FAILED.value)) == (200, 2)
