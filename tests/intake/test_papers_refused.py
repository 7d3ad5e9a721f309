"""What attackers and accidents send instead of papers: refused in words, nothing left behind."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from intake.forms.papers import PaperForm
from intake.models import Upload
from intake.papers.inspection import inspect
from intake.papers.limits import MAX_BYTES, MEGABYTE
from intake.papers.names import display_name
from intake.papers.refusals import PaperRefused, Refusal
from intake.status import UploadKind
from tests.intake import papers as made
from tests.intake.factories import draft_application
from tests.intake.papers import files, keep_papers_in, pdf, png, sent

_Make = Callable[[], bytes]
CORPUS: dict[str, tuple[str, _Make, Refusal]] = {
    "nothing in it": ("a.pdf", lambda: b"", Refusal.EMPTY),
    "a byte too many": ("a.pdf", lambda: pdf() + b" " * (MAX_BYTES + 1 - len(pdf())), Refusal.SIZE),
    "ten times too big": ("a.pdf", lambda: b"%PDF-1.7" + b"\0" * 10 * MAX_BYTES, Refusal.SIZE),
    "program as PDF": ("a.pdf", lambda: made.EXE, Refusal.TYPE),
    "page as PDF": ("a.pdf", lambda: made.HTML, Refusal.TYPE),
    "drawing with script": ("a.svg", lambda: made.SVG, Refusal.TYPE),
    "drawing as PDF": ("a.pdf", lambda: made.SVG, Refusal.TYPE),
    "drawing as JPEG": ("a.jpg", lambda: made.SVG, Refusal.TYPE),
    "GIF that is a script": ("a.png", lambda: made.GIF_JS, Refusal.TYPE),
    "ZIP bomb as PDF": ("a.pdf", made.zip_bomb, Refusal.TYPE),
    "text before the PDF": ("a.pdf", lambda: b"GIF89a" + pdf(), Refusal.TYPE),
    "PDF that unzips": ("a.pdf", lambda: made.polyglot_zip(pdf()), Refusal.TAIL),
    "PDF that unzips, well hidden": ("a.pdf", lambda: made.zip_within(pdf()), Refusal.TAIL),
    "PDF with a page behind it": ("a.pdf", lambda: pdf() + made.HTML, Refusal.TAIL),
    "PDF with JavaScript": ("a.pdf", made.pdf_with_javascript, Refusal.ACTIVE),
    "PDF with a file in it": ("a.pdf", made.pdf_with_attachment, Refusal.ACTIVE),
    "PDF with a disguised script": (
        "a.pdf",
        lambda: made.pdf_saying("/OpenAction << /S /J#61vaScript /J#53 (app.alert) >>"),
        Refusal.ACTIVE,
    ),
    "PDF that starts a program": (
        "a.pdf",
        lambda: made.pdf_saying("/OpenAction 4 0 R", "<< /S /Launch /F (cmd.exe) >>"),
        Refusal.ACTIVE,
    ),
    "PDF that sends": (
        "a.pdf",
        lambda: made.pdf_saying("/AA 4 0 R", "[ << /S /SubmitForm /F (http://example.org) >> ]"),
        Refusal.ACTIVE,
    ),
    "PDF with a form program": (
        "a.pdf",
        lambda: made.pdf_saying("/AcroForm << /XFA 4 0 R >>", "(x)"),
        Refusal.ACTIVE,
    ),
    "PDF with moving parts": (
        "a.pdf",
        lambda: made.pdf_saying("/Extra 4 0 R", "<< /Type /Annot /Subtype /RichMedia >>"),
        Refusal.ACTIVE,
    ),
    "locked PDF": ("a.pdf", lambda: made.locked_pdf("secret"), Refusal.LOCKED),
    "PDF that anybody may open": ("a.pdf", lambda: made.locked_pdf(""), Refusal.LOCKED),
    "31 pages": ("a.pdf", lambda: pdf(31), Refusal.PAGES),
    "10,000 pages": ("a.pdf", lambda: made.pdf_of_pages(10_000), Refusal.PAGES),
    "PDF that lies about its pages": (
        "a.pdf",
        lambda: pdf(40).replace(b"/Count 40", b"/Count 1 "),
        Refusal.PAGES,
    ),
    "table that names itself": ("a.pdf", made.pdf_with_looping_tables, Refusal.BROKEN),
    "page that holds itself": ("a.pdf", made.pdf_with_looping_pages, Refusal.BROKEN),
    "PDF cut short": ("a.pdf", lambda: pdf()[:-60], Refusal.BROKEN),
    "PDF without pages": ("a.pdf", lambda: pdf(0), Refusal.BROKEN),
    "PDF of noise": ("a.pdf", lambda: b"%PDF-1.7\n\7\7\7\nstartxref\n9\n%%EOF", Refusal.BROKEN),
    "PDF that unpacks to far more": ("a.pdf", made.pdf_bomb, Refusal.BROKEN),
    "picture of 900 million points": ("a.png", lambda: made.png_of(30_000, 30_000), Refusal.PIXELS),
    "picture just too large": ("a.png", lambda: made.png_of(8_000, 5_001), Refusal.PIXELS),
    "picture cut short": ("a.png", lambda: png((900, 900))[:-400], Refusal.BROKEN),
    "head of a PNG": ("a.png", lambda: b"\x89PNG\r\n\x1a\n", Refusal.BROKEN),
    "JPEG of noise": ("a.jpg", lambda: b"\xff\xd8\xff\xe0" + b"\x55" * 500, Refusal.BROKEN),
}  # fmt: skip


@pytest.mark.parametrize("what", CORPUS)
def test_a_bad_file_is_refused_in_words_of_its_own_soon_and_cheaply(what: str) -> None:
    name, make, expected = CORPUS[what]
    form_file = sent(name, make())
    before, begun = psutil.Process().memory_info().rss, _processor_time()
    with pytest.raises(PaperRefused) as refused:
        inspect(form_file)
    # Not by the clock, which other work on the machine slows.
    assert _processor_time() - begun < 3
    assert psutil.Process().memory_info().rss - before < 50 * MEGABYTE
    assert refused.value.refusal is expected


def _processor_time() -> float:
    """Of this process and those it started, in seconds."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


