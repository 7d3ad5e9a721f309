"""Corrections that a reviewer asked for: just those, and back to who asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts import links
from accounts.models import User
from accounts.status import LinkPurpose
from events.models import Event
from formulary.models import Reason
from intake.models import Acceptance, Applicant, Application, InfoItem, InfoRequest, Upload
from intake.services import answering, drafts, papers
from intake.services.answering import next_business_day
from intake.status import FilledBy, Scan, Status, UploadKind
from notifications.catalogue import recipients
from notifications.status import Channel
from tests.conftest import Cast
from tests.intake.apply_pages import CREDENTIALS, LICENCE, PAGES, change, opened, url
from tests.intake.factories import submitted_application
from tests.intake.papers import keep_papers_in, pdf, png, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    return Client()


@pytest.fixture
def asked(browser: Client, cast: Cast) -> Application:
    """Phil asks for the NPI and the fax number, two hours ago."""
    application = opened(browser, submitted_application())
    reason = Reason.objects.filter(kind="info_request")[0]
    Application.objects.filter(pk=application.pk).update(
        status=Status.UNDER_REVIEW, holder=cast.phil, held_until=timezone.now()
    )
    Application.objects.filter(pk=application.pk).update(
        status=Status.INFO_REQUESTED, holder=None, held_until=None,
        paused_at=timezone.now() - timedelta(hours=2),
    )  # fmt: skip
    request = InfoRequest.objects.create(application=application, asked_by=cast.phil, text="Which?")
    one = application.applicants.get()
    for section, whose, fields in (("credentials", one, ["npi"]), ("address", None, ["fax"])):
        InfoItem.objects.create(
            request=request, section=section, applicant=whose, fields=fields, reason=reason
        )
    application.refresh_from_db()
    return application


def test_only_what_was_asked_for_can_be_corrected(browser: Client, asked: Application) -> None:
    page = browser.get(url(asked, "credentials")).content.decode()
    assert 'name="npi"' in page
    assert 'name="specialty"' not in page
    assert "Dermatology" in page
    sent = CREDENTIALS | {"npi": "1558598797", "specialty": "Surgery"}
    assert browser.post(url(asked, "credentials"), sent).headers["Location"] == reverse(
        "apply:answer", args=[asked.reference]
    )
    told = asked.applicants.get().answers["credentials"]
    assert (told["npi"], told["specialty"]) == ("1558598797", "Dermatology")
    for slug in ("person", "delivery", "practice"):
        assert browser.post(url(asked, slug), {}).status_code == 409
    assert browser.post(url(asked, "ship_to", number=1), {}).status_code == 409


def test_a_page_that_was_left_out_is_not_opened_by_the_way(
    browser: Client, asked: Application
) -> None:
    left_out = {k: v for k, v in asked.answers.items() if k not in ("ship_to", "delegates")}
    Application.objects.filter(pk=asked.pk).update(answers=left_out)
    for slug in ("ship_to", "delegates"):
        assert browser.post(url(asked, slug, number=1), PAGES[slug]).status_code == 409
    asked.refresh_from_db()
    assert asked.answers == left_out


def test_a_correction_adds_papers_and_takes_none_away_that_was_sent(
    browser: Client, asked: Application, tmp_path: Path, settings: Settings
) -> None:
    keep_papers_in(tmp_path, settings)
    page = reverse("apply:papers", args=[asked.reference])
    before = papers.store(sent("a.pdf", pdf()), kind=UploadKind.LICENCE, application=asked)
    InfoRequest.objects.filter(application=asked).update(asked_at=timezone.now())
    browser.post(page, {"kind": "other", "file": sent("b.png", png())})
    added = Upload.objects.exclude(pk=before.pk).get()
    html = browser.get(page).content.decode()
    stays, goes = (
        reverse("apply:paper_remove", args=[asked.reference, one.pk]) for one in (before, added)
    )
    assert stays not in html
    assert goes in html
    assert browser.post(stays).status_code == 409
    assert browser.post(goes).status_code == 302
    assert list(Upload.objects.all()) == [before]


def test_a_paper_with_a_virus_can_be_taken_away_though_it_was_sent(
    browser: Client, asked: Application, tmp_path: Path, settings: Settings
) -> None:
    keep_papers_in(tmp_path, settings)
    bad = papers.store(sent("a.pdf", pdf()), kind=UploadKind.LICENCE, application=asked)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Upload.objects.filter(pk=bad.pk).update(
        scan=Scan.INFECTED, scanned_at=timezone.now(), file="", uploaded_at=an_hour_ago
    )
    remove = reverse("apply:paper_remove", args=[asked.reference, bad.pk])
    page = browser.get(reverse("apply:papers", args=[asked.reference])).content.decode()
    assert f'action="{remove}"' in page
    assert browser.post(remove).status_code == 302
    assert not asked.uploads.exists()


def test_a_corrected_address_gets_the_agreements_and_the_old_link_dies(
    browser: Client, asked: Application
) -> None:
    Application.objects.filter(pk=asked.pk).update(filled_by=FilledBy.STAFF)
    one = asked.applicants.get()
    Acceptance.objects.filter(applicant=one).delete()
    to_a_stranger = links.issue(LinkPurpose.ACCEPT, one.pk, seed="1")
    told = one.answers["credentials"] | {"email": "right@example.org"}
    drafts.save(one, "credentials", told)
    asked.refresh_from_db()
    answering.give(asked, version=asked.version, text="", judge=lambda *_: [])
    again = Event.objects.filter(kind="applicant.acceptance_asked", subject_id=one.pk).get()
    assert recipients(again, Channel.EMAIL) == ["right@example.org"]
    assert browser.get(reverse("apply:accept", args=[to_a_stranger])).status_code == 404


def test_an_address_that_stays_is_not_written_to_again(asked: Application) -> None:
    Application.objects.filter(pk=asked.pk).update(filled_by=FilledBy.STAFF)
    one = asked.applicants.get()
    Acceptance.objects.filter(applicant=one).delete()
    sent = links.issue(LinkPurpose.ACCEPT, one.pk, seed="1")
    answering.give(asked, version=asked.version, text="", judge=lambda *_: [])
    assert not Event.objects.filter(kind="applicant.acceptance_asked").exists()
    assert links.find(LinkPurpose.ACCEPT, sent) is not None


def test_the_words_of_a_rejection_are_read_by_the_applicant(
    browser: Client, asked: Application, phil: User
) -> None:
    Applicant.objects.filter(application=asked).update(
        decision="rejected", decided_at=timezone.now(), decided_by=phil,
        reason=Reason.objects.filter(kind="application_rejection").first(),
        reason_text="The board knows <no> such licence.",
    )  # fmt: skip
    html = browser.get(reverse("apply:status", args=[asked.reference])).content.decode()
    assert "The board knows &lt;no&gt; such licence." in html


def test_the_answer_goes_back_to_who_asked(browser: Client, asked: Application, phil: User) -> None:
    browser.post(url(asked, "credentials"), CREDENTIALS | {"npi": "1558598797"})
    asked.refresh_from_db()
    page = reverse("apply:answer", args=[asked.reference])
    assert "Which?" in browser.get(page).content.decode()
    data = {"version": asked.version, "answer_text": "Mistyped, now right."}
    answers = [browser.post(page, data) for _ in range(2)]
    assert {answer.headers["Location"] for answer in answers} == {
        reverse("apply:status", args=[asked.reference])
    }
    submitted_at = asked.submitted_at
    asked.refresh_from_db()
    assert (asked.status, asked.paused_at, asked.submitted_at) == ("submitted", None, submitted_at)
    assert timedelta(hours=2) <= asked.waited < timedelta(hours=2, minutes=5)
    assert asked.reserved_for == phil
    assert asked.reserved_until is not None
    assert asked.reserved_until > timezone.now() + timedelta(hours=22)
    assert asked.applicants.get().npi == "1558598797"
    request = InfoRequest.objects.get(application=asked)
    assert request.answer == "Mistyped, now right."
    given = Event.objects.get(kind="application.info_given", reference=asked.reference)
    assert given.data == {"asked_by": phil.pk}


def test_a_page_that_is_no_longer_right_is_open_too(browser: Client, asked: Application) -> None:
    one = asked.applicants.get()
    one.answers["licences"][0]["expires_on"] = "2020-01-01"
    one.save()
    page = reverse("apply:answer", args=[asked.reference])
    data = {"version": asked.version, "answer_text": ""}
    html = browser.post(page, data).content.decode()
    assert "State licences" in html
    asked.refresh_from_db()
    assert asked.status == Status.INFO_REQUESTED
    assert change(browser, url(asked, "licences", number=1), LICENCE).status_code == 302
    asked.refresh_from_db()
    assert browser.post(page, data | {"version": asked.version}).status_code == 302


@pytest.mark.parametrize(
    ("day", "back"), [(20, 23), (21, 23), (22, 23), (23, 24)]
)  # Friday to Monday, November 2026
def test_a_reservation_ends_on_the_next_day_of_work(day: int, back: int) -> None:
    here = ZoneInfo("America/New_York")
    moment = datetime(2026, 11, day, 15, 30, tzinfo=here)
    assert next_business_day(moment) == datetime(2026, 11, back, 15, 30, tzinfo=here)
