"""Leaving and coming back: private links, what was typed, drafts that nobody wants any more."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import links, throttle
from accounts.models import PrivateLink
from accounts.status import LinkPurpose
from events.models import Event
from intake.models import Application
from intake.tasks import discard_abandoned_drafts
from tests.intake.apply_pages import CREDENTIALS, PERSON, SHIP_TO, opened, started, url
from tests.intake.factories import draft_application, submitted_application

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    return Client()


def link_to(application: Application, seed: str = "1") -> str:
    token = links.issue(LinkPurpose.RESUME, application.pk, seed=seed)
    return reverse("apply:return", args=[token])


def hub(application: Application) -> str:
    return reverse("apply:hub", args=[application.reference])


def test_an_unknown_address_is_answered_no_quicker(browser: Client) -> None:
    for number in range(3):
        draft_application(contact_email=f"{number}@example.org")
    began = time.monotonic()
    browser.post(reverse("apply:lost"), {"email": "nobody@example.org"})
    assert time.monotonic() - began >= throttle.ANSWER_AFTER


def test_another_browser_sees_nothing_until_it_has_the_link(browser: Client) -> None:
    application = started(Client())
    assert browser.get(hub(application)).status_code == 404
    assert browser.get(url(application, "person")).status_code == 404
    answer = browser.get(link_to(application))
    assert answer.headers["Location"] == hub(application)
    assert "Name and date of birth" in browser.get(hub(application)).content.decode()


def test_the_link_opens_as_often_as_it_is_used(browser: Client) -> None:
    address = link_to(draft_application())
    assert [browser.get(address).status_code for _ in range(3)] == [302, 302, 302]


def test_every_dead_link_answers_alike(browser: Client) -> None:
    application, gone = draft_application(), draft_application()
    good = link_to(application)
    expired = link_to(application, "2")
    PrivateLink.objects.filter(pk=PrivateLink.objects.latest("pk").pk).update(
        expires_at=timezone.now()
    )
    deleted = link_to(gone)
    gone.delete()
    accept = links.issue(LinkPurpose.ACCEPT, application.applicants.get().pk, seed="3")
    tampered = good[:-3] + ("A" if good[-3] != "A" else "B") + good[-2:]
    others = [expired, deleted, tampered, reverse("apply:return", args=[accept]),
              reverse("apply:return", args=["x"]), reverse("apply:return", args=["%00"])]  # fmt: skip
    answers = [browser.get(address) for address in others]
    assert {answer.status_code for answer in answers} == {404}
    pages = {answer.content for answer in answers}
    assert len(pages) == 1
    assert application.reference.encode() not in pages.pop()


def test_asking_for_the_link_answers_alike_for_everybody(browser: Client) -> None:
    application = draft_application(contact_email="cora@example.org")
    sent = submitted_application(contact_email="cora@example.org")
    answers = [
        browser.post(reverse("apply:lost"), {"email": email})
        for email in ("Cora@Example.org", "nobody@example.org")
    ]
    assert answers[0].content == answers[1].content
    asked = Event.objects.filter(kind="application.return_asked")
    assert {event.reference for event in asked} == {application.reference, sent.reference}


def test_asking_for_one_address_again_and_again_is_stopped(browser: Client) -> None:
    codes = [
        browser.post(reverse("apply:lost"), {"email": "cora@example.org"}).status_code
        for _ in range(4)
    ]
    assert codes == [200, 200, 200, 429]


def test_starting_again_and_again_is_stopped(browser: Client) -> None:
    data = {"filled_by": "prescriber", "contact_name": "Cora", "contact_email": "c@example.org"}
    codes = [browser.post(reverse("apply:begin"), data).status_code for _ in range(21)]
    assert codes[-2:] == [302, 429]
    assert Application.objects.count() == 20


def test_saved_answers_stand_in_the_page_again(browser: Client) -> None:
    application = started(browser)
    browser.post(url(application, "credentials"), CREDENTIALS | {"npi": "[123] 456-7893"})
    html = browser.get(url(application, "credentials")).content.decode()
    assert 'value="1234567893"' in html


def test_what_is_typed_and_left_is_there_on_return(browser: Client) -> None:
    application = started(browser)
    keep = reverse("apply:keep", args=[application.reference, "prescriber-1", "person", 0])
    assert browser.post(keep, PERSON | {"birth_date_0": "Foo"}).status_code == 204
    html = browser.get(url(application, "person")).content.decode()
    assert 'value="Foo"' in html
    assert "There is a problem" not in html
    assert "had typed" in html
    assert "Incomplete" in browser.get(hub(application)).content.decode()
    browser.post(url(application, "person"), PERSON)
    html = browser.get(url(application, "person")).content.decode()
    assert "had typed" not in html
    application.refresh_from_db()
    assert "_typed" not in application.applicants.get().answers


def test_keeping_what_is_typed_does_not_outdate_the_check_page(browser: Client) -> None:
    application = started(browser)
    before = application.version
    keep = reverse("apply:keep", args=[application.reference, "practice", "practice", 0])
    browser.post(keep, {"name": "Half a na"})
    application.refresh_from_db()
    assert application.version == before


def test_a_row_sent_twice_is_stored_once_and_an_overtaken_one_not_at_all(browser: Client) -> None:
    application = opened(browser, draft_application())
    page = url(application, "ship_to", number=2)
    for _ in range(2):
        assert browser.post(page, SHIP_TO | {"name": "Side door"}).status_code == 302
    application.refresh_from_db()
    assert [row["name"] for row in application.answers["ship_to"]] == ["Back office", "Side door"]
    stale = browser.post(page, SHIP_TO | {"name": "Front door", "seen": "0" * 16})
    assert stale.status_code == 409


def removal(browser: Client, application: Application, number: int) -> Any:
    at = [application.reference, "practice", "ship_to", number]
    page = reverse("apply:remove_row", args=at)
    html = browser.get(page).content.decode()
    seen = html.split('name="seen" value="')[1].split('"')[0]
    return browser.post(page, {"seen": seen}), browser.post(page, {"seen": seen})


def test_a_row_is_removed_once(browser: Client) -> None:
    application = opened(browser, draft_application())
    browser.post(url(application, "ship_to", number=2), SHIP_TO | {"name": "Side door"})
    first, again = removal(browser, application, 1)
    assert (first.status_code, again.status_code) == (302, 409)
    application.refresh_from_db()
    assert [row["name"] for row in application.answers["ship_to"]] == ["Side door"]


def test_a_draft_is_deleted_by_who_wrote_it_and_its_links_die(browser: Client) -> None:
    application = started(browser)
    address = link_to(application)
    page = reverse("apply:delete", args=[application.reference])
    assert "cannot be undone" in browser.get(page).content.decode()
    assert browser.post(page).status_code == 302
    assert not Application.objects.filter(pk=application.pk).exists()
    assert browser.get(address).status_code == 404
    assert browser.get(hub(application)).status_code == 404
    assert browser.post(url(application, "person"), PERSON).status_code == 404


def test_what_was_sent_is_not_deleted(browser: Client) -> None:
    application = opened(browser, submitted_application())
    assert browser.post(reverse("apply:delete", args=[application.reference])).status_code == 409
    assert Application.objects.filter(pk=application.pk).exists()


def test_drafts_of_thirty_days_are_deleted_and_no_others() -> None:
    old, fresh, sent = draft_application(), draft_application(), submitted_application()
    long_ago = timezone.now() - timedelta(days=30, minutes=1)
    Application.objects.filter(pk__in=[old.pk, sent.pk]).update(saved_at=long_ago)
    discard_abandoned_drafts()
    left = set(Application.objects.values_list("pk", flat=True))
    assert left == {fresh.pk, sent.pk}
