"""static/js/lock.js in a real Chromium, with a clock of ours and answers of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

pytestmark = pytest.mark.browser
SITE = "http://scruple.test"
SCRIPT = Path(__file__).parents[2] / "static" / "js" / "lock.js"
PAGE = """<!doctype html><html lang="en"><title>Order</title><body>
<form action="/sign-out/" method="post"><input type="hidden" name="csrfmiddlewaretoken" value="t"></form>
<main><form method="post"><label>Note <input name="note"></label></form></main>
<script src="/lock.js"></script></body></html>"""


class Server:
    """A session that locks when the test says so; keeps what was asked."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.idle, self.whole = 900, 40_000
        self.unlocks = False
        self.signed_out = False
        page.route(f"{SITE}/**", self._reply)

    def _reply(self, route: Route) -> None:
        path, method = urlsplit(route.request.url).path, route.request.method
        if path == "/lock.js":
            route.fulfill(body=SCRIPT.read_text(), content_type="text/javascript; charset=utf-8")
        elif self.signed_out and not route.request.is_navigation_request():
            self.asked.append(path)
            route.fulfill(status=302, headers={"Location": "/sign-in/"})
        elif path in {"/account/session/", "/account/stay/"}:
            self.asked.append(path)
            if method == "POST":
                self.idle = 900
            left = json.dumps({"idle": self.idle, "whole": self.whole})
            route.fulfill(body=left, content_type="application/json")
        elif method == "POST":
            self.asked.append(path)
            if path == "/account/locked/" and self.unlocks:
                self.idle = 900
                route.fulfill(status=302, headers={"Location": "/"})
            else:
                route.fulfill(body="", content_type="text/html")
        elif path == "/account/locked/":
            # The lock's own page has no clock: one that had would lock itself again and again.
            route.fulfill(body="<title>Locked</title>", content_type="text/html; charset=utf-8")
        else:
            route.fulfill(body=PAGE, content_type="text/html; charset=utf-8")

    def open(self) -> None:
        self.page.clock.install()
        self.page.goto(f"{SITE}/orders/new/?draft=1")
        self.page.wait_for_timeout(100)

    def after(self, seconds: int) -> None:
        """Nobody did anything for that long."""
        self.idle, self.whole = max(0, self.idle - seconds), self.whole - seconds
        self.page.clock.run_for(seconds * 1000)
        self.page.wait_for_timeout(150)


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[object]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def server(chromium: object) -> Iterator[Server]:
    page = chromium.new_page()  # type: ignore[attr-defined]
    page.set_default_timeout(5000)
    server = Server(page)
    server.open()
    yield server
    page.close()


def test_two_minutes_ahead_a_dialog_asks_and_one_press_keeps_the_page(server: Server) -> None:
    server.page.evaluate("document.addEventListener('scruple:lock-soon', () => window.told = true)")
    server.after(700)
    expect(server.page.get_by_role("dialog")).to_have_count(0)
    server.after(90)
    stay = server.page.get_by_role("dialog", name="Still there?").get_by_role("button")
    expect(stay).to_be_focused()
    assert server.page.evaluate("window.told")
    stay.press("Enter")
    expect(server.page.get_by_role("dialog")).to_have_count(0)
    assert server.asked[-1] == "/account/stay/"


def test_with_nothing_typed_the_page_goes_to_the_lock_and_names_the_way_back(
    server: Server,
) -> None:
    server.after(790)
    server.after(108)
    server.page.wait_for_url(f"{SITE}/account/locked/?next=%2Forders%2Fnew%2F%3Fdraft%3D1")
    assert "/account/lock/" in server.asked


def test_what_was_typed_and_not_saved_waits_under_a_cover(server: Server) -> None:
    server.page.get_by_label("Note").fill("half a sentence")
    server.after(790)
    server.after(108)
    cover = server.page.get_by_role("dialog", name="Locked")
    server.page.keyboard.press("Escape")
    expect(cover).to_be_visible()
    cover.get_by_label("Password").fill("wrong")
    cover.get_by_role("button", name="Unlock").click()
    expect(cover.get_by_role("alert")).to_have_text("This is not your password. Type it again.")
    server.unlocks = True
    cover.get_by_label("Password").fill("right")
    cover.get_by_role("button", name="Unlock").click()
    expect(cover).to_have_count(0)
    assert server.page.get_by_label("Note").input_value() == "half a sentence"


def test_a_session_that_ended_meanwhile_uncovers_nothing(server: Server) -> None:
    server.page.get_by_label("Note").fill("half a sentence")
    server.after(790)
    server.after(108)
    cover = server.page.get_by_role("dialog", name="Locked")
    server.page.evaluate(
        "document.querySelector('.lock-cover').addEventListener('close', () => fetch('/uncovered'))"
    )
    uncovered: list[str] = []
    server.page.on("request", lambda one: uncovered.append(one.url))
    server.signed_out = True
    cover.get_by_label("Password").fill("anything")
    cover.get_by_role("button", name="Unlock").click()
    server.page.wait_for_url(f"{SITE}/account/locked/?next=**")
    assert f"{SITE}/uncovered" not in uncovered


def test_a_draft_that_was_saved_in_time_needs_no_cover(server: Server) -> None:
    server.page.evaluate(
        "document.addEventListener('scruple:locking', (e) => e.detail.wait(Promise.resolve(true)))"
    )
    server.page.get_by_label("Note").fill("half a sentence")
    server.after(790)
    server.after(108)
    server.page.wait_for_url(f"{SITE}/account/locked/?next=**")


def test_typing_tells_the_server_once_a_minute_and_lying_open_tells_nothing(
    server: Server,
) -> None:
    server.after(300)
    assert "/account/stay/" not in server.asked
    server.page.get_by_label("Note").press("a")
    server.page.get_by_label("Note").press("b")
    server.page.wait_for_timeout(150)
    assert server.asked.count("/account/stay/") == 1


def test_another_tab_at_work_keeps_this_one_quiet(server: Server) -> None:
    server.after(770)
    server.idle = 880
    server.after(20)
    expect(server.page.get_by_role("dialog")).to_have_count(0)
