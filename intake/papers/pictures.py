"""Pictures, decoded and written anew: what was beside the picture in the file stays behind.

Run by intake.papers.child alone, in a process with limits.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from typing import IO, Any

from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile, get_sampling

from intake.papers.limits import MAX_PIXELS
from intake.papers.refusals import PaperRefused, Refusal

_OPENED_BY = {"image/png": "PNG", "image/jpeg": "JPEG"}
_ENDS = {"PNG": b"IEND\xaeB`\x82", "JPEG": b"\xff\xd9"}
_ANOTHER_THING = re.compile(rb"(?i)<!doctype|<html|<script|<svg|%PDF-|<\?php")
_KEPT_MODES = {"PNG": {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}, "JPEG": {"L", "RGB"}}


def rewrite(source: IO[bytes], content_type: str, target: IO[bytes]) -> None:
    """Write the picture alone, upright, to `target`; raises PaperRefused."""
    kind = _OPENED_BY[content_type]
    data = source.read()
    _ensure_one_thing(data, kind)
    source = io.BytesIO(data)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(source, formats=[kind]) as opened:
                options = _options(opened)
                picture = _plain(_upright(opened), kind)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise PaperRefused(Refusal.PIXELS) from None
    # Pillow writes what it finds here: comments, XMP, colour profiles, resolutions.
    picture.info.clear()
    written = io.BytesIO()
    picture.save(written, format=kind, **options)
    target.write(written.getbuffer())


def _ensure_one_thing(data: bytes, kind: str) -> None:
    """Refuse what is a page, a document or an archive as well.

    Telephones put data of their own behind their pictures: that is left behind without a word.
    """
    behind = data[data.rfind(_ENDS[kind]) + len(_ENDS[kind]) :]
    if _ANOTHER_THING.search(behind) or zipfile.is_zipfile(io.BytesIO(data)):
        raise PaperRefused(Refusal.TAIL)


def _options(opened: Image.Image) -> dict[str, Any]:
    """A photograph is written as finely as it came: neither much bigger nor visibly worse."""
    if not isinstance(opened, JpegImageFile) or opened.mode not in _KEPT_MODES["JPEG"]:
        return {"compress_level": 4} if opened.format == "PNG" else {"quality": 85}
    return {"qtables": opened.quantization, "subsampling": get_sampling(opened)}


def _upright(opened: Image.Image) -> Image.Image:
    """Turn as the camera noted; the note itself goes with the rest."""
    opened.load()
    ImageOps.exif_transpose(opened, in_place=True)
    return opened


def _plain(picture: Image.Image, kind: str) -> Image.Image:
    """In a mode that needs nothing beside the points: no inks, no keyed-out colour."""
    if picture.mode in _KEPT_MODES[kind] and "transparency" not in picture.info:
        return picture
    see_through = kind == "PNG" and picture.has_transparency_data
    return picture.convert("RGBA" if see_through else "RGB")
