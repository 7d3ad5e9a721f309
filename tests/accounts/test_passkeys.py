"""Passkeys in a real Chromium with a virtual authenticator: made, asked for, unlocking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts import factors
from tests.conftest import Cast, let_tests_empty_tables
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SIZES = ({"width": 390, "height": 844}, {"width": 1280, "height": 900})
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


@pytest.fixture
def page(chromium_path: str, live_server: LiveServer) -> Iterator[Page]:
    """A browser with a fingerprint reader, at a name: browsers make no passkeys for numbers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=chromium_path, args=_FLAGS)
            let_tests_empty_tables()
            port = urlsplit(live_server.url).port
            context = chromium.new_context(base_url=f"http://localhost:{port}")
            page = context.new_page()
            page.set_default_timeout(8_000)
            devtools = context.new_cdp_session(page)
            devtools.send("WebAuthn.enable")
            devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
            yield page
            chromium.close()


def look(page: Page) -> None:
    """Nothing scrolls sideways, and axe finds nothing, on a phone and on a desk."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.evaluate(wide) <= 0
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def test_a_passkey_is_made_signs_in_and_unlocks(page: Page, cast: Cast, settings: Settings) -> None:
    settings.REQUIRE_MFA = True
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)

    def password() -> None:
        page.goto("/sign-in/?next=/notifications/")
        page.get_by_label("E-mail address").fill(cast.ada.email)
        page.get_by_label("Password").fill(PASSWORD)
        press(page, "Sign in")

    password()
    expect(page).to_have_url(re.compile("/account/enrol/"))
    look(page)
    page.get_by_role("link", name="Use a passkey").click()
    page.get_by_label("Name of the passkey").fill("Phone")
    look(page)
    press(page, "Make the passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep your recovery codes")
    look(page)
    page.get_by_label("I have kept the codes").check()
    press(page, "Continue")
    expect(page).to_have_url(re.compile("/notifications/$"))
    assert factors.has_passkey(cast.ada)

    page.goto("/account/security/")
    expect(page.get_by_text("Passkey “Phone”")).to_be_visible()
    look(page)
    page.locator(".menu-button").click()
    page.get_by_role("button", name="Sign out", exact=True).click()

    password()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    look(page)
    press(page, "Use a passkey")
    expect(page).to_have_url(re.compile("/notifications/$"))

    page.locator(".menu-button").click()
    page.get_by_role("button", name="Lock", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Locked")
    look(page)
    press(page, "Use a passkey")
    expect(page).to_have_url(re.compile("/notifications/$"))
    assert complaints == []
