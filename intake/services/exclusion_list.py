"""Taking in the exclusion list: all of it or nothing, while checks go on reading the old one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.db import connection, transaction

from intake import leie
from intake.models import Exclusion, ExclusionList
from intake.services import checks

_LEAST_SHARE = 0.5
_LOCK = 0x1E1E
_COLUMNS = ", ".join((*leie.COLUMNS, "name_keys"))
# Names of our own columns alone.
_AS_PUBLISHED = f"SELECT {_COLUMNS} FROM"
_STAGING = (
    "CREATE TEMPORARY TABLE new_exclusions ON COMMIT DROP AS "
    f"{_AS_PUBLISHED} intake_exclusion WITH NO DATA"
)
_SWAP = f"INSERT INTO intake_exclusion ({_COLUMNS}) {_AS_PUBLISHED} new_exclusions"


class AlreadyLoaded(Exception):
    """The very file that was loaded last: its age stays what it is."""


def load(path: Path, *, force: bool = False) -> leie.Tally:
    """Replace the exclusions by those of the file, and plan everybody's checks anew.

    Raises leie.NotTheList, leaving the old list, for a file with another header, without rows, or
    (unless `force`) with less than half the rows there are now; AlreadyLoaded for the same file.
    """
    tally = leie.Tally()
    with path.open("rb") as file, transaction.atomic():
        _begin()
        _stage(file_rows=leie.read(file, tally))
        _refuse_wrong(tally, force=force)
        Exclusion.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(_SWAP)
        ExclusionList.objects.create(
            file_name=path.name.encode("utf-8", "replace").decode()[:120],
            sha256=tally.sha256,
            rows=tally.rows,
            bad_npis=tally.bad_npis,
            malformed=tally.malformed,
        )
        checks.plan_everybody()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE intake_exclusion")
    return tally


def _begin() -> None:
    """One import at a time, and as long as it takes."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise leie.NotTheList("Another import is running.")


def _stage(file_rows: Iterator[leie.Row]) -> None:
    with connection.cursor() as cursor:
        # Of an earlier load in the same outer transaction.
        cursor.execute("DROP TABLE IF EXISTS pg_temp.new_exclusions")
        cursor.execute(_STAGING)
        with cursor.copy(f"COPY new_exclusions ({_COLUMNS}) FROM STDIN") as copy:
            copy.set_types(["text"] * len(leie.COLUMNS) + ["text[]"])
            for fields, keys in file_rows:
                copy.write_row((*fields, keys))


def _refuse_wrong(tally: leie.Tally, *, force: bool) -> None:
    if not tally.rows or tally.malformed > tally.rows:
        raise leie.NotTheList(
            f"{tally.rows} rows could be read and {tally.malformed} could not: not the list."
        )
    before = ExclusionList.objects.order_by("-pk").first()
    if before is None:
        return
    if before.sha256 == tally.sha256:
        raise AlreadyLoaded(f"{before.loaded_at:%Y-%m-%d}")
    if tally.rows < before.rows * _LEAST_SHARE and not force:
        raise leie.NotTheList(
            f"The file has {tally.rows} rows, the list there is {before.rows}. "
            "If that is right, add --force."
        )
