"""`make manage`: a management command against the stack that runs on the same data folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from config.stack import CHECKOUT, StackError, environment
from config.stack.folder import DataFolder
from config.stack.options import Options


def replace_us(options: Options, environ: Mapping[str, str], arguments: Sequence[str]) -> None:
    """Become manage.py, so that its input, its signals and its exit code are the command's own."""
    folder = DataFolder(options.data)
    chosen = folder.read_state().get("env") if folder.is_in_use() else None
    if not chosen:
        raise StackError(f"Scruple is not running on {options.data}: start it by make run.")
    command = [sys.executable, str(CHECKOUT / "manage.py"), *arguments]
    os.execve(sys.executable, command, environment.whole(environ, chosen))  # noqa: S606
