"""The staff's register of practices and prescribers."""

from __future__ import annotations

from datetime import date

from intake.models import CredentialCheck, LicenceRenewal
from tests.access import LOGIN, NO, NOT, OK, Table, row
from tests.conftest import Cast

# Who reviews applications reviews accounts; everybody else has no right to any of it.
REVIEWER = row(LOGIN, NO, NO, NO, OK, OK, NO, OK, NO)
NO_METHOD = row(LOGIN, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT)

TABLE: Table = {
    "register:list": ("", REVIEWER, REVIEWER),
    "register:prescriber": ("prescriber", REVIEWER, NO_METHOD),
    "register:suspend_prescriber": ("prescriber", REVIEWER, REVIEWER),
    "register:reinstate_prescriber": ("prescriber", REVIEWER, REVIEWER),
    "register:deactivate_prescriber": ("prescriber", REVIEWER, REVIEWER),
    "register:practice": ("practice", REVIEWER, NO_METHOD),
    "register:suspend_practice": ("practice", REVIEWER, REVIEWER),
    "register:reinstate_practice": ("practice", REVIEWER, REVIEWER),
    "register:deactivate_practice": ("practice", REVIEWER, REVIEWER),
    "register:settle": ("check", REVIEWER, REVIEWER),
    "register:renewals": ("", REVIEWER, NO_METHOD),
    "register:renewal": ("renewal", REVIEWER, NO_METHOD),
    "register:accept": ("renewal", NO_METHOD, REVIEWER),
    "register:refuse": ("renewal", NO_METHOD, REVIEWER),
}


def records(cast: Cast) -> dict[str, dict[str, object]]:
    """Ada's account, a check of hers that was left open, and a licence she gave."""
    prescriber = cast.ada.prescriber
    check = CredentialCheck.objects.create(
        prescriber=prescriber,
        kind="registry",
        outcome="unchecked",
        text="The registry did not answer.",
        source="NPPES",
    )
    renewal = LicenceRenewal.objects.create(
        prescriber=prescriber,
        state="NC",
        kind="Medical",
        number="S-1",
        expires_on=date(2099, 1, 31),
        given_by=cast.ada,
    )
    return {
        "prescriber": {"pk": prescriber.pk},
        "practice": {"pk": cast.practice.pk},
        "check": {"pk": check.pk},
        "renewal": {"pk": renewal.pk},
    }
