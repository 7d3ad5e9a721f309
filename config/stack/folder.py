"""The data folder: its lock, the generated secret, the logs, the state of a running stack."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from config.stack import StackError

_ROOT_OR_NOBODY = {0, 65534}


@dataclass
class DataFolder:
    """One stack's files. Everything in it is for its owner alone."""

    path: Path
    _lock: IO[str] | None = field(default=None, init=False)

    def open(self) -> None:
        """Create the folder, try to write, take the lock. Raises StackError with the reason."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse_foreign()
            with tempfile.TemporaryFile(dir=self.path) as probe:
                probe.write(b"x")
            self._lock = (self.path / "lock").open("a")
        except OSError as error:
            raise StackError(f"Cannot write to {self.path}: {error.strerror}.") from None
        if not self._take():
            pid = self.read_state().get("pid")
            who = f" (process {pid})" if pid else ""
            raise StackError(f"Scruple is already running on {self.path}{who}.")
        (self.path / "logs").mkdir(mode=0o700, exist_ok=True)

    def _refuse_foreign(self) -> None:
        """Root could use another person's folder, who then could not any more."""
        with suppress(FileNotFoundError):
            owner = (self.path / "pg").stat().st_uid
            if os.geteuid() == 0 and owner not in _ROOT_OR_NOBODY:
                raise StackError(f"{self.path} belongs to uid {owner}: run as that user.")

    def _take(self) -> bool:
        try:
            fcntl.flock(self._lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[union-attr]
        except BlockingIOError:
            return False
        return True

    def is_in_use(self) -> bool:
        """Whether a supervisor holds the lock."""
        try:
            with (self.path / "lock").open() as lock:
                fcntl.flock(lock.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def secret_key(self) -> str:
        """Made once and kept, so that sessions outlive a restart."""
        file = self.path / "secret-key"
        if not file.exists():
            self._write(file, secrets.token_urlsafe(60))
        return file.read_text().strip()

    def mfa_key(self) -> str:
        """Made once and kept: without it every second factor is lost."""
        file = self.path / "mfa-key"
        if not file.exists():
            self._write(file, fernet_key())
        return file.read_text().strip()

    def uploads(self) -> Path:
        """Where papers of applicants lie."""
        path = self.path / "uploads"
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    def log(self, name: str) -> Path:
        """The log of one program; the one before is kept as `.1`."""
        file = self.path / "logs" / f"{name}.log"
        if file.exists():
            file.replace(file.with_suffix(".log.1"))
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
        return file

    def write_state(self, state: dict[str, Any]) -> None:
        self._write(self.path / "stack.json", json.dumps(state))

    def read_state(self) -> dict[str, Any]:
        """What the running (or the killed) supervisor left; empty when there is none."""
        with suppress(OSError, ValueError):
            state = json.loads((self.path / "stack.json").read_text())
            return state if isinstance(state, dict) else {}
        return {}

    def remove_state(self) -> None:
        (self.path / "stack.json").unlink(missing_ok=True)

    def _write(self, file: Path, text: str) -> None:
        """Whole or not at all, mode 0600."""
        draft = file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)


def fernet_key() -> str:
    """A key as cryptography's Fernet takes it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
