"""What a reviewer found counts for what was given then, and for as long as a look is recent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Prescriber, User
from intake.models import Application, CredentialCheck, LicenceVerification, Settlement
from intake.services import answering, claims, drafts, review
from intake.services.checks.person import of_applicant
from intake.services.checks.registry import registry_query
from intake.services.moves import Refused, StaleApplication
from intake.status import BoardStanding, CheckKind, Decision, Outcome
from tests.factories import reason
from tests.intake.reviewing import (
    BOARD,
    applicants,
    approve,
    checked,
    fresh,
    held,
    ready,
    settled,
    verified,
)

pytestmark = pytest.mark.django_db


def refuses(application: Application, by: User, words: str) -> None:
    with pytest.raises(Refused, match=words):
        approve(fresh(application), by)
    assert not Prescriber.objects.filter(npi=applicants(application)[0].npi).exists()


def _correct_licence(application: Application, by: User, **changes: str) -> None:
    """Asked about the licences, the applicant answers with another one; `by` takes it up again."""
    [applicant] = applicants(application)
    asked = review.Asked("licences", reason("info_request", "out_of_date"), applicant=applicant)
    review.ask(
        application,
        by=by,
        items=[asked],
        text="Which one is it?",
        version=fresh(application).version,
    )
    rows = [row | changes for row in applicant.answers["licences"]]
    drafts.save(applicant, "licences", rows)
    answering.give(application, version=fresh(application).version, text="", judge=lambda *_: [])
    claims.claim(application, by=by)
    checked(applicants(application)[0])


def test_a_look_does_not_count_for_a_date_that_was_given_later(phil: User) -> None:
    application = ready(phil)
    later = (timezone.localdate() + timedelta(days=900)).isoformat()
    _correct_licence(application, phil, expires_on=later)
    settled(applicants(application)[0], phil)
    refuses(application, phil, "is not looked up at the state board")
    verified(applicants(application)[0], phil)
    assert approve(fresh(application), phil).decision == Decision.APPROVED


def test_a_page_from_before_the_correction_verifies_nothing(phil: User) -> None:
    application = held(phil)
    shown = application.version
    _correct_licence(application, phil, number="S-OTHER")
    with pytest.raises(StaleApplication):
        review.verify_licence(
            applicants(application)[0], by=phil, state="NC", number="S-OTHER",
            primary_source=BOARD, standing=BoardStanding.ACTIVE,
            looked_up_on=timezone.localdate(), version=shown,
        )  # fmt: skip


def test_an_old_look_is_made_again_before_the_approval(phil: User) -> None:
    application = held(phil)
    [applicant] = applicants(application)
    [licence] = applicant.answers["licences"]
    LicenceVerification.objects.create(
        applicant=applicant, state="NC", number=licence["number"], expires_on=licence["expires_on"],
        primary_source=BOARD, standing=BoardStanding.ACTIVE, by=phil,
        looked_up_on=timezone.localdate() - timedelta(days=31),
    )  # fmt: skip
    checked(applicant)
    settled(applicant, phil)
    refuses(application, phil, "look it up again")


def test_what_settled_a_silence_a_month_ago_settles_it_no_more(phil: User) -> None:
    application = held(phil)
    [applicant] = applicants(application)
    query = registry_query(of_applicant(applicant))
    old = CredentialCheck.objects.create(
        applicant=applicant, kind=CheckKind.REGISTRY, outcome=Outcome.UNCHECKED, text="Silent.",
        query=query, source="none", at=timezone.now() - timedelta(days=31),
    )  # fmt: skip
    Settlement.objects.create(
        check_row=old, by=phil, primary_source="npiregistry", reason=reason("settlement", "checked_by_hand"),
        looked_up_on=timezone.localdate() - timedelta(days=31),
    )  # fmt: skip
    checked(applicant)
    verified(applicant, phil)
    refuses(application, phil, "not settled yet")
    settled(applicant, phil)
    assert approve(fresh(application), phil).decision == Decision.APPROVED
