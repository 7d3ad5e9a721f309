"""Where unix sockets lie: beside the data, or in the temporary folder if that path is long."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from config.stack import StackError

# The kernel takes 107 bytes; PostgreSQL and Redis add nothing behind these names.
LONGEST_PATH = 99
PG_SOCKET = ".s.PGSQL.5432"


def fits(folder: Path) -> bool:
    """Short enough, and without a comma or the like, which clients read as a list of hosts."""
    plain = re.fullmatch(r"[A-Za-z0-9/._ +@-]+", str(folder))
    return plain is not None and len(os.fsencode(folder / PG_SOCKET)) <= LONGEST_PATH


def make_folder(parent: Path, name: str) -> Path:
    """A folder of mode 0700 for one server's socket; `parent` is the data folder."""
    folder = parent / f"{name}-socket"
    if fits(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder
    for base in dict.fromkeys((tempfile.gettempdir(), "/tmp")):  # noqa: S108
        if fits(Path(base) / f"scruple-{name}-12345678"):
            return Path(tempfile.mkdtemp(prefix=f"scruple-{name}-", dir=base))
    raise StackError("No folder with a path short enough for a socket: set TMPDIR to /tmp.")
