"""What an approval needs; each of it is asked for on the server."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from accounts.models import Membership, Prescriber, User
from accounts.status import Role
from events.models import Event
from intake.models import Acceptance, Applicant, Application, CheckPlan, CredentialCheck, Upload
from intake.services import agreeing, checks, claims, review
from intake.services.moves import Refused, StaleApplication
from intake.status import (
    BoardStanding,
    CheckKind,
    Decision,
    FilledBy,
    Kind,
    Outcome,
    Scan,
    Status,
    UploadKind,
)
from tests import factories
from tests.conftest import Cast
from tests.factories import reason
from tests.intake.factories import draft_application, submitted_application
from tests.intake.reviewing import (
    BOARD,
    applicants,
    approve,
    checked,
    fresh,
    held,
    lapsed,
    ready,
    reject,
    settled,
    verified,
)

pytestmark = pytest.mark.django_db


def refuses(application: Application, by: User, words: str) -> None:
    with pytest.raises(Refused, match=words):
        approve(fresh(application), by)
    assert fresh(application).status == Status.UNDER_REVIEW
    assert not Prescriber.objects.filter(npi=applicants(application)[0].npi).exists()


def test_with_everything_in_order_the_account_opens(phil: User) -> None:
    application = ready(phil)
    applicant = approve(application, phil)
    assert applicant.decision == Decision.APPROVED
    assert applicant.decided_by == phil
    assert fresh(application).status == Status.APPROVED
    assert fresh(application).decided_at is not None


def test_agreements_are_accepted_by_the_prescriber_in_person(phil: User) -> None:
    application = ready(phil, agreed=False)
    refuses(application, phil, "agreements are not accepted")


def test_agreements_fall_with_a_name_corrected_to_another_persons(phil: User) -> None:
    application = ready(phil)
    applicant = applicants(application)[0]
    applicant.answers["person"] |= {"given_name": "Dora", "family_name": "Otherwise"}
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        applicant.save()
        cursor.execute("SET session_replication_role = origin")
    refuses(application, phil, "agreements are not accepted")
    agreeing.accept(applicant, typed_name="Dora Otherwise", ip=None)
    assert agreeing.missing(applicants(application)[0]) == []


def test_an_older_version_of_an_agreement_is_no_acceptance(phil: User) -> None:
    application = ready(phil, agreed=False)
    Acceptance.objects.create(
        applicant=applicants(application)[0], agreement="terms", agreement_version="0",
        text_sha256="0" * 64, typed_name="Cora Newcomer",
    )  # fmt: skip
    refuses(application, phil, "agreements are not accepted")


def test_each_licence_is_looked_up_at_its_board(phil: User) -> None:
    application = held(phil)
    [applicant] = applicants(application)
    checked(applicant)
    settled(applicant, phil)
    refuses(application, phil, "is not looked up at the state board")


@pytest.mark.parametrize("standing", ["not_active", "not_found"])
def test_a_licence_that_the_board_does_not_hold_good_is_refused(phil: User, standing: str) -> None:
    application = ready(phil)
    verified(applicants(application)[0], phil, standing)
    refuses(application, phil, "ask, or reject")


def test_a_licence_that_has_ended_meanwhile_is_refused(phil: User) -> None:
    application = draft_application()
    [applicant] = applicants(application)
    yesterday = (timezone.localdate() - timedelta(days=2)).isoformat()
    applicant.answers["licences"][0]["expires_on"] = yesterday
    applicant.save()
    application = ready(phil, submitted_application_of(application))
    refuses(application, phil, "has expired")


def submitted_application_of(application: Application) -> Application:
    from tests.intake.factories import agree

    for applicant in applicants(application):
        agree(applicant)
    now = timezone.now()
    Application.objects.filter(pk=application.pk).update(status="submitted", submitted_at=now)
    return fresh(application)


def test_what_the_checks_left_open_is_settled_first(phil: User) -> None:
    application = held(phil)
    [applicant] = applicants(application)
    checked(applicant)
    verified(applicant, phil)
    refuses(application, phil, "could not check, not settled")


def test_checks_that_were_never_made_are_made_first(phil: User) -> None:
    application = held(phil)
    verified(applicants(application)[0], phil)
    refuses(application, phil, "have not been made yet")
    assert CheckPlan.objects.get(applicant__application=application).due_at is not None


def test_checks_of_yesterday_are_asked_again(phil: User) -> None:
    application = ready(phil)
    long_ago = timezone.now() - timedelta(hours=25)
    CheckPlan.objects.update(checked_at=long_ago)
    refuses(application, phil, "more than 24 hours old")


@pytest.mark.parametrize("outcome", [Outcome.MISMATCH, Outcome.POSSIBLE, Outcome.UNCHECKED])
def test_a_finding_is_settled_with_source_date_and_reason(phil: User, outcome: Outcome) -> None:
    application = ready(phil)
    [applicant] = applicants(application)
    row = found(applicant, outcome)
    assert not checks.standing(applicant).is_clear
    settled(applicant, phil)
    assert row.settlement.by == phil
    assert row.settlement.looked_up_on == timezone.localdate()
    assert checks.standing(applicant).is_clear
    settled_event = Event.objects.filter(kind="applicant.check_settled").latest("pk")
    assert settled_event.data == {"kind": CheckKind.REGISTRY}


def found(
    applicant: Applicant, outcome: Outcome, kind: str = CheckKind.REGISTRY
) -> CredentialCheck:
    """A newer answer to the same question."""
    before = CredentialCheck.objects.filter(applicant=applicant, kind=kind).latest("pk")
    return CredentialCheck.objects.create(
        applicant=applicant, kind=kind, subject=before.subject, outcome=outcome,
        text="Found for the test.", query=before.query, matches=[{"npi": "x"}], source="Test",
    )  # fmt: skip


def test_a_hit_is_never_settled(phil: User) -> None:
    application = ready(phil)
    [applicant] = applicants(application)
    hit = found(applicant, Outcome.HIT, CheckKind.EXCLUSION)
    with pytest.raises(Refused, match="A hit is rejected"):
        review.settle(
            hit, by=phil, primary_source="OIG", looked_up_on=timezone.localdate(),
            reason=reason("settlement"), text="",
        )  # fmt: skip
    assert any("can only be rejected" in words for words in review.missing_for_approval(applicant))
    reject(fresh(application), phil)
    assert fresh(application).status == Status.REJECTED


def test_a_hit_is_not_forgotten_when_the_list_cannot_be_read(phil: User) -> None:
    application = held(phil)
    [applicant] = applicants(application)
    checked(applicant)
    found(applicant, Outcome.HIT, CheckKind.EXCLUSION)
    found(applicant, Outcome.UNCHECKED, CheckKind.EXCLUSION)
    with pytest.raises(Refused, match="An earlier look found a hit"):
        settled(applicant, phil)


def test_a_check_is_settled_once_and_only_the_newest(phil: User) -> None:
    application = held(phil)
    [applicant] = applicants(application)
    checked(applicant)
    old = CredentialCheck.objects.get(applicant=applicant, kind=CheckKind.REGISTRY)
    new = found(applicant, Outcome.MISMATCH)
    settle = {
        "by": phil, "primary_source": "NPPES", "looked_up_on": timezone.localdate(),
        "reason": reason("settlement", "checked_by_hand"), "text": "",
    }  # fmt: skip
    with pytest.raises(Refused, match="made again meanwhile"):
        review.settle(old, **settle)  # type: ignore[arg-type]
    review.settle(new, **settle)  # type: ignore[arg-type]
    with pytest.raises(StaleApplication):
        review.settle(new, **settle)  # type: ignore[arg-type]


@pytest.mark.parametrize("days", [-3, 31])
def test_a_look_at_a_source_is_of_these_days(phil: User, days: int) -> None:
    application = held(phil)
    [applicant] = applicants(application)
    with pytest.raises(Refused, match="within the last 30 days"):
        review.verify_licence(
            applicant, by=phil, state="NC", number=f"S-{applicant.npi[-4:]}", primary_source=BOARD,
            standing=BoardStanding.ACTIVE, looked_up_on=timezone.localdate() - timedelta(days=days),
        )  # fmt: skip


def test_only_licences_of_the_application_are_verified(phil: User) -> None:
    application = held(phil)
    with pytest.raises(StaleApplication):
        review.verify_licence(
            applicants(application)[0], by=phil, state="SC", number="S-1", primary_source=BOARD,
            standing=BoardStanding.ACTIVE, looked_up_on=timezone.localdate(),
        )  # fmt: skip


@pytest.mark.parametrize("scan", [Scan.HELD, Scan.INFECTED])
@pytest.mark.parametrize("of_applicant", [True, False])
def test_a_paper_that_is_not_clean_stands_against_it(
    phil: User, scan: Scan, of_applicant: bool
) -> None:
    application = ready(phil)
    Upload.objects.create(
        application=application,
        applicant=applicants(application)[0] if of_applicant else None,
        kind=UploadKind.LICENCE, name="licence.pdf", file="x", content_type="application/pdf",
        size=1, pages=1, sha256="0" * 64, scan=scan, scan_due_at=timezone.now(),
    )  # fmt: skip
    refuses(application, phil, scan.label.lower())


# --- Who may ------------------------------------------------------------------------------------
def test_nobody_approves_an_application_of_their_own_address(phil: User) -> None:
    application = draft_application(contact_email=phil.email)
    application = held(phil, submitted_application_of(application))
    for act in (approve, reject):
        with pytest.raises(Refused, match="your own"):
            act(application, phil)
    with pytest.raises(Refused, match="your own"):
        verified(applicants(application)[0], phil)


def test_nobody_approves_themselves_by_npi(phil: User, cast: Cast) -> None:
    application = held(phil)
    npi = applicants(application)[0].npi
    Prescriber.objects.create(user=phil, given_name="P", family_name="P", credential="MD", npi=npi)
    with pytest.raises(Refused, match="your own"):
        approve(application, phil)


def test_who_asked_for_a_further_prescriber_does_not_decide(phil: User, cast: Cast) -> None:
    application = held(
        phil, kind=Kind.FURTHER, filled_by=FilledBy.STAFF, started_by=phil, practice=cast.practice
    )
    with pytest.raises(Refused, match="your own"):
        approve(application, phil)


def test_members_of_the_practice_do_not_decide(phil: User, cast: Cast) -> None:
    Membership.objects.create(
        user=phil, role=Role.DELEGATE, practice=cast.practice, duties=["view"],
        started_at=timezone.now() - timedelta(days=9),
    )  # fmt: skip
    application = held(
        phil, kind=Kind.FURTHER, filled_by=FilledBy.STAFF, started_by=cast.ada,
        practice=cast.practice,
    )  # fmt: skip
    with pytest.raises(Refused, match="your own"):
        approve(application, phil)


@pytest.mark.parametrize("name", ["ada", "nils", "tess"])
def test_who_may_not_review_learns_and_changes_nothing(phil: User, cast: Cast, name: str) -> None:
    application, who = ready(phil), getattr(cast, name)
    for act in (approve, reject):
        with pytest.raises(PermissionDenied):
            act(application, who)
    with pytest.raises(PermissionDenied):
        claims.claim(submitted_application(), by=who)
    with pytest.raises(PermissionDenied):
        claims.claim_next(by=who)


def test_an_administrator_reviews_too(root: User) -> None:
    assert approve(ready(root), root).decision == Decision.APPROVED


def test_only_the_holder_decides(phil: User, petra: User) -> None:
    application = ready(phil)
    with pytest.raises(StaleApplication, match="held by Phil Pharmacist"):
        approve(application, petra)


def test_a_claim_that_ran_out_decides_nothing(phil: User) -> None:
    application = lapsed(ready(phil))
    with pytest.raises(StaleApplication, match="ran out"):
        approve(application, phil)


def test_a_page_shown_before_the_last_change_decides_nothing(phil: User) -> None:
    application = ready(phil)
    application.version -= 1
    with pytest.raises(StaleApplication):
        approve(application, phil)
    with pytest.raises(StaleApplication):
        reject(application, phil)


def test_staff_addresses_open_no_account(phil: User, tess: User) -> None:
    application = draft_application()
    Applicant.objects.filter(application=application).update(email="Tess@example.org")
    application = ready(phil, submitted_application_of(application))
    refuses(application, phil, "belongs to the pharmacy’s staff")


def test_reasons_of_another_kind_reject_nothing(phil: User) -> None:
    application = held(phil)
    with pytest.raises(Refused, match="listed reason"):
        review.reject_applicant(
            applicants(application)[0], by=phil, reason=reason("rejection"), text="",
            version=application.version,
        )  # fmt: skip


def test_a_reason_in_words_needs_its_words(phil: User) -> None:
    application = held(phil)
    with pytest.raises(Refused, match="listed reason"):
        review.reject_applicant(
            applicants(application)[0], by=phil, text="short",
            reason=reason("application_rejection", "other"), version=application.version,
        )  # fmt: skip


def test_checks_made_again_for_an_approval_stay_when_it_is_refused(phil: User) -> None:
    application = ready(phil)
    [applicant] = applicants(application)
    found(applicant, Outcome.PASS)  # what was settled is of another answer now
    checked(applicant)
    refuses(application, phil, "not settled")
    assert factories.reason("settlement")
