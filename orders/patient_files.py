"""Reading a list of patients from a file: its bytes, its header, its rows. Stores nothing."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

import tablib
from tablib.exceptions import InvalidDimensions, TablibException

MAX_BYTES = 1024 * 1024
MAX_ROWS = 500
ENCODINGS = {"utf-8": "UTF-8", "cp1252": "Windows-1252"}

# Our field → what a header may say, without spaces, signs and capitals. The first is ours.
HEADERS: dict[str, tuple[str, ...]] = {
    "family_name": ("familyname", "lastname", "last", "surname", "family"),
    "given_name": ("givenname", "firstname", "first", "given"),
    "birth_date": ("dateofbirth", "birthdate", "birthday", "born", "dob"),
    "sex": ("sex", "gender"),
    "address": ("streetaddress", "address", "street", "address1"),
    "city": ("city", "town"),
    "state": ("state", "st"),
    "zip_code": ("zipcode", "zip", "postalcode"),
    "phone": ("phone", "phonenumber", "telephone", "tel", "mobile"),
    "allergies": ("allergies", "allergy", "knownallergies"),
    "allergies_on": ("allergiesaskedon", "allergieson", "allergiesdate", "allergiesasof"),
}
OPTIONAL = ("allergies", "allergies_on")
LABELS = {
    "family_name": "Family name", "given_name": "Given name", "birth_date": "Date of birth",
    "sex": "Sex", "address": "Street address", "city": "City", "state": "State",
    "zip_code": "ZIP code", "phone": "Phone", "allergies": "Allergies",
    "allergies_on": "Allergies asked on",
}  # fmt: skip
_SAMPLE = (
    ("Sample", "Pat", "11/22/1980", "Female", "12 Example Road", "Sampleton", "NC", "27514",
     "(555) 555-0123", "None known", "10/01/2026"),
    ("Example", "Kim", "Nov 2 1975", "Male", "3 Sample Lane", "Sampleton", "NC", "27514-0123",
     "(555) 555-0124", "", ""),
)  # fmt: skip


class NotAList(Exception):
    """The file holds no list of patients that we can read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """`columns`: each header of the file with our field, or "" where it is left aside.

    `rows`: by our field, as typed; the first is row 2 of the file, below its header.
    """

    columns: list[tuple[str, str]]
    rows: list[dict[str, str]]


def sample() -> str:
    """A file that can be filled in: our headers and two invented people."""
    data = tablib.Dataset(*_SAMPLE, headers=list(LABELS.values()))
    return str(data.export("csv"))


def read(content: bytes, encoding: str) -> Table:
    """Raises NotAList for anything that is not a list of up to MAX_ROWS patients."""
    text = decode(content, encoding)
    data = _parsed(text)
    columns = _columns([str(header or "").strip() for header in data.headers or []])
    rows = [row for row in map(list, data) if any(str(cell).strip() for cell in row)]
    if not rows:
        raise NotAList("This file holds a header and no patients below it.")
    if len(rows) > MAX_ROWS:
        raise NotAList(
            f"This file holds {len(rows):,} rows; {MAX_ROWS} can be imported at once. Split it."
        )
    named = [(at, field) for at, (_, field) in enumerate(columns) if field]
    return Table(columns, [{field: str(row[at] or "") for at, field in named} for row in rows])


def decode(content: bytes, encoding: str) -> str:
    """The text in the encoding that was said; a wrong one is told apart where it can be."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise NotAList("This is a workbook. In Excel, choose Save As “CSV UTF-8”, then that file.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        raise NotAList("This file is not plain CSV text. Save it as “CSV UTF-8” and choose that.")
    if content.startswith(b"\xef\xbb\xbf"):
        encoding = "utf-8-sig"  # it says so itself
    elif encoding == "cp1252" and not content.isascii() and _is_utf8(content):
        raise NotAList("This file is written in UTF-8: choose UTF-8 for its characters.")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        if encoding == "cp1252":
            raise NotAList(
                f"Line {line} holds a character that is not Windows-1252. Save the file as "
                "“CSV UTF-8” and choose UTF-8."
            ) from None
        raise NotAList(
            f"Line {line} holds a character that is not UTF-8. Choose Windows-1252, which older "
            "programs write, or save the file as “CSV UTF-8”."
        ) from None


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _parsed(text: str) -> tablib.Dataset:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    between = max(",;\t", key=first.count)
    try:
        data = tablib.Dataset().load(text, format="csv", delimiter=between)
    except InvalidDimensions:
        raise NotAList(
            "A row has more cells than the header: put text with commas between quotation marks."
        ) from None
    except (csv.Error, TablibException, ValueError):
        raise NotAList(
            "This file cannot be read as CSV. Download the sample and compare."
        ) from None
    return data


def _columns(headers: list[str]) -> list[tuple[str, str]]:
    """Each header with our field. Raises NotAList for fields that are missing or named twice."""
    known = {spelling: field for field, names in HEADERS.items() for spelling in names}
    columns = [(h[:80], known.get(re.sub(r"[^a-z0-9]", "", h.lower()), "")) for h in headers]
    found = [field for _, field in columns if field]
    missing = [LABELS[f] for f in LABELS if f not in found and f not in OPTIONAL]
    if missing:
        raise NotAList(f"The first row must name each column. Missing: {', '.join(missing)}.")
    if twice := [LABELS[field] for field in LABELS if found.count(field) > 1]:
        raise NotAList(f"Two columns are named {' and '.join(twice)}: leave one out.")
    return columns
