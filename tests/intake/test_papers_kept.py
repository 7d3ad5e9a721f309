"""Where papers lie: a folder or a bucket, by setting; and the sweep of what a crash left."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from pytest_django import Settings

from config import env
from intake.models import Upload
from intake.papers.refusals import PaperRefused, Refusal
from intake.services import papers
from intake.services.sweeping import sweep
from intake.status import UploadKind
from tests.intake.bucket import Bucket, running
from tests.intake.factories import draft_application
from tests.intake.papers import files, keep_papers_in, png, sent


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    return keep_papers_in(tmp_path / "uploads", settings)


@pytest.fixture
def bucket(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """Storage by the settings that an installation would make."""
    with running() as server:
        _environment(
            monkeypatch,
            UPLOADS_S3_BUCKET="papers",
            UPLOADS_S3_ENDPOINT=server.url,
            UPLOADS_S3_REGION="us-east-1",
            AWS_ACCESS_KEY_ID="sample",
            AWS_SECRET_ACCESS_KEY="sample",
        )
        settings.STORAGES = {**settings.STORAGES, "private": env.paper_storage(Path("/x"))}
        settings.CLAMAV_URL = ""
        yield server


def _environment(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name in ("UPLOADS_DIR", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def stored() -> Upload:
    return papers.store(
        sent("a.png", png()), application=draft_application(), kind=UploadKind.LICENCE
    )


# --- A bucket -------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_paper_goes_into_the_bucket_comes_back_through_our_page_and_leaves(
    bucket: Bucket, formulary: None
) -> None:
    upload = stored()
    ((key, kept),) = bucket.objects.items()
    assert (key, hashlib.sha256(kept).hexdigest()) == (upload.file.name, upload.sha256)
    assert all("x-amz-acl" not in map(str.lower, headers) for _, _, headers in bucket.seen)
    application = upload.application
    assert application is not None
    client = Client(HTTP_HOST="127.0.0.1")
    session = client.session
    session["applications"] = [application.pk]
    session.save()
    url = f"/apply/{application.reference}/papers/{upload.pk}/open/"
    answer = client.get(url)
    assert (answer.status_code, answer.getvalue()) == (200, kept)  # never sent on to the bucket
    bucket.broken = True
    assert client.get(url).status_code == 503
    bucket.broken = False
    papers.remove(upload)
    assert bucket.objects == {}
    application.delete()


@pytest.mark.django_db
def test_a_bucket_out_of_reach_takes_no_paper_and_makes_no_row(bucket: Bucket) -> None:
    bucket.broken = True
    with pytest.raises(PaperRefused) as refused:
        stored()
    assert refused.value.refusal is Refusal.FAILED
    assert not Upload.objects.exists()


@pytest.mark.django_db
def test_the_sweep_reads_a_bucket_too(bucket: Bucket) -> None:
    upload = stored()
    bucket.objects["ab/left.png"] = b"x"
    assert sweep().removed == 0
    bucket.written_at -= timedelta(days=2)
    assert sweep().removed == 1
    assert list(bucket.objects) == [upload.file.name]
    bucket.objects.clear()
    assert sweep().lost == (upload.pk,)


# --- The sweep ------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_sweep_takes_old_files_without_a_row_and_reports_rows_without_a_file(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert sweep() == sweep()  # before anything was stored
    kept, lost = stored(), stored()
    storage = storages["private"]
    for name in ("aa/old.pdf", "aa/young.pdf", "stray.pdf"):
        storage.save(name, ContentFile(b"x"))
    storage.delete(str(lost.file.name))
    two_days_ago = time.time() - 2 * 24 * 3600
    for name in ("aa/old.pdf", "stray.pdf", str(kept.file.name)):
        os.utime(storage.path(name), (two_days_ago, two_days_ago))
    found = sweep()
    assert (found.removed, found.lost) == (2, (lost.pk,))
    assert {path.name for path in files(folder)} == {"young.pdf", Path(str(kept.file.name)).name}
    assert f"({lost.pk},)" in caplog.text


# --- Settings -------------------------------------------------------------------------------------
def test_without_a_setting_papers_lie_in_a_folder_for_its_owner_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _environment(monkeypatch)
    entry = env.paper_storage(Path("/srv/papers"))
    options = entry["OPTIONS"]
    assert isinstance(options, dict)
    assert options["location"] == "/srv/papers"
    assert (options["directory_permissions_mode"], options["base_url"]) == (0o700, None)


@pytest.mark.parametrize(
    "variables",
    [
        {"UPLOADS_DIR": "papers"},
        {"UPLOADS_S3_BUCKET": "Not A Bucket"},
        {"UPLOADS_S3_BUCKET": "papers", "UPLOADS_S3_ENDPOINT": "s3.example.org"},
        {"UPLOADS_S3_BUCKET": "papers", "AWS_ACCESS_KEY_ID": "half"},
        {"UPLOADS_S3_REGION": "us-east-1"},
    ],
)
def test_a_storage_that_cannot_be_meant_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    _environment(monkeypatch, **variables)
    with pytest.raises(ImproperlyConfigured, match=r"UPLOADS_|AWS_"):
        env.paper_storage(Path("/srv/papers"))


@pytest.mark.parametrize("url", ["tcp://clamav:3310", "unix:///run/clamd.sock", ""])
def test_a_scanner_may_be_a_host_or_a_socket_or_none(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("CLAMAV_URL", url)
    assert env.scanner("CLAMAV_URL") == url


@pytest.mark.parametrize(
    "url", ["clamav:3310", "tcp://clamav", "http://x:1", "unix://run/x", "tcp://x:y"]
)
def test_a_scanner_that_cannot_be_meant_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("CLAMAV_URL", url)
    with pytest.raises(ImproperlyConfigured, match="CLAMAV_URL must look like"):
        env.scanner("CLAMAV_URL")
