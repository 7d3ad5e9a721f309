"""Storing papers and taking them away: never a row without its file, nor a file without its row."""

from __future__ import annotations

import logging
import uuid
from contextlib import suppress
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.utils import timezone

from accounts.models import Prescriber, User
from intake.models import Applicant, Application, InfoRequest, Upload
from intake.papers.inspection import Paper, Sent, inspect
from intake.papers.limits import MAX_PAPERS
from intake.papers.names import ENDINGS
from intake.papers.refusals import PaperRefused, Refusal
from intake.status import Scan, UploadKind

log = logging.getLogger(__name__)


def store(
    file: Paper | Sent,
    *,
    kind: UploadKind,
    application: Application | None = None,
    applicant: Applicant | None = None,
    prescriber: Prescriber | None = None,
    by: User | None = None,
) -> Upload:
    """Keep a paper of an application, of one applicant of it, or of a prescriber on file.

    The same paper sent twice is stored once. Raises PaperRefused with words for the sender: also
    when the application is not the applicant's to change, has enough papers, or the disk is full.
    """
    paper = file if isinstance(file, Paper) else inspect(file)
    application = applicant.application if applicant else application
    owner = _Owner(application, applicant, prescriber, kind)
    name = _written(paper)
    stored = None
    try:
        with transaction.atomic():
            stored = _row(owner, paper, name, by)
    finally:
        if stored is None or stored.file.name != name:
            delete_file(name)
    return stored


def remove(upload: Upload) -> None:
    """Take a paper away: its row now, its file once that is certain.

    Raises PaperRefused when it was sent to the pharmacy already: a correction adds papers.
    """
    with transaction.atomic():
        if upload.application_id:
            _ensure_writable(upload.application_id)
        if upload.application and was_sent(upload, upload.application.info_requests.last()):
            raise PaperRefused(Refusal.CLOSED)
        _delete(upload)


def was_sent(upload: Upload, asked: InfoRequest | None) -> bool:
    """Whether a reviewer had the paper when asking for something; `asked` is the last request.

    One with a virus nobody had, and it stands against the approval until it is taken away.
    """
    if upload.scan == Scan.INFECTED:
        return False
    return asked is not None and upload.uploaded_at < asked.asked_at


def remove_all(application: Application) -> None:
    """Every paper of an application, in the transaction that deletes the draft itself."""
    with transaction.atomic():
        for upload in application.uploads.select_for_update():
            _delete(upload)


class PaperLost(Exception):
    """The row is there, but its file cannot be read now."""


def open_paper(upload: Upload) -> IO[bytes]:
    """The stored content, at its beginning; raises PaperLost."""
    try:
        content = _storage().open(str(upload.file.name), "rb")
        content.seek(
            0
        )  # a bucket's file is fetched here, while there is still a page to answer with
    except Exception as error:
        # A missing file, a bucket out of reach: each storage has errors of its own.
        log.error("paper %d cannot be read: %s", upload.pk, type(error).__name__)
        raise PaperLost from None
    return content


class _Owner:
    """Whose paper it is, and where the others of the same owner lie."""

    def __init__(
        self,
        application: Application | None,
        applicant: Applicant | None,
        prescriber: Prescriber | None,
        kind: UploadKind,
    ) -> None:
        if (application is None) == (prescriber is None):
            raise ValueError("A paper belongs to an application or to a prescriber.")
        self.fields = {
            "application": application,
            "applicant": applicant,
            "prescriber": prescriber,
            "kind": kind,
        }
        self._application, self._prescriber = application, prescriber

    def lock(self) -> None:
        """Let one paper of this owner be counted and stored after the other."""
        if self._application:
            _ensure_writable(self._application.pk)
        elif self._prescriber:
            Prescriber.objects.select_for_update().get(pk=self._prescriber.pk)

    def count(self) -> int:
        owner = self._application or self._prescriber
        return owner.uploads.count() if owner else 0


def _row(owner: _Owner, paper: Paper, name: str, by: User | None) -> Upload:
    """The new row; of a paper that is here already, that one's."""
    owner.lock()
    again = Upload.objects.filter(**owner.fields, sha256=paper.sha256).exclude(scan=Scan.INFECTED)
    if (same := again.first()) is not None:
        return same
    if owner.count() >= MAX_PAPERS:
        raise PaperRefused(Refusal.TOO_MANY)
    scanned = bool(settings.CLAMAV_URL)
    return Upload.objects.create(
        **owner.fields,
        name=paper.name,
        file=name,
        content_type=paper.content_type,
        size=paper.size,
        pages=paper.pages,
        sha256=paper.sha256,
        uploaded_by=by,
        scan=Scan.HELD if scanned else Scan.NOT_SCANNED,
        scan_due_at=timezone.now() if scanned else None,
    )


def _ensure_writable(pk: int) -> None:
    """Lock the application; it may have been sent from another tab."""
    application = Application.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if application is None or not application.is_writable:
        raise PaperRefused(Refusal.CLOSED)


def _written(paper: Paper) -> str:
    """The random name that the content was written under; what was half written is taken away."""
    random = uuid.uuid4().hex
    name = f"{random[:2]}/{random}{ENDINGS[paper.content_type][0]}"
    paper.content.seek(0)
    try:
        return _storage().save(name, File(paper.content))
    except Exception:
        # A full disk, a bucket out of reach: each storage has errors of its own.
        delete_file(name)
        raise PaperRefused(Refusal.FAILED) from None


def _delete(upload: Upload) -> None:
    name = upload.file.name
    upload.delete()
    if name:
        transaction.on_commit(lambda: delete_file(name), robust=True)


def delete_file(name: str) -> None:
    """What cannot be deleted now is found by the sweep: it has no row."""
    with suppress(Exception):
        _storage().delete(name)


def _storage() -> Storage:
    return storages["private"]
