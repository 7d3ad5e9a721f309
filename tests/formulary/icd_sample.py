"""A part of the public list of diagnosis codes, as a file and as loaded rows."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path

from formulary import icd_file, icd_release
from formulary.icd_file import FileCode

SAMPLE = Path(__file__).parent.parent / "data" / "icd_sample.xml"
RELEASE, STARTS = "2026-04", date(2026, 4, 1)


def codes(text: bytes | None = None) -> list[FileCode]:
    return list(icd_file.read(BytesIO(SAMPLE.read_bytes() if text is None else text)))


def load_sample() -> icd_release.Loaded:
    return icd_release.load(SAMPLE, release=RELEASE, starts=STARTS)


def order_lines() -> list[str]:
    """The same codes as the order file of CMS writes them."""
    rows = sorted(codes(), key=lambda row: row.code)
    return [
        f"{number:05d} {row.code.replace('.', ''):<7} {row.billable:d} {row.label[:60]:<60} {row.label}\r\n"
        for number, row in enumerate(rows, start=1)
    ]
