"""The virus scanner's say: held until it spoke, asked for ever, deleted when it found something."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from intake.models import Application, Upload
from intake.papers import clamav
from intake.papers.clamav import ScannerAway, Verdict
from intake.services import papers, scanning
from intake.status import Scan, UploadKind
from tests.intake.clamd import Clamd, Mood, running
from tests.intake.factories import draft_application
from tests.intake.papers import EICAR, files, keep_papers_in, pdf, png, sent

_DEAF: list[Mood] = ["error", "too big", "drop", "hang up", "silent", "drip", "garbage"]


@pytest.fixture
def clamd() -> Iterator[Clamd]:
    with running(EICAR) as server:
        yield server


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    return keep_papers_in(tmp_path / "uploads", settings)


# --- The protocol ---------------------------------------------------------------------------------
def test_a_clean_file_and_an_infected_one_are_told_apart(clamd: Clamd) -> None:
    big = b"x" * 300_000
    assert clamav.scan(io.BytesIO(big), clamd.url) is Verdict.CLEAN
    assert clamav.scan(io.BytesIO(pdf() + EICAR), clamd.url) is Verdict.INFECTED
    assert clamd.received[0] == big


def test_a_unix_socket_serves_as_well(clamd: Clamd, tmp_path: Path) -> None:
    url = clamd.also_at(tmp_path / "clamd.sock")
    assert clamav.scan(io.BytesIO(EICAR), url) is Verdict.INFECTED


@pytest.mark.parametrize("mood", _DEAF)
def test_whatever_is_no_verdict_is_none(clamd: Clamd, mood: Mood) -> None:
    clamd.mood = mood
    with pytest.raises(ScannerAway):
        clamav.scan(io.BytesIO(b"x" * 9_000_000), clamd.url, seconds=1)


def test_a_scanner_that_is_not_there_is_away(tmp_path: Path) -> None:
    for url in ("tcp://127.0.0.1:9", f"unix://{tmp_path}/none.sock"):
        with pytest.raises(ScannerAway):
            clamav.scan(io.BytesIO(b"x"), url)


# --- The papers -----------------------------------------------------------------------------------
def held(settings: Settings, clamd: Clamd, data: bytes | None = None) -> Upload:
    settings.CLAMAV_URL = clamd.url
    file = sent("a.pdf", data or png())
    return papers.store(file, application=draft_application(), kind=UploadKind.LICENCE)


def page(upload: Upload) -> tuple[int, str]:
    client, application = Client(HTTP_HOST="127.0.0.1"), upload.application
    assert application is not None
    session = client.session
    session["applications"] = [application.pk]
    session.save()
    answer = client.get(f"/apply/{application.reference}/papers/{upload.pk}/open/")
    return answer.status_code, "" if answer.streaming else answer.content.decode()


@pytest.mark.django_db
def test_without_a_scanner_a_paper_counts_as_not_scanned_and_stays_so(
    settings: Settings, clamd: Clamd, folder: Path
) -> None:
    upload = papers.store(
        sent("a.png", png()), application=draft_application(), kind=UploadKind.LICENCE
    )
    settings.CLAMAV_URL = clamd.url
    assert scanning.scan_due() == 0
    upload.refresh_from_db()
    assert (upload.scan, upload.scan_due_at) == (Scan.NOT_SCANNED, None)
    assert page(upload)[0] == 200


@pytest.mark.django_db
def test_a_new_paper_is_held_until_the_scanner_found_it_clean(
    settings: Settings, clamd: Clamd, folder: Path
) -> None:
    upload = held(settings, clamd)
    assert page(upload)[0] == 409
    assert scanning.scan_due() == 1
    upload.refresh_from_db()
    assert (upload.scan, upload.scan_due_at) == (Scan.CLEAN, None)
    assert upload.scanned_at is not None
    assert page(upload)[0] == 200
    assert clamd.received == [files(folder)[0].read_bytes()]


@pytest.mark.django_db
def test_an_infected_paper_loses_its_file_and_is_never_handed_out(
    settings: Settings, clamd: Clamd, folder: Path
) -> None:
    upload = held(settings, clamd, pdf_with_virus())
    scanning.scan_due()
    upload.refresh_from_db()
    assert (upload.scan, upload.file.name, files(folder)) == (Scan.INFECTED, "", [])
    code, words = page(upload)
    assert (code, "A virus was found" in words) == (409, True)
    again = papers.store(
        sent("a.pdf", pdf_with_virus()), application=upload.application, kind=UploadKind.LICENCE
    )
    assert again.pk != upload.pk  # what was deleted is no "same paper"
    papers.remove(upload)


@pytest.mark.django_db
@pytest.mark.parametrize("mood", ["error", "drop"])
def test_an_unreachable_scanner_is_asked_again_ever_more_seldom(
    settings: Settings, clamd: Clamd, folder: Path, mood: Mood
) -> None:
    upload = held(settings, clamd)
    clamd.mood = mood
    waits = []
    for _ in range(9):
        Upload.objects.filter(pk=upload.pk).update(scan_due_at=timezone.now())
        assert scanning.scan_due() == 0
        upload.refresh_from_db()
        assert upload.scan == Scan.HELD
        assert upload.scan_due_at is not None
        waits.append(round((upload.scan_due_at - timezone.now()).total_seconds()))
    assert waits == [10, 20, 60, 120, 300, 600, 900, 900, 900]
    code, words = page(upload)
    assert (code, "has not answered yet" in words) == (409, True)
    clamd.mood = "judge"
    Upload.objects.filter(pk=upload.pk).update(scan_due_at=timezone.now())
    assert scanning.scan_due() == 1


@pytest.mark.django_db
def test_a_scanner_that_is_away_costs_one_question_a_round(
    settings: Settings, clamd: Clamd, folder: Path
) -> None:
    first, second = held(settings, clamd), held(settings, clamd)
    clamd.mood = "drop"
    scanning.scan_due()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.scan_attempts, second.scan_attempts) == (1, 0)


@pytest.mark.django_db
def test_a_late_verdict_of_a_lost_lease_changes_nothing(
    settings: Settings, clamd: Clamd, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = held(settings, clamd)
    later = timezone.now() + timedelta(minutes=5)

    def slept(*_: object) -> Verdict:
        Upload.objects.filter(pk=upload.pk).update(scan_due_at=later)
        return Verdict.INFECTED

    monkeypatch.setattr(clamav, "scan", slept)
    scanning.scan_due(seconds=0.2)
    upload.refresh_from_db()
    assert (upload.scan, upload.scan_due_at) == (Scan.HELD, later)
    assert len(files(folder)) == 1


@pytest.mark.django_db(transaction=True)
def test_the_scanner_is_asked_outside_of_transactions(
    settings: Settings, clamd: Clamd, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection

    held(settings, clamd)
    seen: list[bool] = []
    usual = clamav.scan

    def asked(content: io.BytesIO, url: str) -> Verdict:
        seen.append(connection.in_atomic_block)
        return usual(content, url)

    monkeypatch.setattr(clamav, "scan", asked)
    assert scanning.scan_due() == 1
    assert seen == [False]
    Application.objects.all().delete()


def pdf_with_virus() -> bytes:
    """The test virus in a comment, which a PDF may hold anywhere."""
    return pdf().replace(b"\n", b"\n%" + EICAR + b"\n", 1)
