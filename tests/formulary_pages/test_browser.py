"""The formulary's pages in a real browser: room, keyboard, no scripts, nothing that axe reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from formulary.models import FormularyChange
from tests.conftest import Cast, let_tests_empty_tables
from tests.factories import PASSWORD
from tests.formulary_pages.desk import the_range

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread; the tests themselves are plain functions.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=chromium_path, args=_FLAGS)
            let_tests_empty_tables()  # beside an event loop Django uses a connection of its own
            yield chromium
            chromium.close()


@pytest.fixture
def come(browser: Browser, live_server: LiveServer) -> Iterator[Open]:
    """`come(cast.phil, "/formulary/")`: a page of somebody signed in."""
    contexts = []

    def open_page(who: User, path: str, **options: Any) -> Page:
        client = Client()
        client.force_login(who)
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        session = {"name": "session", "value": client.cookies["session"].value}
        context.add_cookies([{**session, "url": live_server.url}])  # type: ignore[typeddict-item]
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def looked_at(page: Page) -> None:
    """Nothing for axe to report at the desk and on a telephone, and nothing runs out of the page."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    wrong = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["target"]) for one in wrong] == [], page.url


def test_a_range_is_changed_by_keyboard_and_approved_without_scripts(
    cast: Cast, come: Open
) -> None:
    page = come(cast.phil, f"/formulary/ranges/{the_range().pk}/change/")
    page.get_by_label("Most daily total").fill(".4")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    looked_at(page)
    for label, words in (
        ("Most daily total", "4"),
        ("Source", "A study of low doses, 2026"),
        ("Reason for the change", "The new study names 4 mg as the most."),
    ):
        page.get_by_label(label, exact=False).fill(words)
    page.get_by_role("button", name="See what it changes").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing is sent yet")).to_be_visible()
    looked_at(page)
    page.get_by_role("button", name="Send for approval").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("waits for a second pharmacist.")).to_be_visible()
    change = FormularyChange.objects.get()

    plain = come(cast.petra, f"/formulary/changes/{change.reference}/", java_script_enabled=False)
    plain.get_by_role("link", name="See what would change").click()
    expect(plain.get_by_role("heading", name="What would change")).to_be_visible()
    plain.go_back()
    plain.get_by_label("Your password").fill(PASSWORD)
    plain.get_by_role("button", name="Approve the change").click()
    expect(plain.get_by_text("is in force from now on.")).to_be_visible()
    assert the_range().max_mg == 4


def test_the_lists_the_forms_and_the_rows_have_nothing_that_axe_reports(
    cast: Cast, come: Open
) -> None:
    page = come(cast.phil, "/formulary/")
    looked_at(page)
    paths = (
        "medicines/?q=codeine",
        f"ranges/{the_range().pk}/",
        "regimens/add/",
        "why/confirm_dose/",
    )
    for path in paths:
        page.goto(f"/formulary/{path}")
        looked_at(page)
