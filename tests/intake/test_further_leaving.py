"""Who asks for a further prescriber and then leaves the practice, sends nothing in its name."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.utils import timezone

from accounts.models import Membership
from accounts.services.standing import suspend
from accounts.status import Role
from events.models import Event
from intake.models import Applicant, Application
from intake.services import answering, review
from intake.services.drafts import start_further
from intake.services.moves import Refused
from intake.services.submitting import submit
from intake.status import Status
from tests.conftest import Cast
from tests.factories import reason
from tests.intake.factories import applicant_answers
from tests.intake.reviewing import applicants, fresh, held

pytestmark = pytest.mark.django_db


def nothing_wrong(application: Application, people: Sequence[Applicant]) -> list[str]:
    return []


def asked(cast: Cast) -> Application:
    application = start_further(cast.practice, by=cast.ada)
    application.applicants.update(answers=applicant_answers())
    return application


def leaves(cast: Cast) -> None:
    Membership.objects.open().filter(user=cast.ada).update(ended_at=timezone.now())


def test_after_leaving_the_application_is_not_sent(cast: Cast) -> None:
    application = asked(cast)
    leaves(cast)
    with pytest.raises(Refused, match="somebody who manages it"):
        submit(application, version=application.version, judge=nothing_wrong)
    assert fresh(application).status == Status.DRAFT
    assert not Event.objects.filter(kind="application.submitted").exists()


def test_as_a_delegate_neither(cast: Cast) -> None:
    application = asked(cast)
    Membership.objects.open().filter(user=cast.ada).update(role=Role.DELEGATE, duties=["prepare"])
    with pytest.raises(Refused):
        submit(application, version=application.version, judge=nothing_wrong)


def test_nor_for_a_practice_that_was_suspended(cast: Cast) -> None:
    application = asked(cast)
    suspend(cast.practice, by=cast.phil, reason="Bills stay unpaid.")
    with pytest.raises(Refused):
        submit(application, version=application.version, judge=nothing_wrong)


def test_after_leaving_no_answer_is_given_either(cast: Cast) -> None:
    application = asked(cast)
    submit(application, version=application.version, judge=nothing_wrong)
    application = held(cast.phil, fresh(application))
    item = review.Asked(
        "licences", reason("info_request", "out_of_date"), applicant=applicants(application)[0]
    )
    review.ask(application, by=cast.phil, items=[item], text="", version=application.version)
    leaves(cast)
    version = fresh(application).version
    with pytest.raises(Refused):
        answering.give(application, version=version, text="", judge=nothing_wrong)
    assert fresh(application).status == Status.INFO_REQUESTED
