"""Papers in and out of the storage: what is kept, who gets it, what goes when."""

from __future__ import annotations

import hashlib
import io
import resource
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from intake.models import Application, Upload
from intake.papers.inspection import inspect
from intake.papers.limits import MAX_PAPERS
from intake.papers.refusals import PaperRefused, Refusal
from intake.services import papers
from intake.status import Scan, UploadKind
from tests.conftest import Cast
from tests.intake.factories import draft_application, submitted_application
from tests.intake.papers import (
    files,
    jpeg,
    keep_papers_in,
    pdf,
    png,
    sent,
    telling_jpeg,
    telling_png,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    """A storage of the test's own."""
    return keep_papers_in(tmp_path / "uploads", settings)


def stored(application: Application, data: bytes | None = None, **kwargs: Any) -> Upload:
    name = kwargs.pop("name", "licence.png")
    return papers.store(
        sent(name, png() if data is None else data),
        application=application,
        kind=UploadKind.LICENCE,
        **kwargs,
    )


def test_a_pdf_is_kept_as_it_was_sent_under_a_random_private_name(folder: Path) -> None:
    data = pdf(3)
    upload = stored(draft_application(), data, name="My licence.PDF")
    (path,) = files(folder)
    assert path.read_bytes() == data
    assert upload.sha256 == hashlib.sha256(data).hexdigest()
    assert (upload.name, upload.pages, upload.size) == ("My licence.pdf", 3, len(data))
    assert "licence" not in str(path.relative_to(folder)).lower()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("data", [telling_jpeg(), telling_png()], ids=["jpeg", "png"])
def test_a_picture_is_kept_upright_and_without_what_was_beside_it(data: bytes) -> None:
    assert b"Canary" in data
    upload = stored(draft_application(), data)
    with papers.open_paper(upload) as file:
        kept = file.read()
    assert b"Canary" not in kept
    assert b"Exif" not in kept
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(kept)) as after:
        turned = before.getexif().get(0x0112) == 6
        assert after.size == (before.size[::-1] if turned else before.size)
        assert not after.getexif()


def test_the_same_paper_sent_twice_is_stored_once(folder: Path) -> None:
    application = draft_application()
    assert stored(application) == stored(application)
    assert len(files(folder)) == Upload.objects.count() == 1


def test_a_sent_application_takes_no_paper_and_gives_none_up(folder: Path) -> None:
    application = submitted_application(agreed=False)
    with pytest.raises(PaperRefused, match="was sent meanwhile"):
        stored(application)
    assert files(folder) == []
    draft = draft_application()
    upload = stored(draft)
    Application.objects.filter(pk=draft.pk).update(
        status="submitted", submitted_at="2026-11-01T00:00Z"
    )
    with pytest.raises(PaperRefused, match="was sent meanwhile"):
        papers.remove(upload)
    assert len(files(folder)) == 1


def test_an_application_has_so_many_papers_at_most(folder: Path) -> None:
    application = draft_application()
    first = stored(application)
    for number in range(MAX_PAPERS - 1):
        first.pk, first.sha256 = None, f"{number:064d}"
        first.save(force_insert=True)
    with pytest.raises(PaperRefused, match="20 papers"):
        stored(application, jpeg())
    assert len(files(folder)) == 1


