"""Papers as people and attackers send them, made in code: nothing that a scanner would trip over."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin
from pypdf import PdfWriter
from pypdf.actions import JavaScript
from pytest_django import Settings

# Split, so that this file is no test virus itself.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


def sent(name: str, data: bytes, content_type: str = "application/pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type)


def keep_papers_in(folder: Path, settings: Settings) -> Path:
    """Give a test a storage of its own, and no scanner."""
    private = settings.STORAGES["private"]
    options = private["OPTIONS"] | {"location": str(folder)}
    settings.STORAGES = {**settings.STORAGES, "private": {**private, "OPTIONS": options}}
    settings.CLAMAV_URL = ""
    return folder


def files(folder: Path) -> list[Path]:
    """What lies in the storage."""
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


# --- Good ones ------------------------------------------------------------------------------------
def pdf(pages: int = 1) -> bytes:
    return _written(_blank(pages))


def png(size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: Any) -> bytes:
    return _picture("PNG", size, mode, **options)


def jpeg(size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: Any) -> bytes:
    return _picture("JPEG", size, mode, **options)


def telling_jpeg() -> bytes:
    """A photograph lying on its side, with a place, a comment, XMP and a colour profile."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    exif[0x010F] = "Canary camera"
    exif.get_ifd(0x8825)[1] = "N"
    return jpeg(exif=exif, comment=b"Canary comment", xmp=b"<Canary/>", icc_profile=b"Canary ICC")


def telling_png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "Canary text")
    info.add_itxt("XML:com.adobe.xmp", "Canary XMP")
    return png(pnginfo=info, icc_profile=b"Canary ICC")


# --- Bad ones -------------------------------------------------------------------------------------
def pdf_with_javascript() -> bytes:
    writer = _blank()
    writer.add_open_action(JavaScript("app.alert(1)"))
    return _written(writer)


def pdf_with_attachment() -> bytes:
    writer = _blank()
    writer.add_attachment("tool.exe", b"MZ")
    return _written(writer)


def locked_pdf(password: str) -> bytes:
    writer = _blank()
    writer.encrypt(password, "owner-of-the-paper")
    return _written(writer)


def pdf_saying(catalogue: str, *more: str) -> bytes:
    """A PDF put together by hand: what stands in its catalogue, and further objects from 4 on."""
    bodies = [
        f"<< /Type /Catalog /Pages 2 0 R {catalogue} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>",
        *more,
    ]
    data, places = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"<< /Size {len(places) + 1} /Root 1 0 R >>"
    return data + _table(len(data), f"0 {len(places) + 1}\n0000000000 65535 f \n{table}", trailer)


def pdf_of_pages(pages: int) -> bytes:
    """A leaf for each page, named in one list."""
    leaves = "".join(f" {number} 0 R" for number in range(4, 4 + pages))
    leaf = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>"
    data = pdf_saying("", *[leaf] * pages)
    old = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return data.replace(old, f"<< /Type /Pages /Kids [{leaves}] /Count {pages} >>".encode())


def pdf_with_looping_tables() -> bytes:
    """Its table names itself as the one before."""
    data = pdf_saying("")
    start = int(data.rpartition(b"startxref\n")[2].split()[0])
    return data.replace(b"/Root 1 0 R >>", b"/Root 1 0 R /Prev %d >>" % start)


def pdf_with_looping_pages() -> bytes:
    """Its only page is the folder that holds it."""
    return pdf_saying("").replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]")


def pdf_bomb() -> bytes:
    """Its objects lie in a stream of some kB that unpacks to 160 MB of zeros."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"\0" * 4_000_000) for _ in range(40)) + packer.flush()
    data = b"%PDF-1.7\n"
    bomb = len(data)
    told = f"/Type /ObjStm /N 3 /First 20 /Filter /FlateDecode /Length {len(packed)}"
    data += f"1 0 obj\n<< {told} >>\nstream\n".encode() + packed + b"\nendstream\nendobj\n"
    table = struct.pack(">BIB", 0, 0, 0) + struct.pack(">BIB", 1, bomb, 0)
    table += b"".join(struct.pack(">BIB", 2, 1, place) for place in range(3))
    table += struct.pack(">BIB", 1, len(data), 0)
    told = f"/Type /XRef /Size 6 /W [1 4 1] /Root 2 0 R /Length {len(table)}"
    end = f"\nendstream\nendobj\nstartxref\n{len(data)}\n%%EOF\n".encode()
    return data + f"5 0 obj\n<< {told} >>\nstream\n".encode() + table + end


def zip_bomb() -> bytes:
    """Some kB that unpack to 64 MB, nested."""
    inner = _zip({"a": b"\0" * 16_000_000})
    return _zip({f"{number}.zip": inner for number in range(4)})


def polyglot_zip(front: bytes) -> bytes:
    """A paper that unzips."""
    return front + _zip({"index.html": b"<script>alert(1)</script>"})


def zip_within(front: bytes) -> bytes:
    """A ZIP behind a PDF, whose comment ends as a PDF ends."""
    hidden = io.BytesIO()
    with zipfile.ZipFile(hidden, "w") as archive:
        archive.writestr("index.html", "<script>alert(1)</script>")
        archive.comment = b"\nstartxref\n9\n%%EOF\n"
    return front + hidden.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large, and packs that many zeros."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = b"\0" * (width // 8 + 2)
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
EXE = b"MZ\x90\0" + b"\0" * 60 + b"PE\0\0"
GIF_JS = b"GIF89a/*" + b"\0" * 8 + b"*/=1;alert(1)//;"


def _blank(pages: int = 1) -> PdfWriter:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(612, 792)
    return writer


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _picture(kind: str, size: tuple[int, int], mode: str, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, kind, **options)
    return out.getvalue()


def _table(place: int, rows: str, trailer: str) -> bytes:
    return f"xref\n{rows}trailer\n{trailer}\nstartxref\n{place}\n%%EOF\n".encode("latin-1")


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
