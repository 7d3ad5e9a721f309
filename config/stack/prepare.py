"""Everything between an empty database and the first request, in one process to spare start-ups."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from config.stack import CHECKOUT

# Nine of ten files, most of the time, and used by no page. The Dockerfile leaves out the same.
UNUSED_STATIC = ["svgs", "sprites", "*.rtl.*", "fontawesome/js/*"]


def prepare(*, demo: bool) -> None:
    """Migrate, collect static files, seed. Only the demo accounts go to standard output."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=1, stdout=sys.stderr)
    call_command("createcachetable", stdout=sys.stderr)
    _collect_static()
    call_command("seed_formulary", stdout=sys.stderr)
    call_command("seed_questions", stdout=sys.stderr)
    _load_diagnosis_codes()
    if demo:
        from events.history import acting

        with acting(command="seed_demo"):
            call_command("seed_demo", stdout=sys.stdout)
            call_command("seed_demo_applications", stdout=sys.stderr)


def _load_diagnosis_codes() -> None:
    """Seconds, and only while there are none. Without them orders are taken all the same: a code is
    then not checked. LOAD_ICD=0 leaves them out."""
    from django.core.management import CommandError, call_command
    from django.db import Error

    if os.environ.get("LOAD_ICD") == "0":
        return
    try:
        call_command("load_icd", shipped=True, if_empty=True, stdout=sys.stderr)
    except (CommandError, Error) as problem:
        print(f"The diagnosis codes are not loaded: {problem}", file=sys.stderr)


def _collect_static() -> None:
    """Compressing takes seconds, so only when a file, a package or the place differs."""
    from django.conf import settings
    from django.core.management import call_command

    root = Path(settings.STATIC_ROOT)
    stamp, wanted = root / ".sources", _sources()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    stamp.unlink(missing_ok=True)
    call_command(
        "collectstatic",
        interactive=False,
        clear=True,
        verbosity=0,
        ignore_patterns=UNUSED_STATIC,
        stdout=sys.stderr,
    )
    stamp.write_text(wanted)


def _sources() -> str:
    """A digest of our own static files and of the packages that bring the others."""
    digest = hashlib.sha256((CHECKOUT / "requirements" / "app.txt").read_bytes())
    for file in sorted((CHECKOUT / "static").rglob("*")):
        if file.is_file():
            digest.update(f"{file.relative_to(CHECKOUT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()
