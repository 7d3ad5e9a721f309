"""Makes `.venv` from a hash-locked list. Runs on a bare Python, so it imports nothing of ours.

usage: python3 config/stack/bootstrap.py stack|dev
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import signal
import subprocess
import sys
import venv
from pathlib import Path
from types import FrameType

CHECKOUT = Path(__file__).resolve().parent.parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "scruple-installed.json"


def main(name: str) -> int:
    """Install requirements/NAME.txt unless this very file was installed before."""
    lock = CHECKOUT / "requirements" / f"{name}.txt"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if _installed().get(name) == wanted and _works("-c", ""):
        return 0
    VENV.mkdir(exist_ok=True)
    with (VENV / ".lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        done = _installed()
        if done.get(name) == wanted and _works("-c", ""):
            return 0
        print(f"installing requirements/{name}.txt into .venv (once)", file=sys.stderr, flush=True)
        _make_venv()
        # Compiling everything takes a third of the time; Python compiles what it really imports.
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
        if _run(*install, "--require-hashes", "--no-deps", "-r", str(lock)) != 0:
            print("scruple: the packages could not be installed, see above.", file=sys.stderr)
            return 1
        STAMP.write_text(json.dumps(done | {name: wanted}))
    return 0


def _make_venv() -> None:
    """An environment that lost its interpreter is made anew; one without pip only gets pip."""
    if not _works("-c", ""):
        STAMP.unlink(missing_ok=True)
        venv.create(VENV, symlinks=True, with_pip=True)
    elif not _works("-m", "pip", "--version"):
        _run("-m", "ensurepip", "--default-pip")


def _installed() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def _works(*arguments: str) -> bool:
    try:
        return (
            subprocess.run([PYTHON, *arguments], capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


def _run(*arguments: str) -> int:
    """Run the environment's Python; when we are stopped, it is stopped first."""
    with subprocess.Popen([PYTHON, *arguments], stdout=sys.stderr) as process:
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            raise


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _end)
    try:
        sys.exit(main(sys.argv[1]))
    except OSError as problem:
        print(f"scruple: cannot make .venv: {problem}", file=sys.stderr)
        sys.exit(1)
