"""The public files of ICD-10-CM, read code by code: the tabular list (XML) and the order file (text).

Both come from CDC and CMS: `icd10cm_tabular_*.xml` and `icd10cm-order-*.txt`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from formulary.reference import WELL_FORMED_CODE

_ROOT = "ICD10CM.tabular"
_CHUNK = 256 * 1024
_MOST_CODES = 250_000
_LONGEST_LABEL = 300
_LONGEST_TEXT = 20_000
_DEEPEST = 40
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd-\uffff]")
_ORDER_LINE = re.compile(r"([0-9]{5,6}) ([A-Z][0-9A-Z]{2,6}) *([01]) (.{60}) (\S.*)")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip


class NotARelease(Exception):
    """The file cannot be a whole release; the words say why."""


@dataclass(frozen=True, slots=True)
class FileCode:
    """`other_names` None: this kind of file tells none."""

    code: str
    label: str
    billable: bool
    other_names: tuple[str, ...] | None = None


def read(file: BinaryIO) -> Iterator[FileCode]:
    """Every header and every billable code, each once.

    Raises NotARelease, perhaps after many codes: use nothing of the file then.
    """
    start = file.read(1024)
    file.seek(0)
    if not start.strip():
        raise NotARelease("The file is empty.")
    is_xml = start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
    seen: set[str] = set()
    for row in _tabular(file) if is_xml else _ordered(file):
        _refuse_odd(row, seen)
        yield row
    # A part of a list misses its end; the chapters run from A to Z in every release.
    if not {"A", "Z"} <= {code[0] for code in seen}:
        raise NotARelease("The codes do not run from A to Z: a part of the file is missing.")


def release_of(name: str) -> tuple[str, date] | None:
    """Release and first day, from a published file's name; None when it tells neither.

    A year alone is a fiscal year: it begins with October of the year before.
    """
    words = re.findall(r"[a-z]+|[0-9]+", name.lower())
    year = next((int(word) for word in words if re.fullmatch(r"20[0-9]{2}", word)), None)
    month = next((_MONTHS.index(word) + 1 for word in words if word in _MONTHS), None)
    if year is None:
        return None
    starts = date(year, month, 1) if month else date(year - 1, 10, 1)
    return f"{starts:%Y-%m}", starts


def shipped() -> Path:
    """The tabular list in the package simple-icd-10-cm, which itself is never imported: that takes
    seconds. Raises NotARelease when it is not installed."""
    spec = find_spec("simple_icd_10_cm")
    folder = Path(spec.origin).parent / "data" if spec and spec.origin else Path("/nowhere")
    found = [path for path in sorted(folder.glob("*tabular*.xml")) if release_of(path.name)]
    if not found:
        raise NotARelease("The package simple-icd-10-cm is not installed, or has no tabular list.")
    return max(found, key=lambda path: release_of(path.name) or ("", date.min))


def _refuse_odd(row: FileCode, seen: set[str]) -> None:
    if not WELL_FORMED_CODE.fullmatch(row.code):
        raise NotARelease(f"“{row.code[:20]}” is no ICD-10-CM code.")
    if row.code in seen:
        raise NotARelease(f"{row.code} is there twice.")
    seen.add(row.code)
    if not row.label or len(row.label) > _LONGEST_LABEL or _UNPRINTABLE.search(row.label):
        raise NotARelease(f"{row.code} has no title that can be printed.")
    if len(seen) > _MOST_CODES:
        raise NotARelease(f"More than {_MOST_CODES} codes: not a release of ICD-10-CM.")


# --- The order file of CMS -------------------------------------------------------------------------
def _ordered(file: BinaryIO) -> Iterator[FileCode]:
    """One code a line: order number, code without its point, billable or not, short and long title."""
    number, row = 0, None
    for number, line in enumerate(file, start=1):
        text = _decoded(line[:1024]).rstrip("\r\n ")
        found = _ORDER_LINE.fullmatch(text)
        if found is None:
            raise NotARelease(f"Line {number} is not a line of the order file.")
        if int(found[1]) != number:
            raise NotARelease(
                f"Line {number} has the order number {int(found[1])}: lines are missing."
            )
        row = FileCode(with_point(found[2]), " ".join(found[5].split()), found[3] == "1")
        yield row
    if row is None or not row.billable:
        raise NotARelease(f"The file ends at line {number}, with a header that has no codes.")


def with_point(code: str) -> str:
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("latin-1")


# --- The tabular list ------------------------------------------------------------------------------
@dataclass(slots=True)
class _Diagnosis:
    """A <diag> while it is open. `extensions` are its own 7th characters or those of a diagnosis
    around it; `is_header` as soon as it has a diagnosis inside."""

    extensions: dict[str, str]
    code: str = ""
    label: str = ""
    names: list[str] = field(default_factory=list)
    is_header: bool = False

    def codes(self) -> Iterator[FileCode]:
        """Itself and, where nothing is below it, itself with each 7th character."""
        extended = {} if self.is_header else self._extensions_that_exist()
        names = tuple(self.names)
        yield FileCode(self.code, self.label, not (self.is_header or extended), names)
        # A placeholder X stands for every character that is missing before the seventh.
        base = with_point(self.code.replace(".", "").ljust(6, "X"))
        for character, words in extended.items():
            yield FileCode(base + character, f"{self.label}, {words}", True, names)

    def _extensions_that_exist(self) -> dict[str, str]:
        """Who died of a brain injury is not seen again: S06 has no later encounters of those."""
        if self.code.startswith("S06") and "with death" in self.label:
            return {key: words for key, words in self.extensions.items() if key == "A"}
        return self.extensions


class _Tabular:
    """Follows the XML element by element; finished codes wait in `ready`."""

    def __init__(self) -> None:
        self.ready: list[FileCode] = []
        self._path: list[str] = []
        self._open: list[_Diagnosis] = []
        self._text: list[str] = []
        self._length = 0
        self._character = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._path and tag != _ROOT:
            raise NotARelease(f"This is XML of something else: <{tag[:40]}>, not <{_ROOT}>.")
        self._path.append(tag)
        if len(self._path) > _DEEPEST:
            raise NotARelease("The XML is nested deeper than any release.")
        self._text, self._length = [], 0
        if tag == "diag":
            around = self._open[-1] if self._open else _Diagnosis({})
            around.is_header = True
            self._open.append(_Diagnosis(around.extensions))
        elif tag == "sevenChrDef" and self._open:
            self._open[-1].extensions = {}
        elif tag == "extension":
            self._character = attributes.get("char", "")

    def text(self, part: str) -> None:
        self._length += len(part)
        if self._length > _LONGEST_TEXT:
            raise NotARelease("The XML has a text longer than any release.")
        self._text.append(part)

    def end(self, tag: str) -> None:
        self._path.pop()
        if not self._open:
            return
        words, diagnosis = " ".join("".join(self._text).split()), self._open[-1]
        self._text = []
        match (self._path[-1], tag):
            case ("diag", "name"):
                diagnosis.code = words
            case ("diag", "desc"):
                diagnosis.label = words
            case ("inclusionTerm", "note"):
                diagnosis.names.append(words)
            case ("sevenChrDef", "extension"):
                self._extend(diagnosis, words)
            case (_, "diag"):
                self.ready.extend(self._open.pop().codes())
            case _:
                pass

    def _extend(self, diagnosis: _Diagnosis, words: str) -> None:
        if not re.fullmatch(r"[0-9A-Z]", self._character) or not words:
            raise NotARelease(f"{diagnosis.code} has a 7th character that is none.")
        diagnosis.extensions[self._character] = words


def _tabular(file: BinaryIO) -> Iterator[FileCode]:
    """Raises NotARelease for XML that is cut off, broken or of something else."""
    seen, parser = _Tabular(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = seen.start, seen.end
    parser.CharacterDataHandler = seen.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.buffer_text = True
    is_last = False
    while not is_last:
        chunk = file.read(_CHUNK)
        is_last = not chunk
        _feed(parser.Parse, chunk, is_last)
        ready, seen.ready = seen.ready, []
        yield from ready


def _feed(parse: Callable[[bytes, bool], object], chunk: bytes, is_last: bool) -> None:
    try:
        parse(chunk, is_last)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise NotARelease(f"The XML is broken or cut off ({error}).") from None


def _refuse_doctype(*_: object) -> None:
    """No release declares any; entities that grow into gigabytes, or read other files, do."""
    raise NotARelease("The XML declares a document type: not a release.")
