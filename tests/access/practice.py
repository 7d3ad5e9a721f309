"""The practice's own pages."""

from __future__ import annotations

from accounts.models import Licence, Location
from accounts.services.members import invite
from accounts.status import Duty, Role
from tests.access import LOGIN, NO, NO_METHOD, NONE, NOT, OK, PRACTICE, Table, row
from tests.conftest import Cast

# Dr Ben manages a practice too, but not this one; Nils is Dr Ada's delegate.
MANAGERS = row(LOGIN, OK, NO, OK, NO, NO, NO, NO, NO)
OWN = row(LOGIN, OK, NO, NONE, NO, NO, NO, NO, NO)
NOWHERE = row(LOGIN, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
NOT_BY_POST = row(LOGIN, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT)

TABLE: Table = {
    "practice:home": ("", PRACTICE, NOT_BY_POST),
    "practice:switch": ("", NO_METHOD, NOWHERE),
    "practice:people": ("", MANAGERS, NOT_BY_POST),
    "practice:invite": ("", MANAGERS, MANAGERS),
    "practice:leave": ("", PRACTICE, PRACTICE),
    "practice:duties": ("member", OWN, OWN),
    "practice:resend": ("invited", NO_METHOD, OWN),
    "practice:remove": ("member", OWN, OWN),
    "practice:licences": ("", MANAGERS, NOT_BY_POST),
    "practice:renew": ("licence", OWN, OWN),
    "practice:licence": ("prescriber", OWN, OWN),
    "practice:locations": ("", MANAGERS, NOT_BY_POST),
    "practice:new_location": ("", MANAGERS, MANAGERS),
    "practice:location": ("location", OWN, OWN),
    "practice:close_location": ("location", OWN, OWN),
    "practice:billing": ("", MANAGERS, MANAGERS),
    "practice:details": ("", MANAGERS, MANAGERS),
}


def records(cast: Cast) -> dict[str, dict[str, object]]:
    """Dr Ada's people, licence and second address."""
    invited = invite(
        cast.practice,
        name="Nora New",
        email="nora@example.org",
        role=Role.DELEGATE,
        duties=[Duty.VIEW],
        by=cast.ada,
    )
    place = Location.objects.create(
        practice=cast.practice,
        name="Second office",
        address="2 Sample Street",
        city="Sampleton",
        state="NC",
        zip_code="27514",
        takes_deliveries=True,
    )
    licence = Licence.objects.get(prescriber=cast.ada.prescriber)
    return {
        "member": {"pk": cast.nils.memberships.get().pk},
        "invited": {"pk": invited.pk},
        "licence": {"pk": licence.pk},
        "prescriber": {"pk": cast.ada.prescriber.pk},
        "location": {"pk": place.pk},
    }
