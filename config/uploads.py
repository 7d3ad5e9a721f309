"""What a request may bring: files stop growing at the cap, whole requests are turned away early.

Django reads a form's files before any view runs, also for strangers and for pages without uploads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import IO, Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from config.context import standing
from intake.papers.limits import MAX_BYTES, MEGABYTE
from intake.papers.refusals import Refusal

# A page with three papers and its other answers.
MAX_REQUEST = 3 * MAX_BYTES + MEGABYTE
# A browser shows our answer only once it got rid of what it sends: we let so much run by.
DRAINED = 128 * MEGABYTE
DRAIN_SECONDS = 20


class RefusedFile(UploadedFile[Any]):
    """Stands for a file of which nothing was kept; `refusal` goes beside its control."""

    def __init__(self, name: str, size: int, refusal: Refusal) -> None:
        super().__init__(name=name, size=size)
        self.refusal = refusal

    def chunks(self, chunk_size: int | None = None) -> Any:
        return iter(())

    def close(self) -> None:
        """There is nothing to close."""


class CappedFiles(FileUploadHandler):
    """Writes each file to the disk, up to the cap; the rest of a bigger one runs by unkept."""

    _file: TemporaryUploadedFile | None = None
    _refusal: Refusal | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._file, self._refusal = None, None
        try:
            # Django would end the file on the disk as the sender's ends, however long that is.
            self._file = TemporaryUploadedFile("sent", str(self.content_type), 0, self.charset)
            self._file.name = self.file_name
        except OSError:  # no room, or no folder
            self._refuse(Refusal.FAILED)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._file is None:
            return
        if start + len(raw_data) > MAX_BYTES:
            self._refuse(Refusal.SIZE)
            return
        try:
            self._file.write(raw_data)
        except OSError:
            self._refuse(Refusal.FAILED)

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        try:
            if self._file is not None:
                self._file.seek(0)  # writes what was held back
        except OSError:
            self._refuse(Refusal.FAILED)
        if self._file is None:
            return RefusedFile(str(self.file_name), file_size, self._refusal or Refusal.FAILED)
        self._file.size = file_size
        return self._file

    def upload_interrupted(self) -> None:
        self._drop()

    def _refuse(self, refusal: Refusal) -> None:
        self._refusal = refusal
        self._drop()

    def _drop(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # closing deletes, but first writes what was held back
                file.close()


class RequestSize:
    """Answer 413 to a request that is bigger than any page of ours needs, without keeping it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) <= MAX_REQUEST:
            return self.get_response(request)
        _drain(request.META["wsgi.input"], min(int(length), DRAINED))
        page = render_to_string("413.html", {**standing(), "reference_id": request.id})  # type: ignore[attr-defined]
        return HttpResponse(page, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _drain(body: IO[bytes], length: int) -> None:
    """Read and forget, within limits."""
    until = time.monotonic() + DRAIN_SECONDS
    while length > 0 and time.monotonic() < until:
        try:
            read = len(body.read(min(length, MEGABYTE)))
        except (OSError, ValueError):
            return
        if not read:
            return
        length -= read
