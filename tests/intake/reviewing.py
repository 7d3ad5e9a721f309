"""Applications on a reviewer's desk, and everything an approval needs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from intake.facts import applicant_facts
from intake.models import Applicant, Application, CheckPlan
from intake.services import checks, claims, review
from intake.status import BoardStanding
from tests.factories import reason
from tests.intake.factories import submitted_application

BOARD = "North Carolina Medical Board, licensee look-up"


def fresh(application: Application) -> Application:
    return Application.objects.get(pk=application.pk)


def held(by: User, application: Application | None = None, **kwargs: Any) -> Application:
    """In the hands of `by`; sent just now when none is given."""
    application = application or submitted_application(**kwargs)
    claims.claim(application, by=by)
    return fresh(application)


def applicants(application: Application) -> list[Applicant]:
    found = application.applicants.select_related("application__practice").order_by("position")
    return list(found)


def verified(applicant: Applicant, by: User, standing: str = BoardStanding.ACTIVE) -> None:
    """Each licence looked up at its board."""
    for licence in applicant_facts(applicant).licences:
        review.verify_licence(
            applicant,
            by=by,
            state=licence.state,
            number=licence.number,
            primary_source=BOARD,
            standing=BoardStanding(standing),
            looked_up_on=timezone.localdate(),
        )


def checked(applicant: Applicant) -> None:
    """Run as the worker does; no registry and no exclusion list is set, so both are unchecked."""
    checks.plan(applicant)
    assert checks.run(CheckPlan.objects.get(applicant=applicant).pk)


def settled(applicant: Applicant, by: User) -> None:
    """Whatever the checks left open, looked up by hand."""
    for line in checks.standing(applicant).findings:
        assert line.row is not None
        review.settle(
            line.row,
            by=by,
            primary_source="npiregistry.cms.hhs.gov",
            looked_up_on=timezone.localdate(),
            reason=reason("settlement", "checked_by_hand"),
            text="",
        )


def ready(by: User, application: Application | None = None, **kwargs: Any) -> Application:
    """Held, and nothing stands against the approval of anybody in it."""
    application = held(by, application, **kwargs)
    for applicant in applicants(application):
        checked(applicant)
        verified(applicant, by)
        settled(applicant, by)
    return fresh(application)


def approve(application: Application, by: User, position: int = 1) -> Applicant:
    applicant = application.applicants.get(position=position)
    review.approve_applicant(applicant, by=by, version=application.version)
    applicant.refresh_from_db()
    return applicant


def reject(application: Application, by: User, position: int = 1) -> None:
    review.reject_applicant(
        application.applicants.get(position=position),
        by=by,
        reason=reason("application_rejection", "no_answer"),
        text="",
        version=application.version,
    )


def lapsed(application: Application) -> Application:
    past = timezone.now() - timedelta(minutes=1)
    Application.objects.filter(pk=application.pk).update(held_until=past)
    return fresh(application)
