"""static/js/poll.js in a real Chromium, with a clock of ours and answers of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

pytestmark = pytest.mark.browser
SITE = "http://scruple.test"
SCRIPT = Path(__file__).parents[2] / "static" / "js" / "poll.js"
PAGE = """<!doctype html><html lang="en"><title>Queue</title><body>
<a id="bell" href="/notifications/" aria-label="Notifications">Bell</a>
<p data-queue-bar data-queue-since="7" role="status"></p>
<table>
  <tr data-reference="RX-1"><td data-holder></td><td><button>Claim RX-1</button></td></tr>
  <tr data-reference="RX-2"><td data-holder></td><td><button>Claim RX-2</button></td></tr>
</table>
<form action="/notifications/seen/" data-seen hidden><input name="up_to" value="3"></form>
<script src="/poll.js"></script></body></html>"""


class Server:
    """Answers the poll with what the test lays out; keeps what was asked."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[dict[str, list[str]]] = []
        self.posted: list[str] = []
        self.status = 200
        self.answer: dict[str, object] = {"stamp": "0.0", "unread": 0}
        page.route(f"{SITE}/**", self._reply)

    def _reply(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.path == "/poll.js":
            route.fulfill(body=SCRIPT.read_text(), content_type="text/javascript; charset=utf-8")
        elif url.path == "/notifications/poll/":
            self.asked.append(parse_qs(url.query))
            body = json.dumps(self.answer) if self.status == 200 else ""
            route.fulfill(status=self.status, body=body, content_type="application/json")
        elif route.request.method == "POST":
            self.posted.append(url.path)
            route.fulfill(status=204)
        else:
            route.fulfill(body=PAGE, content_type="text/html; charset=utf-8")

    def open(self) -> None:
        self.page.clock.install()
        self.page.goto(f"{SITE}/queue/")
        self.wait_for(1)

    def wait_for(self, number: int) -> None:
        for _ in range(100):
            if len(self.asked) >= number:
                self.page.wait_for_timeout(50)
                return
            self.page.wait_for_timeout(20)
        pytest.fail(f"asked {len(self.asked)} times, not {number}")

    def next(self, **queue: object) -> None:
        """Five seconds later; with `queue`, something new happened."""
        if queue:
            stamp = f"{len(self.asked)}"
            self.answer = {"stamp": stamp, "unread": 2, "queue": {"stamp": 9, **queue}}
        number = len(self.asked)
        self.page.clock.run_for(5100)
        self.wait_for(number + 1)


@pytest.fixture(scope="module")
def chromium_page(chromium_path: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser.new_page()
        browser.close()


@pytest.fixture
def server(chromium_page: Page) -> Iterator[Server]:
    yield Server(chromium_page)
    chromium_page.unroute_all()


def row(reference: str, state: str = "in_review", holder: str = "") -> dict[str, str]:
    return {"reference": reference, "state": state, "label": "Label", "holder": holder}


def test_it_asks_every_five_seconds_with_its_stamp(server: Server) -> None:
    server.open()
    server.answer = {"stamp": "4.1", "unread": 1}
    server.next()
    server.status = 204
    server.next()
    assert server.asked == [
        {"queue_since": ["7"]},
        {"since": ["0.0"], "queue_since": ["7"]},
        {"since": ["4.1"], "queue_since": ["7"]},
    ]
    expect(server.page.locator("#bell")).to_have_attribute("aria-label", "Notifications, 1 unread")
    assert server.posted == ["/notifications/seen/"]


def test_the_bar_tells_of_new_orders_and_the_rows_stay_where_they_are(server: Server) -> None:
    server.open()
    server.next(new=4, changed=[row("RX-1", holder="A. Ray"), row("RX-9", "submitted")])
    page = server.page
    expect(page.locator("[data-queue-bar]")).to_have_text("4 new – show")
    expect(page.locator("[data-queue-bar] a")).to_have_attribute("href", f"{SITE}/queue/")
    expect(page.locator("[data-reference=RX-1] [data-holder]")).to_have_text("Held by A. Ray")
    expect(page.get_by_role("button", name="Claim RX-1")).to_be_disabled()
    expect(page.get_by_role("button", name="Claim RX-2")).to_be_enabled()
    references = [one.get_attribute("data-reference") for one in page.locator("tr").all()]
    assert references == ["RX-1", "RX-2"]
    # Given back: the row can be used again.
    server.next(new=4, changed=[row("RX-1", "submitted")])
    expect(page.get_by_role("button", name="Claim RX-1")).to_be_enabled()
    expect(page.locator("[data-reference=RX-1] [data-holder]")).to_have_text("Free again")


def test_it_speaks_once_a_minute_at_most(server: Server) -> None:
    server.open()
    said = server.page.locator("p.visually-hidden[role=status]")
    server.next(new=1, changed=[])
    first = said.text_content()
    assert first == "1 new in the queue, 2 unread notifications"
    server.next(new=2, changed=[])
    server.next(new=3, changed=[])
    assert said.text_content() == first
    for _ in range(11):
        server.next()
    assert said.text_content() == "3 new in the queue, 2 unread notifications"
    assert server.page.locator("[data-queue-bar]").get_attribute("role") is None


def test_a_failing_server_is_told_and_the_rows_are_kept(server: Server) -> None:
    server.open()
    server.status = 500
    for _ in range(5):
        server.next()
    bar = server.page.locator("[data-queue-bar]")
    expect(bar).to_contain_text("Could not refresh since")
    expect(server.page.locator("tr")).to_have_count(2)
    server.status = 204
    server.next()
    expect(bar).to_have_text("")


@pytest.mark.parametrize("status", [401, 403])
def test_it_stops_when_it_may_not_ask_any_more(server: Server, status: int) -> None:
    server.open()
    server.status = status
    server.next()
    number = len(server.asked)
    server.page.clock.run_for(60_000)
    server.page.wait_for_timeout(100)
    assert len(server.asked) == number


def test_a_hidden_tab_is_silent(server: Server) -> None:
    server.open()
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true})"
    server.page.evaluate(hide % "true")
    server.page.clock.run_for(5100)
    server.page.wait_for_timeout(100)
    number = len(server.asked)
    server.page.clock.run_for(60_000)
    server.page.wait_for_timeout(100)
    assert len(server.asked) == number
    server.page.evaluate(hide % "false")
    server.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    server.wait_for(number + 1)
