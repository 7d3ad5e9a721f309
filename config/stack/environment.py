"""The environment of everything the stack starts, and of `make manage`."""

from __future__ import annotations

from collections.abc import Mapping

from config.stack import StackError
from config.stack.folder import DataFolder
from config.stack.options import Options

# Ours alone to set, and names by which make would speak to a make below it.
_DROPPED = ("EMBEDDED", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "PORT", "DATA", "DEMO")

_OFF = ("false", "0", "no", "off")


def check_external(environ: Mapping[str, str]) -> None:
    """With your own database, its keys are yours too: generated ones would vanish with DATA."""
    for name in ("SECRET_KEY", "MFA_KEYS"):
        if environ.get("DATABASE_URL") and not environ.get(name):
            raise StackError(f"{name} must be set when DATABASE_URL is set.")


def settings(
    options: Options,
    folder: DataFolder,
    environ: Mapping[str, str],
    database: str | None,
    broker: str | None,
) -> dict[str, str]:
    """The variables config/settings.py reads; `database` and `broker` are our own servers' URLs."""
    chosen = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database or environ["DATABASE_URL"],
        "REDIS_URL": broker or environ["REDIS_URL"],
        "PUBLIC_URL": environ.get("PUBLIC_URL") or f"http://127.0.0.1:{options.port}",
        "STATIC_ROOT": str(folder.path / "static"),
    }
    if not environ.get("UPLOADS_S3_BUCKET"):
        chosen["UPLOADS_DIR"] = environ.get("UPLOADS_DIR") or str(folder.uploads())
    if not database:
        return chosen | {name: environ[name] for name in ("SECRET_KEY", "MFA_KEYS")}
    if not options.demo and environ.get("REQUIRE_MFA", "").strip().lower() in _OFF:
        raise StackError("REQUIRE_MFA=false goes with the demo data alone: leave it out.")
    mail = folder.path / "mail"
    mail.mkdir(mode=0o700, exist_ok=True)
    return chosen | {
        "EMBEDDED": "true",
        "SECRET_KEY": environ.get("SECRET_KEY") or folder.secret_key(),
        "MFA_KEYS": environ.get("MFA_KEYS") or folder.mfa_key(),
        # The published demo accounts can be tried at once, unless one asks for more.
        "REQUIRE_MFA": environ.get("REQUIRE_MFA") or ("false" if options.demo else "true"),
        # Four slashes: django-environ cuts one off the path.
        "EMAIL_URL": environ.get("EMAIL_URL") or f"filemail:///{mail}",
    }


def whole(environ: Mapping[str, str], chosen: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment with the chosen settings on top."""
    return {k: v for k, v in environ.items() if k not in _DROPPED} | dict(chosen)
