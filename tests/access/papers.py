"""Papers on file, as a practice reaches them; the applicant's and the reviewer's ways are theirs."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from intake.services.papers import store
from intake.status import UploadKind
from tests.access import LOGIN, NO, NO_METHOD, NONE, OK, Table, row
from tests.conftest import Cast
from tests.intake.papers import png

OWN_PRACTICE = row(LOGIN, OK, NO, NONE, NO, NO, NO, NO, NO)

TABLE: Table = {"practice:paper": ("paper", OWN_PRACTICE, NO_METHOD)}


def records(cast: Cast) -> dict[str, dict[str, object]]:
    """A paper of Dr Ada's, on file."""
    sent = SimpleUploadedFile("licence.png", png())
    paper = store(sent, prescriber=cast.ada.prescriber, kind=UploadKind.LICENCE)
    return {"paper": {"pk": paper.pk}}
