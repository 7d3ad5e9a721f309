"""Steps that the stories of prescribing share: a form filled in, an order signed, one verified."""

from __future__ import annotations

import email
import re
import time
from collections.abc import Callable
from email.message import Message

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PASSWORD, SIZES, Visitor
from tests.stack.conftest import Stack

Visit = Callable[..., Visitor]


# --- pages --------------------------------------------------------------------------------------
def see(visitor: Visitor, name: str, heading: str = "") -> None:
    """Look at a page on a phone and on a desk; its title begins with its heading."""
    for size in ("phone", "desktop"):
        visitor.page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
        visitor.glance(name, heading)
    title = visitor.page.title().removeprefix("Error: ")
    assert title.startswith(visitor.page.locator("h1").inner_text()), title
    assert visitor.complaints == [], (name, visitor.complaints)


def main_of(visitor: Visitor) -> Locator:
    return visitor.page.locator("main")


def plain(text: str) -> str:
    """One space between words, whatever kind of space or line end the page has."""
    return " ".join(text.replace("\u2011", "-").replace("\u00ad", "").split())


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"[name={name}]").fill(value)


def reference_of(visitor: Visitor) -> str:
    found = re.search(r"RX-[0-9A-Z]{8}", visitor.page.url)
    assert found, visitor.page.url
    return found[0]


# --- the order form -----------------------------------------------------------------------------
def new_patient(page: Page, family: str, given: str = "Tilda") -> None:
    page.get_by_label("A new patient").check()
    fill(page, family_name=family, given_name=given, birth_date_0="Mar")
    fill(page, birth_date_1="4", birth_date_2="1979", address="12 Example Road")
    fill(page, city="Sampleton", zip_code="27514", phone="(555) 555-0133")
    page.locator("[name=state]").select_option("NC")
    page.get_by_label("Female", exact=True).check()


def use_template(page: Page, slug: str) -> None:
    """Choosing it fills in at once, in a new part of the page."""
    page.evaluate("document.getElementById('regimen-part').dataset.before = '1'")
    page.locator("[name=titration]").select_option(slug)
    expect(page.locator("#regimen-part[data-before]")).to_have_count(0)
    expect(page.locator(".steps-box[data-from-template]")).to_be_attached()


def safety(page: Page, opioids: str = "No opioid in the last 30 days") -> None:
    """Every safety question in full, nothing out of the way."""
    for answer in ("No known allergies", "No, takes none", "None of these", opioids):
        page.get_by_label(answer, exact=True).check()


def delivery(page: Page) -> None:
    for name, value in (
        ("seen_where", "practice"),
        ("ship_to", "patient"),
        ("bill_to", "practice"),
    ):
        page.locator(f"[name={name}][value={value}]").check()


def draft(
    visitor: Visitor, family: str, *, template: str = "fixed-3", by_delegate: bool = False
) -> str:
    """A draft for a new patient that nothing stands in the way of; returns its reference."""
    page = visitor.page
    visitor.go("/orders/new/")
    new_patient(page, family)
    use_template(page, template)
    fill(page, refills="2")
    page.get_by_label("Continuing", exact=True).check()
    diagnosis(page)
    safety(page)
    delivery(page)
    if by_delegate:
        page.locator("[name=prescriber]").select_option(index=1)
    visitor.press("Review order")
    expect(page.locator("h1")).to_contain_text("Review order")
    return reference_of(visitor)


def diagnosis(page: Page, words: str = "plaque psor", code: str = "L40.0") -> None:
    page.locator("[name=diagnosis_search]").fill(words)
    page.locator(f"[name=diagnosis_code][value='{code}']").check()
    page.locator("[name=reason]").select_option(index=1)


# --- signing and verifying ----------------------------------------------------------------------
def sign(visitor: Visitor) -> str:
    """From the review page, with the password; returns the reference."""
    reference = reference_of(visitor)
    visitor.page.locator("[name=password]").fill(PASSWORD)
    visitor.press("Sign and send to pharmacy")
    visitor.page.wait_for_url(f"**/orders/{reference}/")
    expect(main_of(visitor)).to_contain_text("Received by pharmacy")
    return reference


def claim(pharmacist: Visitor, reference: str) -> None:
    pharmacist.go(f"/queue/{reference}/")
    pharmacist.press("Claim this order")
    expect(main_of(pharmacist)).to_contain_text("Yours until")


def approve(pharmacist: Visitor) -> None:
    """Tick all that is to be ticked, prove who it is, approve."""
    page = pharmacist.page
    for box in page.locator("main input[type=checkbox]").all():
        box.check()
    page.locator("label", has_text="Approve").click()
    page.locator(".decide-approve [name=password]").fill(PASSWORD)
    pharmacist.press("Approve")
    page.wait_for_url(re.compile(r"/queue/(\?.*)?(#.*)?$"))


def mails(stack: Stack, to: str, about: str, *, within: float = 15) -> list[Message]:
    """The mails to one address that name the order; waits for the first."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        found = [
            message
            for path in (stack.data / "mail").glob("*.eml")
            if (message := email.message_from_bytes(path.read_bytes()))["To"] == to
            and about in message.as_string()
        ]
        if found:
            return found
        time.sleep(0.2)
    return []


def bell_of(visitor: Visitor) -> str:
    """What the bell says, such as "Notifications, 2 unread"."""
    return visitor.page.locator("#bell").get_attribute("aria-label") or ""


def rings(visitor: Visitor, *, before: str) -> None:
    """The open page hears of something new by itself."""
    bell = visitor.page.locator("#bell")
    expect(bell).not_to_have_accessible_name(before, timeout=15_000)
    expect(bell).to_have_accessible_name(re.compile(r"Notifications, \d+ unread"))
