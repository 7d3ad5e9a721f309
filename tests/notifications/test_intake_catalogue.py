"""The texts to applicants, members and staff: nothing personal in them, each link to its page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.utils import timezone

from accounts import links
from accounts.models import Licence, PrivateLink, User
from accounts.status import LinkPurpose, Role
from events.models import Event
from formulary.models import FormularyChange
from intake.models import LicenceRenewal, Question
from notifications import catalogue, services
from notifications.catalogue import CATALOGUE
from notifications.channels import email
from notifications.models import Delivery
from notifications.status import Channel
from tests.conftest import Cast
from tests.intake.factories import submitted_application
from tests.notifications.test_catalogue import part, read

pytestmark = pytest.mark.django_db
KINDS = sorted(kind for kind in CATALOGUE if not kind.startswith("order."))
PRIVATE = ("Newcomer", "1979-04-05", "Apr 5, 1979", "S-1", "naltrexone 4.5", "canary question")


@pytest.fixture(autouse=True)
def _no_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.wake.publish", lambda *_: False)


def event(kind: str, cast: Cast) -> Event:
    """An event of that kind, with the rows it is about."""
    subject, *_ = kind.split(".")
    pk, reference, data = SUBJECTS[subject](cast)
    return Event.objects.create(
        kind=kind, subject=subject, subject_id=pk, reference=reference, data=data
    )


def _application(cast: Cast) -> tuple[int, str, dict[str, object]]:
    made = submitted_application(agreed=False)
    return made.pk, made.reference, {"asked_by": cast.phil.pk}


def _applicant(cast: Cast) -> tuple[int, str, dict[str, object]]:
    made = submitted_application(agreed=False)
    return made.applicants.get().pk, made.reference, {}


def _user(cast: Cast) -> tuple[int, str, dict[str, object]]:
    user = User.objects.create_user("fresh@example.org", name="Fresh Sample")
    user.memberships.create(role=Role.DELEGATE, practice=cast.practice, duties=["view"])
    return user.pk, "", {"practice": cast.practice.pk, "what": "password"}


def _licence(cast: Cast) -> tuple[int, str, dict[str, object]]:
    return Licence.objects.get(prescriber=cast.ada.prescriber).pk, "", {"days": 30}


def _renewal(cast: Cast) -> tuple[int, str, dict[str, object]]:
    made = LicenceRenewal.objects.create(
        prescriber=cast.ada.prescriber,
        state="NC",
        kind="Medical",
        number="S-1",
        expires_on=timezone.localdate() + timedelta(days=300),
        given_by=cast.ada,
    )
    return made.pk, "", {}


def _question(cast: Cast) -> tuple[int, str, dict[str, object]]:
    made = Question.objects.create(
        category="other",
        name="Quin Sample",
        email="quin@example.org",
        text="canary question",
        answer="Here is what is documented: it isn’t.\n\nAnd <b>no</b> more.",
    )
    return made.pk, made.reference, {}


def _formulary_change(cast: Cast) -> tuple[int, str, dict[str, object]]:
    made = FormularyChange.objects.create(
        kind="medicines", act="add", target="sample", after={}, reason="Sample", source="Sample",
        effective_on=timezone.localdate(), needs_second=True, author=cast.phil,
    )  # fmt: skip
    return made.pk, made.reference, {}


SUBJECTS = {
    "formulary": _formulary_change,
    "application": _application,
    "applicant": _applicant,
    "user": _user,
    "prescriber": lambda cast: (cast.ada.prescriber.pk, "", {}),
    "practice": lambda cast: (cast.practice.pk, "", {}),
    "licence": _licence,
    "renewal": _renewal,
    "question": _question,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_is_short_says_the_same_twice_and_holds_nothing_personal(
    kind: str, cast: Cast
) -> None:
    found = event(kind, cast)
    assert len(catalogue.text(found).subject) <= 60
    services.expand(found.pk)
    mails = Delivery.objects.filter(event=found, channel=Channel.EMAIL)
    assert mails, "nobody hears of it"
    message = email.message(mails[0]).message()
    plain, html = part(message, "text/plain"), part(message, "text/html")
    words = [word.rstrip(":") for word in plain.split()]
    assert [word.rstrip(":") for word in read(html).words] == words
    (link,) = read(html).links
    assert link.startswith(f"{site.PUBLIC_URL}/")
    assert [one for one in PRIVATE if one in plain] == []
    assert 0 < len(str(message["Subject"])) <= 60


@pytest.mark.parametrize("kind", KINDS)
def test_each_notice_leads_to_a_page_that_there_is(kind: str, cast: Cast) -> None:
    assert catalogue.text(event(kind, cast)).path.startswith("/")


LINKED = sorted(kind for kind, entry in CATALOGUE.items() if entry.link)


@pytest.mark.parametrize("kind", LINKED)
def test_a_private_link_is_made_for_its_mail_and_the_same_at_each_attempt(
    kind: str, cast: Cast
) -> None:
    found = event(kind, cast)
    services.expand(found.pk)
    assert not PrivateLink.objects.exists(), "made when the mail is sent, not before"
    delivery = Delivery.objects.get(event=found, channel=Channel.EMAIL)
    first, second = (str(email.message(delivery).body) for _ in range(2))
    assert first == second
    row = PrivateLink.objects.get()
    (token,) = re.findall(rf"/([A-Za-z0-9_-]{{{links.LENGTH}}})/?\s", first)
    purpose = CATALOGUE[kind].link
    assert purpose is not None
    assert links.find(purpose, token) == row
    assert row.subject_id == found.subject_id
    assert token not in str(found.data) + row.token_sha256


def test_a_link_opens_only_what_it_was_made_for(cast: Cast) -> None:
    token = links.issue(LinkPurpose.RESET, 7, seed="a")
    assert links.find(LinkPurpose.RESET, token)
    assert links.find(LinkPurpose.ACTIVATE, token) is None
    changed = token[:-1] + ("A" if token[-1] != "A" else "B")
    for wrong in ("", token[:-1], changed, token + "A", "\x00" * links.LENGTH):
        assert links.find(LinkPurpose.RESET, wrong) is None


def test_a_link_is_spent_once(cast: Cast) -> None:
    link = links.find(LinkPurpose.RESET, links.issue(LinkPurpose.RESET, 7, seed="a"))
    assert link is not None
    assert links.spend(link)
    assert not links.spend(link)
    assert links.find(LinkPurpose.RESET, links.issue(LinkPurpose.RESET, 7, seed="a")) is None


def test_a_link_ends(cast: Cast) -> None:
    token = links.issue(LinkPurpose.RESET, 7, seed="a")
    PrivateLink.objects.update(expires_at=timezone.now())
    assert links.find(LinkPurpose.RESET, token) is None


def test_a_mail_that_was_held_up_still_brings_a_link_that_opens(cast: Cast) -> None:
    token = links.issue(LinkPurpose.RESET, 7, seed="a")
    PrivateLink.objects.update(expires_at=timezone.now())
    assert links.issue(LinkPurpose.RESET, 7, seed="a") == token
    assert links.find(LinkPurpose.RESET, token)


def test_links_that_were_sent_can_be_taken_back(cast: Cast) -> None:
    tokens = [links.issue(LinkPurpose.ACCEPT, 7, seed=seed) for seed in "ab"]
    links.take_back(LinkPurpose.ACCEPT, 7)
    assert [links.find(LinkPurpose.ACCEPT, token) for token in tokens] == [None, None]


def test_a_stranger_gets_the_answer_itself_as_it_was_written(cast: Cast) -> None:
    found = event("question.answered", cast)
    services.expand(found.pk)
    delivery = Delivery.objects.get(event=found, channel=Channel.EMAIL)
    assert delivery.address == "quin@example.org"
    message = email.message(delivery).message()
    assert "it isn’t." in part(message, "text/plain")
    assert "And <b>no</b> more." in part(message, "text/plain")
    assert "&lt;b&gt;no" in part(message, "text/html")


def test_an_invitation_taken_back_before_it_was_sent_is_not_sent(cast: Cast) -> None:
    found = event("user.invited", cast)
    services.expand(found.pk)
    User.objects.get(pk=found.subject_id).memberships.update(ended_at=timezone.now())
    assert catalogue.recipients(found, Channel.EMAIL) == []
