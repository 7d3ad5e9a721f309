"""The account form from its first page to its receipt, without scripts."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Event
from intake.models import Application, CheckPlan
from intake.status import Status
from tests.intake.apply_pages import MANY, PAGES, agree, fill, send, started, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    return Client()


def kinds(application: Application) -> list[str]:
    return [
        *Event.objects.filter(reference=application.reference)
        .order_by("pk")
        .values_list("kind", flat=True)
    ]


def test_a_prescriber_applies_and_gets_a_receipt(browser: Client) -> None:
    application = started(browser)
    fill(browser, application)
    at = [application.reference]
    browser.post(reverse("apply:papers_done", args=at))
    agree(browser, application)
    check = browser.get(reverse("apply:check", args=at)).content.decode()
    assert "Nothing is sent to the pharmacy yet" in check
    assert "Send the application" in check
    answer = send(browser, application)
    assert answer.headers["Location"] == reverse("apply:sent", args=at)
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED
    assert application.reference in browser.get(reverse("apply:sent", args=at)).content.decode()
    assert kinds(application) == [
        "application.started", "applicant.agreed", "application.submitted",
        "application.received",
    ]  # fmt: skip
    applicant = application.applicants.get()
    assert (applicant.npi, applicant.email) == ("1234567893", "cora@example.org")
    assert applicant.acceptances.count() == 8
    assert CheckPlan.objects.filter(applicant=applicant).exists()


def test_continue_leads_through_every_page(browser: Client) -> None:

    application = started(browser)
    seen = []
    here = url(application, "person")
    while "/papers/" not in here:
        slug = here.rstrip("/").rpartition("/")[2]
        seen.append(slug)
        if slug in MANY:
            fill(browser, application, slug)
        here = browser.post(here, {} if slug in MANY else PAGES[slug]).headers["Location"]
    assert seen == [page for page in PAGES if page != "supervision"]
