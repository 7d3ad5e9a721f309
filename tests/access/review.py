"""The staff's queue of applications."""

from __future__ import annotations

from intake.models import CredentialCheck, Upload
from intake.services import claims
from intake.status import Scan, UploadKind
from tests.access import LOGIN, NO, NO_METHOD, OK, Table, row
from tests.conftest import Cast
from tests.intake.factories import submitted_application

REVIEWER = row(LOGIN, NO, NO, NO, OK, OK, NO, OK, NO)
RELEASER = row(LOGIN, NO, NO, NO, NO, NO, NO, OK, NO)

TABLE: Table = {
    "applications:list": ("", REVIEWER, NO_METHOD),
    "applications:claim_next": ("", NO_METHOD, REVIEWER),
    "applications:paper": ("paper", REVIEWER, NO_METHOD),
    "applications:review": ("application", REVIEWER, NO_METHOD),
    "applications:claim": ("application", NO_METHOD, REVIEWER),
    "applications:give_back": ("application", NO_METHOD, REVIEWER),
    "applications:release": ("application", NO_METHOD, RELEASER),
    "applications:ask": ("application", NO_METHOD, REVIEWER),
    "applications:recheck": ("application", NO_METHOD, REVIEWER),
    "applications:settle": ("check", NO_METHOD, REVIEWER),
    "applications:verify": ("licence", NO_METHOD, REVIEWER),
    "applications:approve": ("prescriber", NO_METHOD, REVIEWER),
    "applications:reject": ("prescriber", NO_METHOD, REVIEWER),
}


def records(cast: Cast) -> dict[str, dict[str, object]]:
    """An application held by Phil, one check of it and a paper that no scanner has seen."""
    application = submitted_application()
    claims.claim(application, by=cast.phil)
    applicant = application.applicants.get()
    check = CredentialCheck.objects.create(
        applicant=applicant, kind="registry", outcome="unchecked", text="Not set.", source="Test"
    )
    paper = Upload.objects.create(
        application=application, kind=UploadKind.LICENCE, name="licence.pdf", file="gone.pdf",
        content_type="application/pdf", size=1, pages=1, sha256="0" * 64, scan=Scan.HELD,
        scan_due_at=application.submitted_at,
    )  # fmt: skip
    one: dict[str, object] = {"reference": application.reference}
    return {
        "application": one,
        "check": one | {"pk": check.pk},
        "prescriber": one | {"position": 1},
        "licence": one | {"position": 1, "number": 1},
        "paper": {"pk": paper.pk},
    }
