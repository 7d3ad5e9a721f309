"""Virus scans of stored papers: held until clamd has answered, asked again for as long as it takes.

A paper is leased by putting its next turn off, in a transaction of its own; the scanner is asked
outside of any. A worker that dies leaves a paper that comes due again.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from intake.models import Upload
from intake.papers import clamav
from intake.services.papers import PaperLost, delete_file, open_paper
from intake.status import Scan

log = logging.getLogger(__name__)

_LEASE = timedelta(minutes=2)
# After the first, second … attempt without an answer; the last one for ever.
_WAITS = tuple(timedelta(seconds=s) for s in (10, 20, 60, 120, 300, 600, 900))
# Attempts are counted for the reader; beyond this one more says nothing new.
_MOST_COUNTED = 1000


def scan_due(*, seconds: float = 10) -> int:
    """Ask about the papers that are due until `seconds` are over; how many were answered.

    Stops at the first without an answer: the others would only wait for the same scanner.
    """
    until, answered = time.monotonic() + seconds, 0
    while settings.CLAMAV_URL and time.monotonic() < until:
        upload = _leased()
        if upload is None or not _scan(upload):
            break
        answered += 1
    return answered


def _leased() -> Upload | None:
    """The paper that has been due for longest, ours for a while; its due time is the token."""
    with transaction.atomic():
        upload = Upload.objects.to_scan().select_for_update(skip_locked=True).first()
        if upload is None:
            return None
        upload.scan_due_at = timezone.now() + _LEASE
        upload.scan_attempts = min(upload.scan_attempts + 1, _MOST_COUNTED)
        upload.save(update_fields=["scan_due_at", "scan_attempts"])
    return upload


def _scan(upload: Upload) -> bool:
    """Whether the scanner gave a verdict, which is then recorded."""
    try:
        with open_paper(upload) as content:
            verdict = clamav.scan(content, settings.CLAMAV_URL)
    except (clamav.ScannerAway, PaperLost) as error:
        log.warning("paper %d not scanned: %s %s", upload.pk, type(error).__name__, error)
        wait = _WAITS[min(upload.scan_attempts, len(_WAITS)) - 1]
        _record(upload, scan_due_at=timezone.now() + wait)
        return False
    if verdict is clamav.Verdict.INFECTED:
        _infected(upload)
    else:
        _record(upload, scan=Scan.CLEAN, scan_due_at=None, scanned_at=timezone.now())
    return True


def _infected(upload: Upload) -> None:
    """First the row, so that it is never served again; a file left behind is swept."""
    log.warning("a virus was found in paper %d", upload.pk)
    name = str(upload.file.name)
    if _record(upload, scan=Scan.INFECTED, scan_due_at=None, scanned_at=timezone.now(), file=""):
        delete_file(name)


def _record(upload: Upload, **changes: Scan | datetime | str | None) -> bool:
    """Write what came of it, unless the paper is gone or another's lease by now."""
    mine = Upload.objects.filter(pk=upload.pk, scan=Scan.HELD, scan_due_at=upload.scan_due_at)
    return bool(mine.update(**changes))
