"""One real stack with demo data for all browser stories, and a Chromium that reports what it sees."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.stack.conftest import Stack

PASSWORD = "scruple-demo-only"
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
WIDTHS = (320, 390, 768, 1024, 1440, 1920)
# A part of the diagnosis codes: the whole release takes seconds to load.
CODES = Path(__file__).parent.parent / "data" / "icd_sample.xml"
# What htmx tells of a request that a later one of the same form overtook; a failed one says more.
# So is the note of a step that was taken away while its check was on the way.
_OVERTAKEN = ("htmx:afterRequest", "htmx:sendAbort", "htmx:oobErrorNoTarget, #note-step-")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


# A busy machine answers late; a page that never comes fails all the same.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="package")
def running() -> Iterator[Stack]:
    """`make run` without make: all processes, demo data, mail in files."""
    folder = Path(tempfile.mkdtemp(prefix="scruple-b-"))
    folder.chmod(0o711)
    stack = Stack(folder / "var")
    stack.start()
    stack.wait_for("ready ")
    loaded = stack.call("manage", "load_icd", str(CODES), "--release=2026-10", "--from=2026-10-01")
    assert loaded.returncode == 0, loaded.stderr
    yield stack
    assert stack.process is not None
    stack.process.terminate()
    stack.process.wait(timeout=20)
    shutil.rmtree(folder)


@pytest.fixture(scope="package")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=_FLAGS)
        yield chromium
        chromium.close()


class Visitor:
    """Somebody at a browser, who notices script errors, policy reports and axe's violations."""

    def __init__(self, context: BrowserContext, stack: Stack) -> None:
        self.base = f"http://127.0.0.1:{stack.port}"
        self.page: Page = context.new_page()
        self.page.set_default_timeout(10_000)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind in ("error", "warning") and not text.startswith(_OVERTAKEN):
            self.complaints.append(text)

    def sign_in(self, email: str) -> None:
        self.page.goto(self.base + "/sign-in/")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.locator("main").get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "/sign-in/" not in url)

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)

    def press(self, name: str) -> None:
        self.page.locator("main").get_by_role("button", name=name, exact=True).click()

    def glance(self, name: str, heading: str = "") -> None:
        """What every page owes at the present screen: no violation, no sideways scroll.

        `heading` is what the page is waited for by, after a form was sent.
        """
        if heading:
            expect(self.page.locator("h1")).to_contain_text(heading)
        self.page.wait_for_load_state()
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(wide) <= 0, f"{name} scrolls sideways"
        found = Axe().run(self.page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        assert self.page.locator("h1").count() == 1, name
        if folder := os.environ.get("SCREENSHOTS"):
            size = self.page.viewport_size or {"width": 0}
            file = Path(folder) / f"{name}-{size['width']}.png"
            self.page.screenshot(path=file, full_page=True, caret="initial")

    def look(self, name: str) -> None:
        """What every page owes: no violation, no complaint, no sideways scroll, title and h1 agree."""
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            assert self.page.evaluate(wide) <= 0, f"{name} scrolls sideways at {width}"
        for size in SIZES.values():
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            found = Axe().run(self.page)
            assert found.violations_count == 0, found.generate_report()
            if folder := os.environ.get("SCREENSHOTS"):
                file = Path(folder) / f"{name}-{size['width']}.png"
                self.page.screenshot(path=file, full_page=True, caret="initial")
        self.page.set_viewport_size(SIZES["desktop"])  # type: ignore[arg-type]
        headings = self.page.locator("h1").all_inner_texts()
        assert len(headings) == 1
        title = self.page.title().removeprefix("Error: ")
        assert title.startswith(headings[0]), (title, headings)
        assert self.complaints == []


@pytest.fixture
def visit(running: Stack, browser: Browser) -> Iterator[object]:
    """Open a browser for another person: `visit("ada@example.org")`."""
    contexts: list[BrowserContext] = []

    def come(email: str = "", **options: object) -> Visitor:
        context = browser.new_context(**{"viewport": SIZES["desktop"], **options})  # type: ignore[arg-type]
        contexts.append(context)
        visitor = Visitor(context, running)
        if email:
            visitor.sign_in(email)
        return visitor

    yield come
    for context in contexts:
        context.close()
