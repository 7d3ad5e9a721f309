"""What an approval opens: practice, person, licences and invitations, all of it or nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Licence, Location, Membership, Practice, Prescriber, User
from accounts.status import AccountStatus, Duty, Role
from events.models import Event
from intake.models import Applicant, Application, CheckPlan
from intake.services import activation, review
from intake.services.moves import Refused
from intake.status import Decision, FilledBy, Kind, Status
from tests.conftest import Cast
from tests.intake.factories import add_applicant, agree, draft_application, practice_answers
from tests.intake.reviewing import applicants, approve, fresh, ready, reject

pytestmark = pytest.mark.django_db


def sent(application: Application) -> Application:
    """A draft, changed by the test, as it stands once it was sent."""
    for applicant in applicants(application):
        agree(applicant)
    now = timezone.now()
    Application.objects.filter(pk=application.pk).update(status="submitted", submitted_at=now)
    return fresh(application)


def with_credentials(application: Application, position: int = 1, **changes: Any) -> Applicant:
    applicant = application.applicants.get(position=position)
    applicant.answers["credentials"] |= changes
    applicant.npi = applicant.answers["credentials"]["npi"]
    applicant.email = applicant.answers["credentials"]["email"]
    applicant.save()
    return applicant


def further(cast: Cast, **credentials: Any) -> Application:
    application = Application.objects.create(
        kind=Kind.FURTHER, filled_by=FilledBy.STAFF, contact_name=cast.ada.name,
        contact_email=cast.ada.email, started_by=cast.ada, practice=cast.practice,
    )  # fmt: skip
    add_applicant(application, 1, **credentials)
    return application


def events_of(kind: str) -> list[Event]:
    return list(Event.objects.filter(kind=kind).order_by("pk"))


def test_the_first_approval_opens_the_practice_as_it_was_given(phil: User) -> None:
    application = ready(phil)
    approve(application, phil)
    practice = Practice.objects.get(applications=application)
    assert (practice.name, practice.city, practice.state) == (
        "Pinewood Skin Sample", "Sampleton", "NC",
    )  # fmt: skip
    assert practice.contacts == [
        {
            "role": "office_manager",
            "name": "Olga Sample",
            "email": "olga@example.org",
            "phone": "(555) 555-0151",
        }
    ]
    place = Location.objects.get(practice=practice)
    assert (place.name, place.takes_deliveries, place.sees_patients) == ("Back office", True, False)


def test_the_person_gets_an_account_without_a_password(phil: User) -> None:
    application = ready(phil)
    applicant = approve(application, phil)
    prescriber = applicant.prescriber
    assert prescriber is not None
    assert (prescriber.npi, prescriber.user.email) == (applicant.npi, applicant.email)
    assert not prescriber.user.has_usable_password()
    assert prescriber.user.role == Role.PRESCRIBER
    assert prescriber.may_order_for(prescriber.user.practice)
    [licence] = prescriber.licences.all()
    assert (licence.state, licence.number) == ("NC", f"S-{applicant.npi[-4:]}")
    assert licence.expires_on == timezone.localdate() + timedelta(days=400)
    assert CheckPlan.objects.get(prescriber=prescriber).due_at is not None


def test_delegates_are_invited_once_with_the_first_approval(phil: User) -> None:
    application = ready(phil, prescribers=2)
    approve(application, phil)
    approve(fresh(application), phil, position=2)
    [dan] = Membership.objects.filter(role=Role.DELEGATE, user__email="dan.helper@example.org")
    assert dan.duties == [Duty.PREPARE]
    invited = [event.subject_id for event in events_of("user.invited")]
    assert invited.count(dan.user_id) == 1
    assert len(invited) == 3
    practice = dan.practice
    assert all(event.data == {"practice": practice.pk} for event in events_of("user.invited"))


def test_prescribers_of_one_application_share_one_practice(phil: User) -> None:
    application = ready(phil, prescribers=2)
    before = Practice.objects.count()
    approve(application, phil)
    assert fresh(application).status == Status.UNDER_REVIEW
    approve(fresh(application), phil, position=2)
    assert Practice.objects.count() == before + 1
    practice = fresh(application).practice
    assert practice is not None
    assert practice.memberships.filter(role=Role.PRESCRIBER).count() == 2
    assert fresh(application).status == Status.APPROVED


def test_when_nobody_is_approved_the_application_is_rejected(phil: User) -> None:
    application = ready(phil, prescribers=2)
    before = (Practice.objects.count(), User.objects.count())
    reject(application, phil)
    assert fresh(application).status == Status.UNDER_REVIEW
    reject(application, phil, position=2)
    after = fresh(application)
    assert (after.status, after.holder) == (Status.REJECTED, None)
    assert after.decided_at is not None
    assert (Practice.objects.count(), User.objects.count()) == before
    assert [e.data for e in events_of("applicant.rejected")] == [{"reason": "no_answer"}] * 2
    assert len(events_of("application.rejected")) == 1


def test_one_approved_of_two_makes_an_approved_application(phil: User) -> None:
    application = ready(phil, prescribers=2)
    reject(application, phil)
    approve(fresh(application), phil, position=2)
    assert fresh(application).status == Status.APPROVED
    assert len(events_of("applicant.approved")) == len(events_of("application.approved")) == 1


def test_a_delegate_who_is_also_an_applicant_comes_in_as_prescriber_alone(phil: User) -> None:
    answers = practice_answers()
    application = draft_application(prescribers=2)
    second = applicants(application)[1]
    answers["delegates"] = [{"name": "Cora", "email": second.email.upper(), "duties": ["view"]}] * 2
    Application.objects.filter(pk=application.pk).update(answers=answers)
    application = ready(phil, sent(application))
    approve(application, phil)
    assert not User.objects.filter(email=second.email).exists()
    approve(fresh(application), phil, position=2)
    assert User.objects.get(email=second.email).role == Role.PRESCRIBER


def test_a_delegate_with_a_staff_address_stops_the_approval(phil: User, tess: User) -> None:
    answers = practice_answers()
    answers["delegates"] = [{"name": "Tess", "email": tess.email, "duties": ["view"]}]
    application = ready(phil, answers=answers)
    with pytest.raises(Refused, match="Tess cannot be made a delegate"):
        approve(application, phil)
    assert not Practice.objects.filter(name="Pinewood Skin Sample").exists()


# --- Accounts that exist -------------------------------------------------------------------------
def test_an_npi_with_an_account_is_linked_not_taken_over(phil: User, cast: Cast) -> None:
    application = draft_application()
    given = with_credentials(application, npi=cast.ada.prescriber.npi)
    application = ready(phil, sent(application))
    cast.ada.memberships.get()
    applicant = approve(application, phil)
    practice = fresh(application).practice
    assert applicant.prescriber == cast.ada.prescriber
    assert Prescriber.objects.filter(npi=given.npi).count() == 1
    assert not User.objects.filter(email=given.email).exists()
    ada = User.objects.get(pk=cast.ada.pk)
    assert ada.email == cast.ada.email
    assert ada.memberships.open().count() == 2
    assert ada.practice == cast.practice  # where she worked so far
    assert cast.ada.prescriber.licences.count() == 2
    [joined] = events_of("user.joined")
    assert (joined.subject_id, joined.data) == (
        ada.pk,
        {"practice": practice.pk if practice else 0},
    )


def test_a_suspended_account_is_not_opened_by_the_way(phil: User, cast: Cast) -> None:
    application = draft_application()
    with_credentials(application, npi=cast.ada.prescriber.npi)
    application = ready(phil, sent(application))
    Prescriber.objects.filter(user=cast.ada).update(status=AccountStatus.SUSPENDED)
    with pytest.raises(Refused, match="is suspended"):
        approve(application, phil)
    assert cast.ada.memberships.count() == 1


def test_who_was_deactivated_comes_back_for_the_practice_that_applied(
    phil: User, cast: Cast
) -> None:
    application = draft_application()
    with_credentials(application, npi=cast.ada.prescriber.npi)
    application = ready(phil, sent(application))
    for step in (AccountStatus.SUSPENDED, AccountStatus.DEACTIVATED):
        Prescriber.objects.filter(user=cast.ada).update(status=step)
    approve(application, phil)
    ada = User.objects.get(pk=cast.ada.pk)
    assert ada.prescriber.status == AccountStatus.APPROVED
    assert [one.practice for one in ada.memberships.open()] == [fresh(application).practice]
    assert [event.subject_id for event in events_of("prescriber.reinstated")] == [ada.prescriber.pk]


def test_who_left_prescribing_for_the_staff_keeps_that_place(phil: User, cast: Cast) -> None:
    cast.ada.memberships.update(ended_at=timezone.now())
    cast.ada.memberships.create(role=Role.TECHNICIAN)
    application = draft_application()
    with_credentials(application, npi=cast.ada.prescriber.npi)
    application = ready(phil, sent(application))
    for step in (AccountStatus.SUSPENDED, AccountStatus.DEACTIVATED):
        Prescriber.objects.filter(user=cast.ada).update(status=step)
    with pytest.raises(Refused, match="cannot be invited"):
        approve(application, phil)
    assert [one.role for one in cast.ada.memberships.open()] == [Role.TECHNICIAN]
    assert Prescriber.objects.get(user=cast.ada).status == AccountStatus.DEACTIVATED


def test_a_credential_outside_the_list_is_printed_as_it_is_called(phil: User) -> None:
    application = draft_application()
    with_credentials(application, credential="other", other_credential="DNP")
    applicant = approve(ready(phil, sent(application)), phil)
    assert applicant.prescriber is not None
    assert applicant.prescriber.printed_name == "Cora Newcomer, DNP"


def test_the_address_of_another_prescriber_is_refused(phil: User, cast: Cast) -> None:
    application = draft_application()
    with_credentials(application, email=cast.ben.email)
    application = ready(phil, sent(application))
    with pytest.raises(Refused, match="belongs to a prescriber with another NPI"):
        approve(application, phil)
    assert cast.ben.memberships.count() == 1


def test_a_delegate_elsewhere_may_become_a_prescriber_here(phil: User, cast: Cast) -> None:
    application = draft_application()
    with_credentials(application, email=cast.nils.email)
    application = ready(phil, sent(application))
    applicant = approve(application, phil)
    assert applicant.prescriber is not None
    assert applicant.prescriber.user == cast.nils
    roles = set(cast.nils.memberships.open().values_list("role", flat=True))
    assert roles == {Role.DELEGATE, Role.PRESCRIBER}
    assert [event.subject_id for event in events_of("user.joined")] == [cast.nils.pk]


def test_a_delegate_of_the_same_practice_changes_roles(phil: User, cast: Cast) -> None:
    application = ready(phil, sent(further(cast, email=cast.nils.email)))
    approve(application, phil)
    [now] = cast.nils.memberships.open()
    assert (now.role, now.duties, now.practice) == (Role.PRESCRIBER, [], cast.practice)


def test_a_further_prescriber_joins_the_practice_that_asked(phil: User, cast: Cast) -> None:
    before = Practice.objects.count()
    application = ready(phil, sent(further(cast)))
    applicant = approve(application, phil)
    assert applicant.prescriber is not None
    assert applicant.prescriber.practises_at(cast.practice)
    assert Practice.objects.count() == before
    assert not User.objects.filter(email="dan.helper@example.org").exists()


@pytest.mark.parametrize("status", [AccountStatus.SUSPENDED, AccountStatus.DEACTIVATED])
def test_a_practice_that_is_not_open_takes_nobody_in(
    phil: User, cast: Cast, status: AccountStatus
) -> None:
    application = ready(phil, sent(further(cast)))
    steps = [AccountStatus.SUSPENDED, status] if status == "deactivated" else [status]
    for step in steps:
        Practice.objects.filter(pk=cast.practice.pk).update(status=step)
    with pytest.raises(Refused, match=f"is {status.label.lower()} now"):
        approve(application, phil)


def test_who_prescribes_there_already_is_not_taken_in_twice(phil: User, cast: Cast) -> None:
    application = ready(phil, sent(further(cast, npi=cast.ada.prescriber.npi)))
    with pytest.raises(Refused, match="belongs to Sample Dermatology already"):
        approve(application, phil)
    assert cast.ada.memberships.count() == 1


def test_a_licence_on_file_takes_the_date_that_the_reviewer_looked_up(
    phil: User, cast: Cast
) -> None:
    application = draft_application()
    applicant = with_credentials(application, npi=cast.ada.prescriber.npi)
    applicant.answers["licences"][0] |= {"number": "S-1"}
    applicant.save()
    Licence.objects.filter(prescriber__user=cast.ada).update(expires_on=date(2026, 1, 1))
    approve(ready(phil, sent(application)), phil)
    [licence] = cast.ada.prescriber.licences.all()
    assert licence.expires_on == timezone.localdate() + timedelta(days=400)


# --- All or nothing -----------------------------------------------------------------------------
@pytest.mark.parametrize("step", ["_keep_licence", "_invite_delegates"])
def test_a_failure_in_the_middle_leaves_nothing(
    phil: User, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    application = ready(phil)

    def fail(*args: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(activation, step, fail)
    before = counted()
    with pytest.raises(RuntimeError):
        approve(application, phil)
    assert counted() == before
    assert applicants(application)[0].decision == Decision.PENDING
    assert fresh(application).practice is None


def test_a_failure_after_the_account_leaves_nothing(
    phil: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = ready(phil)

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("at the end")

    monkeypatch.setattr(review, "_close", fail)
    before = counted()
    with pytest.raises(RuntimeError):
        approve(application, phil)
    assert counted() == before


def counted() -> tuple[int, ...]:
    tables = (User, Membership, Practice, Location, Prescriber, Licence, Event, CheckPlan)
    return tuple(table.objects.count() for table in tables)
