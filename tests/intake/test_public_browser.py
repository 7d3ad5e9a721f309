"""The public pages in a real browser, on a phone and a desktop: room, names, keys, no scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from intake.models import Question
from intake.services.shipped_questions import seed
from tests.conftest import let_tests_empty_tables

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = [
    {"width": 1280, "height": 900},
    {"width": 390, "height": 844},
    {"width": 320, "height": 640},
]
PAGES = [
    "/", "/conditions/", "/conditions/psoriasis/", "/conditions/granuloma-annulare/",
    "/questions/", "/questions/granuloma-annulare/", "/questions/ask/",
]  # fmt: skip
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


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


def visitor(browser: Browser, server: LiveServer, said: list[str], script: bool = True) -> Page:
    context = browser.new_context(base_url=server.url, java_script_enabled=script)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    return page


def test_every_page_fits_every_screen_and_complains_of_nothing(
    browser: Browser, live_server: LiveServer, formulary: None
) -> None:
    seed()
    said: list[str] = []
    page = visitor(browser, live_server, said)
    for path in PAGES:
        page.goto(path)
        for size in SIZES:
            page.set_viewport_size(size)  # type: ignore[arg-type]
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(wide) <= 0, (path, size)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        assert page.locator("h1").count() == 1
    assert said == []


def test_the_compound_shows_with_its_answer_and_a_question_is_asked_by_keys_alone(
    browser: Browser, live_server: LiveServer, formulary: None
) -> None:
    said: list[str] = []
    page = visitor(browser, live_server, said)
    page.goto("/questions/ask/")
    drug = page.get_by_label("Drug", exact=True)
    expect(drug).to_be_hidden()
    page.get_by_label("Another custom compound").check()
    expect(drug).to_be_visible()
    page.get_by_label("A condition or its documentation").check()
    expect(drug).to_be_hidden()
    page.keyboard.press("Tab")
    page.keyboard.type("Is it documented for lichen planus?")
    page.keyboard.press("Tab")
    page.keyboard.type("Dr Cara Sample")
    page.keyboard.press("Tab")
    page.keyboard.type("cara@example.org")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Question sent")
    assert Question.objects.get().email == "cara@example.org"
    assert said == []


def test_without_scripts_every_field_stands_there_and_errors_are_linked(
    browser: Browser, live_server: LiveServer, formulary: None
) -> None:
    page = visitor(browser, live_server, [], script=False)
    page.goto("/questions/ask/")
    expect(page.get_by_label("Drug", exact=True)).to_be_visible()
    page.get_by_label("Another custom compound").check()
    page.get_by_role("button", name="Send the question").click()
    assert page.title() == "Error: Ask a pharmacist – Scruple"
    page.get_by_role("link", name="Enter the drug.").click()
    assert page.url.endswith("#id_drug")
