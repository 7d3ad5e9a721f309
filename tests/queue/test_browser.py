"""The queue and the review page in a real browser: room, focus, ticks, races, no scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from orders.models import ChecklistDraft, Order
from orders.services import claims
from tests.conftest import Cast, let_tests_empty_tables
from tests.factories import PASSWORD, draft_step
from tests.queue.desk import aged, flagged_order, fresh, held, plain_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK = {"width": 1440, "height": 900}
SIZES = [DESK, {"width": 1280, "height": 900}, {"width": 1024, "height": 768},
         {"width": 390, "height": 844}, {"width": 320, "height": 640}]  # fmt: skip
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
    """`come(cast.phil, "/queue/")`: a page of somebody signed in. It must stay without complaints."""
    contexts, complaints = [], []

    def open_page(who: User, path: str, **options: Any) -> Page:
        client = Client()
        client.force_login(who)
        context = browser.new_context(base_url=live_server.url, viewport=DESK, **options)  # type: ignore[arg-type]
        contexts.append(context)
        session = {"name": "session", "value": client.cookies["session"].value}
        context.add_cookies([{**session, "url": live_server.url}])  # type: ignore[typeddict-item]
        page = context.new_page()
        page.set_default_timeout(8_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text) if said.type in ("error", "warning") else None
            ),
        )
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def titration(cast: Cast, **kwargs: Any) -> Order:
    steps = (
        draft_step("1.5", "LDN-CAP-1.5", days=14),
        draft_step("3", "LDN-CAP-1.5", days=14),
        draft_step("4.5", "LDN-CAP-1.5"),
    )
    given = {"days_supply": 90, "treatment_status": "restart", "medicines": "zyxomab"} | kwargs
    return plain_order(cast.ada, steps=steps, **given)


def box(page: Page, selector: str) -> tuple[float, float]:
    """Top and bottom of the first match."""
    found = page.locator(selector).first.bounding_box()
    assert found, selector
    return found["y"], found["y"] + found["height"]


def look(page: Page) -> None:
    """What every page owes at every width: no violation, no sideways scroll."""
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0, size
    page.set_viewport_size(DESK)  # type: ignore[arg-type]


def test_twenty_rows_stand_on_a_desk_screen(cast: Cast, many: Any, come: Open) -> None:
    many(40)
    for order in Order.objects.all()[:6]:
        aged(order, 1500 - 250 * (order.pk % 6))
    page = come(cast.phil, "/queue/")
    rows = page.locator("tbody tr")
    bottoms = [found["y"] + found["height"] for row in rows.all() if (found := row.bounding_box())]
    assert sum(bottom <= DESK["height"] for bottom in bottoms) >= 20
    sizes = page.evaluate(
        "[...document.querySelectorAll('.queue-table td, .queue-table th, .queue-table .tag')]"
        ".map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 14
    look(page)
    page.set_viewport_size(SIZES[3])  # type: ignore[arg-type]
    for name in ("Claim next", "Claim RX-"):
        button = page.get_by_role("button", name=name).first.bounding_box()
        assert button
        assert min(button["width"], button["height"]) >= 44


def test_what_decides_an_order_needs_no_scroll_on_a_desk_screen(cast: Cast, come: Open) -> None:
    order = held(titration(cast), cast.phil)
    page = come(cast.phil, f"/queue/{order.reference}/")
    parts = (
        ".patient", ".review-doses", ".dose-chart-plot", ".review-findings", ".review-checklist",
    )  # fmt: skip
    bar = box(page, ".decide")
    assert bar[1] <= DESK["height"]
    for part in parts:
        top, bottom = box(page, part)
        assert top >= 0, part
        assert bottom <= bar[0] + 1, part
    page.get_by_label("Approve", exact=True).check()
    assert page.evaluate("scrollY") == 0
    top, bottom = box(page, ".decide")
    assert bottom <= DESK["height"]
    assert bottom - top <= DESK["height"] / 5
    page.set_viewport_size({"width": 1024, "height": 768})
    tops = [box(page, part)[0] for part in (*parts, ".decide")]
    assert tops == sorted(tops)


def test_the_review_page_is_in_order_at_every_width(cast: Cast, come: Open) -> None:
    order = held(titration(cast), cast.phil)
    page = come(cast.phil, f"/queue/{order.reference}/")
    for choice in ("Approve", "Ask the prescriber", "Reject", "Give back"):
        page.get_by_label(choice, exact=True).check()
        assert page.locator(".decide-panel:visible").count() == 1
        look(page)
    page.get_by_label("Approve", exact=True).check()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page).to_have_title(f"Error: Review {order.reference} – Scruple")
    expect(page.locator(".error-summary")).to_be_focused()
    look(page)
    reader = come(cast.root, f"/queue/{order.reference}/")
    look(reader)


def test_each_tick_is_kept_and_enter_in_the_password_approves(cast: Cast, come: Open) -> None:
    order = held(titration(cast), cast.phil)
    following = plain_order(cast.ada)
    page = come(cast.phil, f"/queue/{order.reference}/")
    page.get_by_label("Dose, steps and directions agree").check()
    expect(page.locator("#claim")).to_contain_text("Checklist saved")
    assert ChecklistDraft.objects.get().ticks == ["dose"]
    for tick in page.locator(".review-columns input[type=checkbox]").all():
        tick.check()
    page.locator(".review-clearance select").select_option("prescriber_confirmed")
    page.get_by_label("Approve", exact=True).check()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Your password").press("Enter")
    page.wait_for_url(lambda url: url.split("#")[0].endswith("/queue/"))
    assert fresh(order).status == "approved"
    expect(page.locator(f"#{following.reference} a").first).to_be_focused()
    expect(page.get_by_text(f"{order.reference} verified.")).to_be_visible()


def test_the_end_of_a_claim_is_announced_five_minutes_ahead(cast: Cast, come: Open) -> None:
    order = held(titration(cast), cast.phil)
    page = come(cast.phil, f"/queue/{order.reference}/")
    expect(page.locator("#claim-warning")).to_be_empty()
    soon = timezone.now() + timedelta(minutes=4)
    Order.objects.filter(pk=order.pk).update(held_until=soon)
    page.reload()
    expect(page.locator("#claim-warning")).to_contain_text("ends in less than 5 minutes")
    page.get_by_label("Dose, steps and directions agree").check()
    expect(page.locator("#claim-warning")).to_be_empty()


def test_a_claim_lost_while_the_page_stood_open_is_told_at_the_next_tick(
    cast: Cast, come: Open
) -> None:
    order = held(titration(cast), cast.phil)
    page = come(cast.phil, f"/queue/{order.reference}/")
    past = timezone.now() - timedelta(minutes=1)
    Order.objects.filter(pk=order.pk).update(held_until=past)
    claims.claim(fresh(order), by=cast.petra)
    page.get_by_label("Dose, steps and directions agree").check()
    expect(page.locator("#claim")).to_contain_text("held by Petra Pharmacist now")


def test_a_lost_race_stays_in_its_row(cast: Cast, come: Open) -> None:
    orders = [aged(plain_order(cast.ada), age) for age in (30, 20, 10)]
    page = come(cast.phil, "/queue/")
    # A look for news that came first would mark the row, and there would be no race to lose.
    page.route("**/notifications/poll/**", lambda route: route.fulfill(status=204))
    held(orders[1], cast.petra)
    row = page.locator(f"#{orders[1].reference}")
    row.get_by_role("button").click()
    expect(row).to_contain_text("Held by Petra Pharmacist")
    expect(row).to_contain_text("Petra Pharmacist was faster, at")
    expect(page.locator("#queue-note")).to_contain_text("Nothing was claimed.")
    expect(row.get_by_role("link")).to_be_focused()
    assert page.url.endswith("/queue/")
    assert [row.get_attribute("id") for row in page.locator("tbody tr").all()] == [
        order.reference for order in orders
    ]
    look(page)
    page.locator(f"#{orders[2].reference}").get_by_role("button").click()
    page.wait_for_url(f"**/queue/{orders[2].reference}/")


def test_a_session_that_ended_leaves_the_row_as_it_is(cast: Cast, come: Open) -> None:
    order = plain_order(cast.ada)
    page = come(cast.phil, "/queue/")
    page.context.clear_cookies(name="session")
    row = page.locator(f"#{order.reference}")
    row.get_by_role("button").click()
    expect(page.locator("#queue-note")).to_contain_text("You were signed out")
    expect(row).to_contain_text("naltrexone")
    assert fresh(order).holder is None


def test_an_order_is_claimed_and_verified_without_scripts(cast: Cast, come: Open) -> None:
    order = flagged_order(cast.ada)
    page = come(cast.phil, "/queue/", java_script_enabled=False)
    page.locator(f"#{order.reference}").get_by_role("button").click()
    page.get_by_label("Dose, steps and directions agree").check()
    page.get_by_role("button", name="Save the checklist").click()
    expect(page.locator("#claim")).to_contain_text("Checklist saved")
    for tick in page.locator(".review-columns input[type=checkbox]").all():
        tick.check()
    page.locator(".review-clearance select").select_option("prescriber_confirmed")
    page.get_by_label("Approve", exact=True).check()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text(f"{order.reference} verified.")).to_be_visible()
    assert fresh(order).status == "approved"


def test_the_four_ages_differ_without_colour(cast: Cast, come: Open) -> None:
    for minutes in (10, 800, 1200, 1500):
        aged(plain_order(cast.ada), minutes)
    page = come(cast.phil, "/queue/")
    ages = page.locator(".age")
    drawings = ages.locator("svg").evaluate_all("all => all.map(one => one.innerHTML)")
    assert len(set(drawings)) == 4
    look_of = (
        "all => all.map(one => { const s = getComputedStyle(one);"
        " return [s.boxShadow.replace(/rgba?\\([^)]*\\)/g, ''), s.fontWeight,"
        " s.backgroundColor !== 'rgba(0, 0, 0, 0)'].join() })"
    )
    assert len(set(ages.evaluate_all(look_of))) == 4