def test_a_removed_paper_takes_its_file_along_once_that_is_certain(
    folder: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    upload = stored(draft_application())
    with django_capture_on_commit_callbacks(execute=True):
        papers.remove(upload)
        assert len(files(folder)) == 1
    assert files(folder) == []
    assert not Upload.objects.exists()


def test_a_deleted_draft_leaves_no_file(
    folder: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    application = draft_application(prescribers=2)
    for number, applicant in enumerate(application.applicants.all(), 1):
        papers.store(sent("a.png", png((number, 9))), applicant=applicant, kind=UploadKind.DEA)
    with django_capture_on_commit_callbacks(execute=True):
        papers.remove_all(application)
        application.delete()
    assert files(folder) == []


def test_a_disk_that_fills_up_leaves_neither_row_nor_file(folder: Path) -> None:
    """The system lets no file grow beyond 100 bytes: writing fails half way, as on a full disk."""
    paper = inspect(sent("a.png", jpeg((400, 400))))
    application = draft_application()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(PaperRefused) as refused:
            papers.store(paper, application=application, kind=UploadKind.LICENCE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert refused.value.refusal is Refusal.FAILED
    assert files(folder) == []
    assert not Upload.objects.exists()


# --- Handing out ----------------------------------------------------------------------------------
def browser(application: Application | None = None, user: Any = None) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    if user:
        client.force_login(user)
    if application:
        session = client.session
        session["applications"] = [application.pk]
        session.save()
    return client


def test_a_paper_is_handed_out_as_an_attachment_that_cannot_act(cast: Cast) -> None:
    application = draft_application()
    data = pdf()
    upload = stored(application, data, name="Zeugnis Müller.pdf")
    url = f"/apply/{application.reference}/papers/{upload.pk}/open/"
    answer = browser(application).get(url, HTTP_RANGE="bytes=0-3")
    assert answer.status_code == 200
    assert answer.getvalue() == data
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Length"] == str(len(data))
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''Zeugnis")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Content-Range" not in answer.headers


def test_others_find_no_such_page(cast: Cast) -> None:
    mine, other = draft_application(), draft_application()
    upload = stored(mine)
    own = f"/apply/{mine.reference}/papers/{upload.pk}/open/"
    crossed = f"/apply/{other.reference}/papers/{upload.pk}/open/"
    absent = f"/apply/{mine.reference}/papers/{upload.pk + 1}/open/"
    for client, url in (
        (browser(), own),
        (browser(other), own),
        (browser(other), crossed),
        (browser(mine), absent),
        (browser(user=cast.phil), own),
    ):
        assert client.get(url).status_code == 404


def test_reviewers_see_papers_of_what_was_sent_alone(cast: Cast) -> None:
    draft = draft_application()
    upload = stored(draft)
    url = f"/applications/papers/{upload.pk}/"
    assert browser(user=cast.phil).get(url).status_code == 404
    Application.objects.filter(pk=draft.pk).update(
        status="submitted", submitted_at="2026-11-01T00:00Z"
    )
    assert browser(user=cast.phil).get(url).status_code == 200
    assert browser(user=cast.tess).get(url).status_code == 403


def test_a_practice_sees_the_papers_of_its_own_prescribers(cast: Cast) -> None:
    upload = papers.store(
        sent("a.png", png()), kind=UploadKind.LICENCE, prescriber=cast.ada.prescriber, by=cast.ada
    )
    url = f"/practice/papers/{upload.pk}/"
    assert browser(user=cast.ada).get(url).status_code == 200
    assert browser(user=cast.ben).get(url).status_code == 404
    assert browser(user=cast.nils).get(url).status_code == 403
    assert browser(user=cast.phil).get(f"/applications/papers/{upload.pk}/").status_code == 200


@pytest.mark.parametrize("scan", [Scan.HELD, Scan.INFECTED])
def test_a_paper_that_waits_for_the_scan_or_failed_it_is_not_handed_out(scan: Scan) -> None:
    application = draft_application()
    upload = stored(application, jpeg())
    Upload.objects.filter(pk=upload.pk).update(scan=scan, scan_due_at=upload.uploaded_at)
    answer = browser(application).get(f"/apply/{application.reference}/papers/{upload.pk}/open/")
    assert answer.status_code == 409
    assert "cannot be opened now" in answer.content.decode()


def test_a_paper_whose_file_is_lost_has_a_page_that_says_so(folder: Path) -> None:
    application = draft_application()
    upload = stored(application)
    files(folder)[0].unlink()
    answer = browser(application).get(f"/apply/{application.reference}/papers/{upload.pk}/open/")
    assert answer.status_code == 503
    assert "could not read its file" in answer.content.decode()
