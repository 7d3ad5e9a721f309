"""Who else carries an applicant's NPI or address, for the reviewer alone."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from accounts.models import Prescriber, User
from intake.models import Applicant
from intake.status import FilledBy, Status

# More are named by their number.
MOST = 10


@dataclass(frozen=True, slots=True)
class Double:
    """`link` is empty where there is no page to open."""

    words: str
    link_text: str
    link: str


def doubles(applicant: Applicant) -> list[Double]:
    """Other applications and accounts with the same NPI or e-mail; one's own account is none."""
    return [
        *_applications(applicant),
        *_by_npi(applicant),
        *_by_email(applicant),
        *_by_writer(applicant),
    ]


def _applications(applicant: Applicant) -> list[Double]:
    same = Q(npi=applicant.npi) & ~Q(npi="") | Q(email=applicant.email) & ~Q(email="")
    others = Applicant.objects.exclude(application__status=Status.DRAFT).exclude(pk=applicant.pk)
    found = others.filter(same).select_related("application").order_by("-pk")[: MOST + 1]
    listed = [_application(one, applicant) for one in found[:MOST]]
    return (
        [*listed, Double("More applications carry it too.", "", "")]
        if len(found) > MOST
        else listed
    )


def _application(other: Applicant, applicant: Applicant) -> Double:
    here = other.application
    what = _what(other.npi == applicant.npi, other.email == applicant.email)
    state = here.get_status_display().lower()
    where = "this application" if here.pk == applicant.application_id else "an application"
    return Double(
        f"{what} in {where} ({state}):",
        here.reference,
        reverse("applications:review", args=[here.reference]),
    )


def _what(same_npi: bool, same_email: bool) -> str:
    if same_npi and same_email:
        return "The same NPI and e-mail address"
    return "The same NPI" if same_npi else "The same e-mail address"


def _by_npi(applicant: Applicant) -> list[Double]:
    found = Prescriber.objects.filter(npi=applicant.npi).exclude(applications=applicant)
    return [
        Double(
            f"This NPI has an account ({one.get_status_display().lower()}). Approving links it; "
            "its owner is told at the account’s own address:",
            one.printed_name,
            reverse("register:prescriber", args=[one.pk]),
        )
        for one in found
    ]


def _by_email(applicant: Applicant) -> list[Double]:
    mine = User.objects.filter(email=applicant.email.lower()).exclude(
        prescriber__applications=applicant
    )
    return [_user(one) for one in mine.select_related("prescriber")]


def _by_writer(applicant: Applicant) -> list[Double]:
    """Agreements are accepted in person: at the address of whoever filled the form in, perhaps not."""
    here = applicant.application
    if here.filled_by == FilledBy.PRESCRIBER or applicant.email != here.contact_email.lower():
        return []
    words = (
        f"This is also the address of {here.contact_name}, who filled the form in. Make sure that "
        "the prescriber accepted the agreements in person."
    )
    return [Double(words, "", "")]


def _user(user: User) -> Double:
    prescriber = getattr(user, "prescriber", None)
    if prescriber is not None:
        link = reverse("register:prescriber", args=[prescriber.pk])
        return Double("This address signs in a prescriber:", prescriber.printed_name, link)
    here = user.membership
    if here is None or here.practice is None:
        whose = "a member of the pharmacy’s staff" if here else "a person without a practice"
        return Double(f"This address signs in {whose}.", "", "")
    link = reverse("register:practice", args=[here.practice.pk])
    return Double("This address signs in a delegate of", here.practice.name, link)
