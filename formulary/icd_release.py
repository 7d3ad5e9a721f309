"""Taking in a release of ICD-10-CM: all of it or nothing, while searches go on reading the old one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Max

from formulary import icd_file
from formulary.icd_file import FileCode, NotARelease
from formulary.models import DiagnosisCode

_LOCK = 0x1CD10
_MOST_ENDED = 0.1
_COLUMNS = "code, label, billable, other_names"
_STAGING = (
    "CREATE TEMPORARY TABLE new_codes (code varchar(8) PRIMARY KEY, label varchar(300) NOT NULL,"
    " billable boolean NOT NULL, other_names text) ON COMMIT DROP"
)
# A release that is loaded a second time, corrected, takes back what the first load did on its day.
_TAKE_BACK = """
    DELETE FROM formulary_diagnosiscode c WHERE c.valid_from = %(starts)s
       AND NOT EXISTS (SELECT FROM new_codes n WHERE n.code = c.code AND n.billable = c.billable)
    RETURNING EXISTS (SELECT FROM new_codes n WHERE n.code = c.code)
"""
_OPEN_AGAIN = """
    UPDATE formulary_diagnosiscode c SET valid_to = NULL FROM new_codes n
     WHERE n.code = c.code AND n.billable = c.billable AND c.valid_to = %(day_before)s
       AND NOT EXISTS (SELECT FROM formulary_diagnosiscode o
                        WHERE o.code = c.code AND o.valid_to IS NULL)
    RETURNING true
"""
_END = """
    UPDATE formulary_diagnosiscode c SET valid_to = %(day_before)s WHERE c.valid_to IS NULL
       AND NOT EXISTS (SELECT FROM new_codes n WHERE n.code = c.code AND n.billable = c.billable)
    RETURNING EXISTS (SELECT FROM new_codes n WHERE n.code = c.code)
"""
# An order file tells no other names: those of the tabular list before it stay.
_RELABEL = """
    UPDATE formulary_diagnosiscode c
       SET label = n.label, other_names = coalesce(n.other_names, c.other_names)
      FROM new_codes n WHERE n.code = c.code AND c.valid_to IS NULL
       AND (n.label <> c.label OR coalesce(n.other_names, c.other_names) <> c.other_names)
    RETURNING true
"""
_STAMP = """
    UPDATE formulary_diagnosiscode SET release = %(release)s
     WHERE valid_to IS NULL AND release <> %(release)s
    RETURNING true
"""
_ADD = """
    INSERT INTO formulary_diagnosiscode
           (code, label, billable, other_names, release, valid_from)
    SELECT n.code, n.label, n.billable, coalesce(n.other_names, ''), %(release)s, %(starts)s
      FROM new_codes n WHERE NOT EXISTS (
           SELECT FROM formulary_diagnosiscode c WHERE c.code = n.code AND c.valid_to IS NULL)
     ORDER BY n.code
    RETURNING EXISTS (SELECT FROM formulary_diagnosiscode c
                       WHERE c.code = formulary_diagnosiscode.code
                         AND c.valid_to IS NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did. `turned`: became a header, or stopped being one."""

    codes: int
    billable: int
    added: int
    returned: int
    turned: int
    ended: int
    relabelled: int

    @property
    def is_change(self) -> bool:
        return any((self.added, self.returned, self.turned, self.ended, self.relabelled))


def load(path: Path, *, release: str, starts: date, force: bool = False) -> Loaded:
    """Make the file's codes the ones in force from `starts` on; codes that are gone end the day before.

    Raises NotARelease, leaving everything as it is, for a file that is no whole release, one older
    than what is loaded, or (unless `force`) one that would end a tenth of the codes.
    """
    with path.open("rb") as file, transaction.atomic():
        _begin()
        _refuse_older(release, starts)
        _stage(icd_file.read(file))
        done = _settle(release, starts, force=force)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE formulary_diagnosiscode")
        # A search would otherwise read through what was added, row by row.
        cursor.execute("SELECT gin_clean_pending_list('diagnosis_code_by_words')")
    return done


def _begin() -> None:
    """One load at a time, and as long as it takes."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise NotARelease("Another release is being loaded.")


def _refuse_older(release: str, starts: date) -> None:
    newest = DiagnosisCode.objects.aggregate(
        release=Max("release"), began=Max("valid_from"), ended=Max("valid_to")
    )
    began, ended = newest["began"], newest["ended"]
    latest = max(filter(None, (began, ended and ended + timedelta(days=1))), default=starts)
    if starts < latest or release < (newest["release"] or ""):
        raise NotARelease(
            f"Release {newest['release']} is loaded: {release}, from {starts}, is older."
        )


def _stage(codes: Iterable[FileCode]) -> None:
    with connection.cursor() as cursor:
        # Of an earlier load in the same outer transaction.
        cursor.execute("DROP TABLE IF EXISTS pg_temp.new_codes")
        cursor.execute(_STAGING)
        with cursor.copy(f"COPY new_codes ({_COLUMNS}) FROM STDIN") as copy:
            for row in codes:
                names = None if row.other_names is None else "\n".join(row.other_names)
                copy.write_row((row.code, row.label, row.billable, names))
        cursor.execute("ANALYZE new_codes")


def _settle(release: str, starts: date, *, force: bool) -> Loaded:
    """The new codes against those in force, in the order that lets each step see the one before."""
    values = {
        "release": release,
        "starts": starts.isoformat(),
        "day_before": (starts - timedelta(days=1)).isoformat(),
    }
    in_force = DiagnosisCode.objects.filter(valid_to=None).count()
    taken_back, opened = _run(_TAKE_BACK, values), _run(_OPEN_AGAIN, values)
    closed = _run(_END, values)
    ended = closed.count(False) + taken_back.count(False)
    _refuse_a_part(ended, in_force, force=force)
    relabelled = _run(_RELABEL, values)
    _run(_STAMP, values)
    # True: it was there before.
    added = _run(_ADD, values)
    codes, billable = _staged()
    turned = closed.count(True)
    return Loaded(
        codes=codes,
        billable=billable,
        added=added.count(False),
        returned=added.count(True) - turned + len(opened),
        turned=turned,
        ended=ended,
        relabelled=len(relabelled),
    )


def _refuse_a_part(ended: int, in_force: int, *, force: bool) -> None:
    if ended > in_force * _MOST_ENDED and not force:
        raise NotARelease(
            f"It would end {ended} of {in_force} codes: perhaps a part of a release. "
            "If that is right, add --force."
        )


def _run(statement: str, values: dict[str, str]) -> list[bool]:
    """What the statement returns of each row it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [answer for (answer,) in cursor.fetchall()]


def _staged() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE billable) FROM new_codes")
        codes, billable = cursor.fetchone()
    return codes, billable
