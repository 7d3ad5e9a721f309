"""Django mail backends: SMTP that keeps a deadline, and one file per mail."""

from __future__ import annotations

import math
import os
import re
import smtplib
import socket
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend


class CutOff(OSError):
    """The time for this attempt is over."""


class MaybeSent(smtplib.SMTPServerDisconnected):
    """The connection broke while the server had the message: it may have accepted it."""


class FileBackend(BaseEmailBackend):
    """Each mail is a file in EMAIL_FILE_PATH, named after its Message-ID and whole from the start.

    A second attempt with the same Message-ID replaces the file.
    """

    def __init__(self, *, deadline: float = math.inf, **options: Any) -> None:
        super().__init__(**options)
        self._deadline = deadline
        self._folder = Path(settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for mail in email_messages:
            self._write(mail)
        return len(email_messages)

    def _write(self, mail: EmailMessage) -> None:
        message = mail.message()
        local_part = str(message["Message-ID"]).strip("<>").partition("@")[0]
        name = re.sub(r"[^A-Za-z0-9.-]", "_", local_part)
        handle, draft = tempfile.mkstemp(prefix=".", dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(message.as_bytes())
            if time.monotonic() > self._deadline:
                raise CutOff
            Path(draft).rename(self._folder / f"{name}.eml")
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise


class SmtpBackend(EmailBackend):
    """SMTP that sends nothing after `deadline` and can be cut off from another thread."""

    def __init__(self, *, deadline: float = math.inf, **options: Any) -> None:
        super().__init__(**options)
        self._deadline = deadline

    @property
    def connection_class(self) -> Any:
        kind = _DeadlineSSL if self.use_ssl else _Deadline
        return lambda *where, **options: kind(*where, deadline=self._deadline, **options)

    def abort(self) -> None:
        """Wake whoever waits for the server, with an error."""
        for name in ("connection", "_partial_connection"):
            sock = getattr(getattr(self, name), "sock", None)
            if sock is not None:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)


class _Deadline(smtplib.SMTP):
    """Checks the time before everything it sends, not only while it waits for answers."""

    def __init__(self, *where: Any, deadline: float, **options: Any) -> None:
        self._deadline = deadline
        super().__init__(*where, **options)

    def send(self, s: Any) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise CutOff
        if self.sock and self.sock.gettimeout():
            self.sock.settimeout(min(self.timeout, left))
        super().send(s)

    def data(self, msg: Any) -> tuple[int, bytes]:
        try:
            return super().data(msg)
        except CutOff:
            raise
        except OSError as error:
            if isinstance(error, smtplib.SMTPResponseException):
                raise
            raise MaybeSent(str(error)) from error


class _DeadlineSSL(_Deadline, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""
