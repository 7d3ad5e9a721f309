"""Two at once: one wins, the other is told, and nothing is opened twice."""

from __future__ import annotations

import pytest

from accounts.models import Membership, Practice, Prescriber, User
from intake.models import Application
from intake.services import claims
from intake.services.moves import Refused, StaleApplication
from intake.status import Decision, Status
from tests.conftest import Cast
from tests.intake.factories import draft_application, submitted_application
from tests.intake.reviewing import applicants, approve, fresh, lapsed, ready, reject
from tests.intake.test_review_activation import sent, with_credentials
from tests.orders.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def errors(results: list[object]) -> list[type]:
    return [type(one) for one in results if isinstance(one, Exception)]


def test_two_reviewers_claim_one_application_and_one_holds_it(cast: Cast) -> None:
    application = submitted_application()
    results = at_once(
        lambda: claims.claim(fresh(application), by=cast.phil),
        lambda: claims.claim(fresh(application), by=cast.petra),
    )
    assert errors(results) == [StaleApplication]
    assert fresh(application).holder in (cast.phil, cast.petra)


def test_claim_next_gives_each_reviewer_another(cast: Cast) -> None:
    both = {submitted_application().pk, submitted_application().pk}
    results = at_once(
        lambda: claims.claim_next(by=cast.phil), lambda: claims.claim_next(by=cast.petra)
    )
    assert not errors(results)
    assert {one.pk for one in results if isinstance(one, Application)} == both


def test_two_approvals_of_one_prescriber_open_one_account(cast: Cast) -> None:
    application = ready(cast.phil)
    practices = Practice.objects.count()
    results = at_once(
        lambda: approve(application, cast.phil), lambda: approve(application, cast.phil)
    )
    assert errors(results) == [StaleApplication]
    assert Prescriber.objects.filter(npi=applicants(application)[0].npi).count() == 1
    assert Practice.objects.count() == practices + 1


def test_an_approval_and_a_rejection_make_one_decision(cast: Cast) -> None:
    application = ready(cast.phil)
    results = at_once(
        lambda: approve(application, cast.phil), lambda: reject(application, cast.phil)
    )
    assert errors(results) == [StaleApplication]
    decision = applicants(application)[0].decision
    assert fresh(application).status == decision
    is_open = Prescriber.objects.filter(npi=applicants(application)[0].npi).exists()
    assert is_open == (decision == Decision.APPROVED)


def test_two_prescribers_approved_at_once_share_one_practice(cast: Cast) -> None:
    application = ready(cast.phil, prescribers=2)
    practices = Practice.objects.count()
    results = at_once(
        lambda: approve(application, cast.phil), lambda: approve(application, cast.phil, position=2)
    )
    # Neither waits in vain: the second finds the practice that the first has opened.
    assert not errors(results)
    assert Practice.objects.count() == practices + 1
    assert fresh(application).status == Status.APPROVED


def test_one_npi_approved_in_two_applications_at_once_is_one_prescriber(cast: Cast) -> None:
    first, second = draft_application(), draft_application()
    npi = applicants(first)[0].npi
    with_credentials(second, npi=npi)
    first, second = ready(cast.phil, sent(first)), ready(cast.petra, sent(second))
    results = at_once(lambda: approve(first, cast.phil), lambda: approve(second, cast.petra))
    assert not errors(results)
    prescriber = Prescriber.objects.get(npi=npi)
    assert {applicants(one)[0].prescriber for one in (first, second)} == {prescriber}
    assert Membership.objects.filter(user=prescriber.user).count() == 2


def test_one_address_for_two_prescribers_at_once_opens_one_account(cast: Cast) -> None:
    first, second = draft_application(), draft_application()
    email = applicants(first)[0].email
    with_credentials(second, email=email)
    first, second = ready(cast.phil, sent(first)), ready(cast.petra, sent(second))
    results = at_once(lambda: approve(first, cast.phil), lambda: approve(second, cast.petra))
    assert errors(results) == [Refused]
    assert User.objects.filter(email=email).count() == 1


def test_a_lapsed_claim_goes_back_once_however_many_beats_look(cast: Cast) -> None:
    application = submitted_application()
    claims.claim(application, by=cast.phil)
    lapsed(application)
    results = at_once(claims.release_lapsed_applications, claims.release_lapsed_applications)
    assert sum(one for one in results if isinstance(one, int)) == 1
    assert fresh(application).status == Status.SUBMITTED
