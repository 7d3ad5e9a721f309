"""Files without a row, and rows without a file: what a crash between the two leaves behind."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.core.files.storage import Storage, storages
from django.utils import timezone

from intake.models import Upload

log = logging.getLogger(__name__)

# A file is written before its row, and an upload takes a while.
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many files were taken away, and the papers whose file is gone."""

    removed: int
    lost: tuple[int, ...]


def sweep() -> Swept:
    """Delete files without a row that are older than KEPT; report rows whose file is gone."""
    storage = storages["private"]
    # Rows first: a file that comes later is not missed, only young.
    rows = {str(name): pk for pk, name in Upload.objects.exclude(file="").values_list("pk", "file")}
    removed = 0
    for name in _names(storage):
        if rows.pop(name, None) is None and _is_old(storage, name):
            storage.delete(name)
            removed += 1
    lost = tuple(pk for name, pk in rows.items() if _is_gone(storage, name, pk))
    if removed or lost:
        log.error("papers: %d files without a row removed, rows without a file: %s", removed, lost)
    return Swept(removed, lost)


def _names(storage: Storage) -> Iterator[str]:
    """Every stored file, as its row would name it; folders are one level deep."""
    try:
        folders, files = storage.listdir("")
    except FileNotFoundError:  # nothing was ever stored
        return
    yield from files
    for folder in folders:
        yield from (f"{folder}/{name}" for name in storage.listdir(folder)[1])


def _is_old(storage: Storage, name: str) -> bool:
    try:
        return storage.get_modified_time(name) < timezone.now() - KEPT
    except FileNotFoundError:  # removed meanwhile
        return False


def _is_gone(storage: Storage, name: str, pk: int) -> bool:
    """Still missing, and its row still there: not merely removed while we looked."""
    return not storage.exists(name) and Upload.objects.filter(pk=pk, file=name).exists()
