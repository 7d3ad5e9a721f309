"""As whom PostgreSQL runs: it refuses root, so root lends it another uid or a user namespace."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.stack import StackError

NOBODY = 65534
NAMESPACE_UID = 1000
_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
# Loaded before any fork: the child between fork and exec must not load libraries.
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Identity:
    """The uid that owns the files, or None for our own, and whether a namespace hides root."""

    uid: int | None = None
    namespace: bool = False

    def popen(self, last_signal: signal.Signals) -> dict[str, object]:
        """Arguments for Popen: own session, this identity, `last_signal` when we die."""
        arguments: dict[str, object] = {
            "start_new_session": True,
            "preexec_fn": _before_exec(self.namespace, last_signal, os.getpid()),
        }
        if self.uid is not None:
            arguments |= {"user": self.uid, "group": self.uid, "extra_groups": []}
        return arguments

    def own(self, path: Path) -> None:
        """Hand a folder with all it holds to this identity (root alone can, and needs to)."""
        if os.geteuid() != 0:
            return
        wanted = 0 if self.uid is None else self.uid
        for item in [path, *path.rglob("*")]:
            if item.lstat().st_uid != wanted:
                os.chown(item, wanted, wanted, follow_symlinks=False)


OURSELVES = Identity()


def _before_exec(namespace: bool, last_signal: signal.Signals, parent: int) -> Callable[[], None]:
    def prepare() -> None:
        if namespace:
            _enter_namespace()
        # Last of all, as every change of uid clears it.
        _libc.prctl(_PR_SET_PDEATHSIG, int(last_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def _enter_namespace() -> None:
    """What `unshare --user --map-user=1000 --map-group=1000` does, in this very process."""
    uid, gid = os.geteuid(), os.getegid()
    if _libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{NAMESPACE_UID} {uid} 1"),
        ("gid_map", f"{NAMESPACE_UID} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123
            file.write(line)


def choose(binary: Path, folder: Path) -> Identity:
    """The first identity under which `binary` runs and can reach `folder`.

    Raises StackError when root can lend none.
    """
    if os.geteuid() != 0:
        return OURSELVES
    mode = folder.stat().st_mode
    if not mode & 0o001:
        folder.chmod(mode | 0o011)
    for identity in (Identity(uid=NOBODY), Identity(namespace=True)):
        if _works(identity, binary, folder):
            return identity
    raise StackError(
        "PostgreSQL refuses to run as root, and neither uid 65534 nor a user namespace can "
        "be used here: run as an ordinary user or set DATABASE_URL."
    )


def _works(identity: Identity, binary: Path, folder: Path) -> bool:
    probe = 'test -x "$1" && test "$(id -u)" != 0 && exec "$0" --version'
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", probe, binary, folder],
            check=False,
            capture_output=True,
            timeout=20,
            **identity.popen(signal.SIGKILL),  # type: ignore[call-overload]
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return bool(done.returncode == 0)
