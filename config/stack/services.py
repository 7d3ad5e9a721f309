"""The programs of the application itself: web, worker, beat and relay."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from config.stack import CHECKOUT
from config.stack.folder import DataFolder
from config.stack.process import Child


def web(folder: DataFolder, env: Mapping[str, str], listener: int) -> Child:
    """gunicorn on a socket that the supervisor bound, so that nobody takes the port meanwhile."""
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application"]
    command += ["--worker-class=gthread", "--workers=2", "--threads=4", "--no-control-socket"]
    command += [f"--bind=fd://{listener}", "--graceful-timeout=5", "--preload"]
    return Child("web", command, folder.log("web"), env, pass_fds=(listener,))


def worker(folder: DataFolder, env: Mapping[str, str]) -> Child:
    options = ["--pool=prefork", "--concurrency=2", "--loglevel=INFO"]
    options += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return Child("worker", _celery("worker", *options), folder.log("worker"), env)


def beat(folder: DataFolder, env: Mapping[str, str]) -> Child:
    schedule = f"--schedule={folder.path / 'beat-schedule'}"
    return Child("beat", _celery("beat", schedule), folder.log("beat"), env)


def relay(folder: DataFolder, env: Mapping[str, str]) -> Child:
    command = [sys.executable, str(CHECKOUT / "manage.py"), "relay"]
    return Child("relay", command, folder.log("relay"), env)


def preparation(folder: DataFolder, env: Mapping[str, str], *, demo: bool) -> Child:
    """Migrations and seeds; its standard output, the demo accounts, goes to a file of its own."""
    command = [sys.executable, "-m", "config.stack", "prepare"]
    command += ["--demo"] if demo else []
    child = Child("preparation", command, folder.log("prepare"), env)
    child.output = accounts_file(folder)
    return child


def accounts_file(folder: DataFolder) -> Path:
    return folder.path / "logs" / "demo-accounts.txt"


def _celery(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "config.celery", *arguments]
