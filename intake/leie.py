"""The OIG's list of excluded individuals and entities, as the public CSV file writes it, line by line.

A field never holds a line break, so each line is read for itself: an open quote spoils one row and
not the rest of the file.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from intake import names
from intake.digits import npi_error

HEADER = (
    "LASTNAME,FIRSTNAME,MIDNAME,BUSNAME,GENERAL,SPECIALTY,UPIN,NPI,DOB,ADDRESS,CITY,STATE,ZIP,"
    "EXCLTYPE,EXCLDATE,REINDATE,WAIVERDATE,WVRSTATE"
)
# Where each column is stored, in the file's order.
COLUMNS = (
    "last_name", "first_name", "middle_name", "business_name", "general", "specialty", "upin",
    "npi", "born", "address", "city", "state", "zip_code", "exclusion_type", "excluded_on",
    "reinstated_on", "waived_on", "waiver_state",
)  # fmt: skip
_LAST, _FIRST, _BUSINESS, _NPI, _EXCLUDED_ON = 0, 1, 3, 7, 14
NO_NPI = ("", "0000000000")
_LONGEST_LINE = 8 * 1024
_LONGEST = 250
_LINES_TOLD = 10

Row = tuple[list[str], list[str]]


class NotTheList(Exception):
    """The file cannot be the list; the words say why."""


@dataclass
class Tally:
    """What was read so far. `malformed_lines` names the first few."""

    rows: int = 0
    bad_npis: int = 0
    malformed: int = 0
    malformed_lines: list[int] = field(default_factory=list)
    newest: str = ""
    sha256: str = ""


def read(file: BinaryIO, tally: Tally) -> Iterator[Row]:
    """Each row's fields and name keys; what is found on the way goes into `tally`.

    Raises NotTheList for a file that does not begin with the published header.
    """
    digest = hashlib.sha256()
    first = file.readline(_LONGEST_LINE)
    digest.update(first)
    _expect_header(first)
    for number, line in enumerate(_lines(file, digest), start=2):
        fields = _fields(line)
        if fields is None:
            tally.malformed += 1
            tally.malformed_lines += [number] if tally.malformed <= _LINES_TOLD else []
        elif fields:
            tally.rows += 1
            tally.bad_npis += _is_bad(fields[_NPI])
            if re.fullmatch(r"[12][0-9]{7}", fields[_EXCLUDED_ON]):
                tally.newest = max(tally.newest, fields[_EXCLUDED_ON])
            yield fields, name_keys(fields[_LAST], fields[_FIRST])
    tally.sha256 = digest.hexdigest()


def name_keys(family: str, given: str) -> list[str]:
    """Every way to write the listed name; none for a business."""
    return names.keys(names.variants(family), names.given_variants(given))


def _expect_header(line: bytes) -> None:
    if not line.strip():
        raise NotTheList("The file is empty.")
    columns = line.decode("utf-8-sig", "replace").replace('"', "").upper().strip().split(",")
    if [column.strip() for column in columns] != HEADER.split(","):
        raise NotTheList(f"The first line is not the list’s. It should be: {HEADER}")


def _lines(file: BinaryIO, digest: hashlib._Hash) -> Iterator[bytes]:
    """Line by line; of one that is too long the beginning, so that it counts as malformed."""
    while line := file.readline(_LONGEST_LINE):
        digest.update(line)
        rest = line
        while not rest.endswith(b"\n") and (rest := file.readline(_LONGEST_LINE)):
            digest.update(rest)
            line = line[: _LONGEST_LINE - 1] + b"\0"
        yield line


def _fields(line: bytes) -> list[str] | None:
    """The stripped fields; nothing for an empty line, None for one that is no row."""
    text = _decoded(line).strip("\r\n")
    if not text.strip():
        return []
    if "\0" in text:
        return None
    try:
        fields = next(csv.reader([text], strict=True))
    except csv.Error:
        return None
    fields = [part.strip() for part in fields]
    is_whole = len(fields) == len(COLUMNS) and all(len(part) <= _LONGEST for part in fields)
    return fields if is_whole and (fields[_LAST] or fields[_BUSINESS]) else None


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _is_bad(npi: str) -> bool:
    return npi not in NO_NPI and bool(npi_error(npi))
