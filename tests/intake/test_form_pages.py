"""The account form's pages as a whole: landmarks, words, statements, papers."""

from __future__ import annotations

import re
from io import BytesIO
from zoneinfo import available_timezones

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from accounts.house_fields import STATES
from intake.forms import zones
from intake.forms.person import CredentialsForm, PersonForm
from intake.models import Application, Upload
from intake.sections import SECTIONS
from tests.intake.apply_pages import MANY, PAGES, fill, opened, started, url
from tests.intake.factories import draft_application, submitted_application
from tests.ui.html import Page, text

pytestmark = pytest.mark.django_db

_BANNED = r"\b(invalid|please|required)\b"
_OPEN = ("start", "begin", "lost", "agreed", "agreement_list")
_DRAFT = ("hub", "papers", "agreements", "check", "print", "delete")
_SENT = ("sent", "status", "print")


@pytest.fixture
def browser() -> Client:
    return Client()


@pytest.fixture
def application(browser: Client) -> Application:
    return opened(browser, draft_application())


def page_of(browser: Client, address: str) -> Page:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return Page(answer.content.decode())


def check_page(page: Page) -> None:
    """F05, F06, F08, L13: what every page of the form keeps to."""
    heading = text(page.one("h1"))
    assert page.title == f"{heading} – Scruple"
    assert not re.search(_BANNED, text(page.one("main")), re.IGNORECASE)
    assert len(page.all("button", class_="btn-primary")) <= 1
    for form in page.all("form", method="post"):
        assert form.get("novalidate") is not None
    for control in [*page.all("input"), *page.all("select"), *page.all("textarea")]:
        assert control.get("required") is None
        assert control.get("placeholder") is None
        assert control.get("type") != "number"
        hidden = control.get("type") == "hidden"
        assert hidden or page.all("label", for_=str(control.get("id"))), control.attrib
    ids = [element.get("id") for element in page.all() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert not page.all("style")
    assert all(script.get("src") for script in page.all("script"))


@pytest.mark.parametrize("name", _OPEN)
def test_open_pages_keep_the_rules(browser: Client, name: str) -> None:
    check_page(page_of(browser, reverse(f"apply:{name}")))


@pytest.mark.parametrize("name", _DRAFT)
def test_pages_of_a_draft_keep_the_rules(
    browser: Client, application: Application, name: str
) -> None:
    check_page(page_of(browser, reverse(f"apply:{name}", args=[application.reference])))


@pytest.mark.parametrize("name", _SENT)
def test_pages_of_what_was_sent_keep_the_rules(browser: Client, name: str) -> None:
    sent = opened(browser, submitted_application(agreed=False))
    check_page(page_of(browser, reverse(f"apply:{name}", args=[sent.reference])))


@pytest.mark.parametrize("slug", [section.slug for section in SECTIONS])
def test_every_step_keeps_the_rules_before_and_after_a_mistake(
    browser: Client, application: Application, slug: str
) -> None:
    one = application.applicants.get()
    one.answers["credentials"]["credential"] = "NP"
    one.save()
    number = 2 if slug in MANY else 0
    page = page_of(browser, url(application, slug, number=number))
    check_page(page)
    assert re.fullmatch(r"Step \d+ of \d+", text(page.one(class_="caption")))
    assert len(page.all(class_="back")) == 1
    check_page(page_of(browser, url(application, slug)))
    wrong = Page(browser.post(url(application, slug, number=number), {}).content.decode())
    assert wrong.title.startswith("Error: ")
    assert wrong.one(class_="error-summary").get("tabindex") == "-1"
    for link in wrong.one(class_="error-summary").iter("a"):
        assert wrong.all(id=str(link.get("href"))[1:])


@pytest.mark.parametrize("slug", [section.slug for section in SECTIONS])
def test_a_step_takes_few_statements(browser: Client, application: Application, slug: str) -> None:
    one = application.applicants.get()
    one.answers["credentials"]["credential"] = "NP"
    one.save()
    address = url(application, slug, number=2 if slug in MANY else 0)
    more = {"licences": {"authority": "None"}, "delegates": {"email": "d@example.org"}}.get(
        slug, {}
    )
    with CaptureQueriesContext(connection) as shown:
        browser.get(address)
    with CaptureQueriesContext(connection) as sent:
        assert browser.post(address, PAGES[slug] | more).status_code == 302
    asked = [q for q in sent.captured_queries if "SAVEPOINT" not in str(q["sql"])]
    assert len(shown) <= 3
    assert len(asked) <= 7


def test_the_hub_takes_as_many_statements_for_five_prescribers_as_for_one(
    browser: Client,
) -> None:
    counts = []
    for prescribers in (1, 5):
        made = opened(browser, draft_application(prescribers=prescribers, filled_by="staff"))
        with CaptureQueriesContext(connection) as asked:
            browser.get(reverse("apply:hub", args=[made.reference]))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 5


def test_the_hub_uses_its_four_words_only(browser: Client) -> None:
    application = started(browser)
    fill(browser, application, "person")
    page = page_of(browser, reverse("apply:hub", args=[application.reference]))
    words = {text(state) for state in page.all(class_="task-state")}
    assert words == {"Completed", "Incomplete", "Cannot start yet"}
    for task in page.all("li", class_="task"):
        later = "Cannot start yet" in text(task)
        assert bool(list(task.iter("a"))) is not later


def test_own_data_is_offered_by_the_browser_and_others_is_not() -> None:
    own, others = PersonForm(own=True), PersonForm()
    assert 'autocomplete="given-name"' in str(own["given_name"])
    assert 'autocomplete="bday-year"' in str(own["birth_date"])
    assert 'autocomplete="off"' in str(others["given_name"])
    assert 'autocomplete="email"' in str(CredentialsForm(own=True)["email"])


def test_every_zone_exists_and_every_state_has_a_suggestion() -> None:
    assert set(zones.NAMES) <= available_timezones()
    assert set(zones.OF_STATE) == {code for code, _ in STATES} - {"AA", "AE", "AP"}
    assert set(zones.OF_STATE.values()) <= set(zones.NAMES)


# --- papers -------------------------------------------------------------------------------------
def picture() -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (20, 20), "white").save(content, "PNG")
    return SimpleUploadedFile("licence.png", content.getvalue(), "image/png")


