"""PDFs: whole, unlocked, short, and without anything that acts or hides.

Run by intake.papers.child alone, in a process with limits. The document is read, never run, and
its pages are not drawn; it is kept as it was sent.
"""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Iterator

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

from intake.papers.limits import MAX_PAGES
from intake.papers.refusals import PaperRefused, Refusal

# The end of a PDF: the last table's place, then nothing but white space.
_END = re.compile(rb"startxref\s+\d{1,12}\s+%%EOF\Z")
_END_WITHIN = 2048
_WHITE = b"\0\t\n\f\r "
# Looked for in the raw bytes too, where a table may not lead: leftovers of older versions.
_RAW = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|GoToE)(?![A-Za-z0-9])")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")

_ACTING_KEYS = frozenset({"/JS", "/JavaScript", "/EmbeddedFiles", "/XFA", "/RichMediaContent", "/EF",
                          "/Collection"})  # fmt: skip
_ACTING_VALUES = {
    "/S": frozenset({"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR",
                     "/Rendition", "/Movie", "/Sound", "/RichMediaExecute"}),
    "/Subtype": frozenset({"/RichMedia", "/FileAttachment", "/Movie", "/Screen", "/Sound", "/3D"}),
    "/Type": frozenset({"/EmbeddedFile", "/Filespec", "/RichMediaContent"}),
}  # fmt: skip
# Objects of one document; a scan of 30 pages has hundreds.
_MOST_OBJECTS = 50_000


def pages_of(data: bytes) -> int:
    """How many pages the document has; raises PaperRefused, or whatever a broken one leads to."""
    _ensure_nothing_behind(data)
    if _RAW.search(data) or _RAW.search(_unescaped(data)):
        raise PaperRefused(Refusal.ACTIVE)
    reader = _read(data)
    if reader.is_encrypted:
        raise PaperRefused(Refusal.LOCKED)
    _ensure_short(reader)
    _ensure_passive(reader)
    return len(reader.pages)


def _read(data: bytes) -> PdfReader:
    """The parser stops at tables that name each other in a circle, and only says so."""
    said: list[str] = []
    listener = logging.Handler(logging.WARNING)
    listener.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    parser = logging.getLogger("pypdf")
    parser.addHandler(listener)
    try:
        reader = PdfReader(io.BytesIO(data))
    finally:
        parser.removeHandler(listener)
    if any("ircular" in sentence for sentence in said):
        raise PaperRefused(Refusal.BROKEN)
    return reader


def _ensure_nothing_behind(data: bytes) -> None:
    """A ZIP is read from its end, so it may hide behind any beginning, also as a comment."""
    if b"%%EOF" not in data:
        raise PaperRefused(Refusal.BROKEN)
    if not _END.search(data.rstrip(_WHITE)[-_END_WITHIN:]) or zipfile.is_zipfile(io.BytesIO(data)):
        raise PaperRefused(Refusal.TAIL)


def _unescaped(data: bytes) -> bytes:
    """With names as readers see them: `/J#61vaScript` is /JavaScript."""
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), data)


def _ensure_short(reader: PdfReader) -> None:
    """First what the document says of itself, then what is there."""
    pages = reader.root_object["/Pages"].get_object()
    said = pages.get("/Count") if isinstance(pages, DictionaryObject) else 0
    if (isinstance(said, int) and said > MAX_PAGES) or len(reader.pages) > MAX_PAGES:
        raise PaperRefused(Refusal.PAGES)
    if not reader.pages:
        raise PaperRefused(Refusal.BROKEN)


def _ensure_passive(reader: PdfReader) -> None:
    for part in [reader.trailer, *_objects(reader)]:
        if any(_acts(mapping) for mapping in _mappings(part)):
            raise PaperRefused(Refusal.ACTIVE)


def _objects(reader: PdfReader) -> Iterator[object]:
    """Every object that a table leads to, whether or not a page does."""
    places = [(number, generation) for generation, row in reader.xref.items() for number in row]
    places += [(number, 0) for number in reader.xref_objStm]
    if len(places) > _MOST_OBJECTS:
        raise PaperRefused(Refusal.BROKEN)
    for number, generation in places:
        yield reader.get_object(IndirectObject(number, generation, reader))


def _mappings(part: object) -> Iterator[DictionaryObject]:
    """The dictionaries within one object; others it points to have their own turn."""
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            yield one
            waiting.extend(dict.values(one))
        elif isinstance(one, ArrayObject):
            waiting.extend(list.__iter__(one))


def _acts(mapping: DictionaryObject) -> bool:
    if not _ACTING_KEYS.isdisjoint(mapping):
        return True
    found = {key: dict.get(mapping, key) for key in _ACTING_VALUES}
    return any(isinstance(v, NameObject) and v in _ACTING_VALUES[k] for k, v in found.items())
