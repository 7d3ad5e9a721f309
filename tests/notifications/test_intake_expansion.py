"""Who of the staff and of the applicants is told what, by which channel, as things stand then."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from events.models import Event
from intake import journey
from intake.models import Applicant, Application
from intake.services import claims, review
from intake.services.agreeing import accept
from intake.services.moves import note
from intake.services.questions import Asked, ask
from intake.services.submitting import submit
from intake.status import FilledBy
from notifications import sending, services
from notifications.models import Delivery
from notifications.status import Channel, State
from tests.conftest import Cast
from tests.factories import reason
from tests.intake.factories import agree, draft_application
from tests.intake.reviewing import fresh

pytestmark = pytest.mark.django_db
BOTH = (Channel.BELL, Channel.EMAIL)


@pytest.fixture(autouse=True)
def _no_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.wake.publish", lambda *_: False)


def sent_in(**fields: Any) -> Application:
    """Sent as an applicant sends it."""
    application = draft_application(**fields)
    if application.filled_by == FilledBy.PRESCRIBER:
        agree(application.applicants.get())
    submit(application, version=application.version, judge=journey.problems)
    return fresh(application)


def event(kind: str) -> Event:
    found = Event.objects.filter(kind=kind).order_by("pk").last()
    assert found is not None, kind
    services.expand(found.pk)
    return found


def told(kind: str, channel: Channel) -> set[object]:
    """The people, and the bare addresses, that an event of this kind goes to."""
    rows = Delivery.objects.filter(event=event(kind), channel=channel)
    return {row.recipient or row.address for row in rows.select_related("recipient")}


def test_every_reviewer_hears_of_an_application_by_bell_and_mail(cast: Cast) -> None:
    sent_in()
    for channel in BOTH:
        assert told("application.submitted", channel) == {cast.phil, cast.petra, cast.root}


def test_the_applicant_gets_a_receipt_by_mail_alone(cast: Cast) -> None:
    sent_in()
    assert told("application.received", Channel.EMAIL) == {"cora@example.org"}
    assert told("application.received", Channel.BELL) == set()


def test_each_prescriber_is_asked_at_their_own_address_and_nobody_else(cast: Cast) -> None:
    application = sent_in(prescribers=2)
    first, second = application.applicants.all()
    asked = Event.objects.filter(kind="applicant.acceptance_asked").order_by("pk")
    for one, mail in zip(asked, (first.email, second.email), strict=True):
        services.expand(one.pk)
        assert [row.address for row in Delivery.objects.filter(event=one)] == [mail]


def test_a_reviewer_who_lost_the_right_gets_nothing_that_was_queued(cast: Cast) -> None:
    sent_in()
    queued = Delivery.objects.filter(
        event=event("application.submitted"), recipient=cast.petra, channel=Channel.EMAIL
    )
    cast.petra.memberships.update(ended_at=timezone.now())
    assert sending._attempt(queued.get(), 0.0).state == State.SUPPRESSED


def test_who_accepted_meanwhile_is_not_asked_by_a_mail_that_was_queued(cast: Cast) -> None:
    application = sent_in(prescribers=2)
    first: Applicant = application.applicants.get(position=1)
    asked = Event.objects.get(kind="applicant.acceptance_asked", subject_id=first.pk)
    services.expand(asked.pk)
    accept(first, typed_name="Cora Newcomer", ip="127.0.0.1")
    assert sending._attempt(Delivery.objects.get(event=asked), 0.0).state == State.SUPPRESSED


def test_the_answer_goes_to_who_asked_and_to_the_others_once_that_person_left(
    cast: Cast, phil: User
) -> None:
    application = sent_in()
    claims.claim(application, by=phil)
    application = fresh(application)
    asked = review.Asked("address", reason("info_request", "differs_from_source"), ("phone",))
    review.ask(application, by=phil, items=[asked], text="Which?", version=application.version)
    assert told("application.info_requested", Channel.EMAIL) == {"cora@example.org"}
    note(application, "application.info_given", by=None, data={"asked_by": phil.pk})
    assert told("application.info_given", Channel.BELL) == {phil}
    phil.memberships.update(ended_at=timezone.now())
    note(application, "application.info_given", by=None, data={"asked_by": phil.pk})
    assert told("application.info_given", Channel.BELL) == {cast.petra, cast.root}


def test_every_pharmacist_hears_of_a_question_and_nobody_else(cast: Cast) -> None:
    asked = Asked(category="other", name="Quin", email="quin@example.org", text="Is it made?")
    ask(asked, token=uuid4(), by=None)
    for channel in BOTH:
        assert told("question.asked", channel) == {cast.phil, cast.petra}