@pytest.mark.parametrize("kind", ["png", "jpeg"])
@pytest.mark.parametrize("tail", [made.HTML, made.SVG, made.polyglot_zip(b""), pdf()])
def test_a_picture_that_is_something_else_as_well_is_refused(kind: str, tail: bytes) -> None:
    with pytest.raises(PaperRefused) as refused:
        inspect(sent("a.png", getattr(made, kind)() + tail))
    assert refused.value.refusal is Refusal.TAIL


@pytest.mark.parametrize("kind", ["png", "jpeg"])
@pytest.mark.parametrize("tail", [b"\0\0\0\x18ftypmp42 moving", b"SEFT" * 9, made.EICAR])
def test_what_telephones_hang_behind_a_picture_is_left_behind(kind: str, tail: bytes) -> None:
    paper = inspect(sent("a.png", getattr(made, kind)() + tail))
    assert tail not in paper.content.read()


def test_a_file_of_just_the_greatest_size_is_taken() -> None:
    padded = pdf() + b"\n" * (MAX_BYTES - len(pdf()))
    assert inspect(sent("a.pdf", padded)).size == MAX_BYTES


NAMES = {
    "../../etc/passwd": "passwd.pdf",
    "..\\..\\x.pdf": "x.pdf",
    "/etc/x": "x.pdf",
    "C:\\Users\\licence.pdf": "licence.pdf",
    "a\0.pdf": "a.pdf",
    "CON": "paper CON.pdf",
    "nul.pdf": "paper nul.pdf",
    ".htaccess": "htaccess.pdf",
    "..": "paper.pdf",
    "": "paper.pdf",
    "📄": "📄.pdf",
    "x.pdf.exe": "x.pdf.exe.pdf",
    "a\u202efdp.exe": "afdp.exe.pdf",
    "a\r\nSet-Cookie: x=1.pdf": "x=1.pdf",
    'a"; filename="b.exe': "a filename= b.exe.pdf",
    "<script>alert(1)</script>.pdf": "script.pdf",
    "Lizenz Müller.PDF": "Lizenz Müller.pdf",
    "n" * 300 + ".pdf": "n" * 116 + ".pdf",
    "\ud800.pdf": "paper.pdf",
}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_bad_name_alone_becomes_a_good_one(name: str) -> None:
    shown = display_name(name, "application/pdf")
    assert shown == NAMES[name]
    assert len(shown) <= 120


# --- As a form sees it ----------------------------------------------------------------------------
def test_the_form_says_what_is_taken_before_and_what_was_wrong_after() -> None:
    form = PaperForm(kinds=[UploadKind.LICENCE, UploadKind.DEA])
    assert (
        form.fields["file"].help_text == "PDF, PNG or JPEG, at most 10 MB; a PDF at most 30 pages."
    )
    empty = PaperForm({"kind": "dea"}, {}, kinds=[UploadKind.LICENCE, UploadKind.DEA])
    assert empty.errors == {"file": [Refusal.NONE.value]}
    text = PaperForm({"kind": "dea", "file": "text"}, {}, kinds=tuple(UploadKind))
    assert text.errors == {"file": [Refusal.NONE.value]}
    wrong = PaperForm({"kind": "tax"}, {"file": sent("a.pdf", made.HTML)}, kinds=tuple(UploadKind))
    assert set(wrong.errors) == {"kind", "file"}
    good = PaperForm({}, {"file": sent("a.png", png())}, kinds=[UploadKind.OTHER])
    assert good.is_valid()
    assert good.paper()[1] is UploadKind.OTHER


def test_no_two_refusals_share_their_words() -> None:
    words = [refusal.value for refusal in Refusal]
    assert len(set(words)) == len(words)


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    return keep_papers_in(tmp_path / "uploads", settings)


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["nothing in it", "PDF that unzips", "drawing as JPEG", ""])
def test_the_page_shows_the_refusal_beside_the_control_and_keeps_nothing(
    folder: Path, what: str
) -> None:
    name, make, expected = CORPUS.get(what, ("", bytes, Refusal.NONE))
    application = draft_application()
    client = Client(HTTP_HOST="127.0.0.1")
    session = client.session
    session["applications"] = [application.pk]
    session.save()
    file = {"file": SimpleUploadedFile(name, make())} if name else {}
    answer = client.post(f"/apply/{application.reference}/papers/", {"kind": "licence", **file})
    page = answer.content.decode()
    assert page.count(expected.value) == 2  # in the summary and beside the control
    assert 'aria-invalid="true"' in page
    assert files(folder) == []
    assert not Upload.objects.exists()