def test_a_paper_is_added_shown_and_removed(browser: Client, application: Application) -> None:
    papers = reverse("apply:papers", args=[application.reference])
    assert browser.post(papers, {"kind": "licence", "file": picture()}).status_code == 302
    paper = Upload.objects.get()
    assert paper.applicant == application.applicants.get()
    assert "licence.png" in browser.get(papers).content.decode()
    check = browser.get(reverse("apply:check", args=[application.reference])).content.decode()
    assert "Licence: licence.png" in check
    at = [application.reference, paper.pk]
    assert browser.post(reverse("apply:paper_remove", args=at)).status_code == 302
    assert not Upload.objects.exists()


def test_a_paper_only_a_reviewer_asks_for_is_no_choice_before(
    browser: Client, application: Application
) -> None:
    papers = reverse("apply:papers", args=[application.reference])
    html = browser.post(papers, {"kind": "other", "file": picture()}).content.decode()
    assert "Error: Papers" in html
    assert not Upload.objects.exists()
    nothing = browser.post(papers, {"kind": "licence"}).content.decode()
    assert "id_file_error" in nothing


def test_another_applications_paper_is_not_there(browser: Client, application: Application) -> None:
    papers = reverse("apply:papers", args=[application.reference])
    browser.post(papers, {"kind": "licence", "file": picture()})
    other = opened(Client(), draft_application())
    stranger = Client()
    opened(stranger, other)
    at = [other.reference, Upload.objects.get().pk]
    assert stranger.post(reverse("apply:paper_remove", args=at)).status_code == 404
    assert stranger.get(reverse("apply:paper", args=at)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_papers_go_with_the_draft(formulary: None) -> None:
    browser = Client()
    application = opened(browser, draft_application())
    papers = reverse("apply:papers", args=[application.reference])
    browser.post(papers, {"kind": "licence", "file": picture()})
    name = Upload.objects.get().file.name
    assert name
    assert storages["private"].exists(name)
    browser.post(reverse("apply:delete", args=[application.reference]))
    assert not storages["private"].exists(name)


def test_pages_of_an_application_stay_out_of_caches(browser: Client) -> None:
    application = opened(browser, draft_application())
    names = ("apply:hub", "apply:check", "apply:print")
    pages = [reverse(name, args=[application.reference]) for name in names]
    for page in (*pages, url(application, "person")):
        answer = browser.get(page)
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"], page
