"""After the signature: a revision that answers a question, and a refill."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import prescribing as steps
from tests.browser.conftest import PASSWORD, Visitor
from tests.browser.prescribing import Visit, fill, main_of

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_a_question_is_answered_by_a_revision(visit: Visit) -> None:
    # Given a signed order that Phil asks about.
    ada, phil = visit("ada@example.org"), visit("phil@example.org")
    steps.draft(ada, "Revisable")
    old = steps.sign(ada)
    steps.claim(phil, old)
    ask(phil)

    # When Ada revises it to 1.5 mg,
    ada.go(f"/orders/{old}/")
    expect(main_of(ada)).to_contain_text("Is half the dose enough for now?")
    steps.see(ada, "order-asked-revisable")
    ada.press("Revise this order")
    page = ada.page
    expect(page.locator("h1")).to_contain_text("Change draft")
    new = steps.reference_of(ada)
    assert new != old
    open_steps(page)
    page.get_by_label("naltrexone 1.5 mg capsule", exact=True).check()
    page.locator("[name=steps-0-dose]").fill("1.5")
    page.get_by_label("No opioid in the last 30 days", exact=True).check()
    steps.see(ada, "revision-form")
    ada.press("Review order")
    # Then the difference is marked, and a new signature is asked for.
    expect(page.locator("h1")).to_contain_text("Review order")
    expect(page.locator("#revision-title")).to_contain_text(old)
    expect(page.locator(".changes ins").filter(has_text="1.5 mg").first).to_be_visible()
    expect(page.locator(".changes del").filter(has_text="3 mg").first).to_be_visible()
    steps.see(ada, "revision-review")
    assert steps.sign(ada) == new

    # When the same pharmacist opens it, then he sees the difference, and approves.
    steps.claim(phil, new)
    expect(phil.page.locator(".changes ins").filter(has_text="1.5 mg").first).to_be_visible()
    expect(phil.page.locator(".changes del").filter(has_text="3 mg").first).to_be_visible()
    steps.see(phil, "revision-pharmacist")
    steps.approve(phil)
    ada.go(f"/orders/{new}/")
    expect(main_of(ada)).to_contain_text("Verified")
    ada.go(f"/orders/{old}/")
    expect(main_of(ada)).to_contain_text(f"Replaced by {new}")
    steps.see(ada, "order-replaced")


def test_a_refill_is_asked_for_early_and_released(visit: Visit) -> None:
    # Given a verified order with two refills, found through its patient.
    ada = visit("ada@example.org")
    page = ada.page
    ada.go("/patients/")
    page.get_by_role("searchbox").or_(page.locator("main [name=words]")).first.fill("placeh")
    ada.press("Find")
    page.wait_for_url("**/patients/PT-*/")
    steps.see(ada, "patient")
    page.locator("main").get_by_role("link", name=re.compile("RX-")).first.click()
    expect(main_of(ada)).to_contain_text("Refills left")
    reference = steps.reference_of(ada)
    expect(left(ada)).to_have_text("2 of 2")

    # When a refill is asked for while an opioid is taken, then it is refused.
    page.get_by_role("link", name="Ask for a refill").click()
    page.get_by_label("No, unchanged", exact=True).check()
    page.get_by_label("Takes an opioid now", exact=True).check()
    page.locator("[name=opioid_kind]").select_option(index=1)
    fill(page, opioid_last_use_0="Nov", opioid_last_use_1="20", opioid_last_use_2="2026")
    ada.press("Ask for the refill")
    expect(page.locator(".finding-stop").first).to_contain_text(re.compile("opioid", re.I))
    steps.see(ada, "refill-refused")
    # When none is taken, then it is still early, which needs a reason.
    fill(page, opioid_last_use_0="", opioid_last_use_1="", opioid_last_use_2="")
    page.locator("[name=opioid_kind]").select_option("")
    page.get_by_label("No opioid in the last 30 days", exact=True).check()
    ada.press("Ask for the refill")
    early = page.locator("#confirm select").first
    expect(early).to_be_visible()
    steps.see(ada, "refill-early")
    early.select_option(index=1)
    ada.press("Ask for the refill")
    page.wait_for_url(f"**/orders/{reference}/")
    expect(page.locator(".supply-fills")).to_contain_text("Refill 1")
    steps.see(ada, "refill-asked")

    # When the pharmacist releases it,
    phil = visit("phil@example.org")
    phil.go("/queue/refills/")
    steps.see(phil, "refills")
    phil.page.get_by_role("link", name=reference).click()
    expect(main_of(phil)).to_contain_text("Early because")
    steps.see(phil, "refill-pharmacist")
    for box in phil.page.locator("main input[type=checkbox]").all():
        box.check()
    phil.press("Release the refill")
    # Then one is left.
    expect(phil.page.locator("h1")).not_to_contain_text("Refill 1 of")
    ada.go(f"/orders/{reference}/")
    expect(left(ada)).to_have_text("1 of 2")


def ask(pharmacist: Visitor) -> None:
    page = pharmacist.page
    page.locator("label", has_text="Ask the prescriber").click()
    page.locator("[name=ask-reason]").select_option("dose_or_titration")
    fill(page, **{"ask-text": "Is half the dose enough for now?"})
    pharmacist.press("Send the question")
    page.wait_for_url(re.compile(r"/queue/(\?.*)?(#.*)?$"))


def open_steps(page: Page) -> None:
    box = page.locator(".steps-box")
    if box.get_attribute("open") is None:
        box.locator("summary").click()


def left(visitor: Visitor) -> Locator:
    row = visitor.page.locator(".supply .fact", has_text="Refills left")
    return row.locator("dd")


def test_a_verbal_order_is_read_back_and_countersigned(visit: Visit) -> None:
    # Given an order with a question that Ada answers on the phone.
    ada, phil = visit("ada@example.org"), visit("phil@example.org")
    steps.draft(ada, "Phonecall")
    old = steps.sign(ada)
    steps.claim(phil, old)
    ask(phil)

    # When Phil writes down what she says,
    page = phil.page
    phil.go(f"/queue/{old}/")
    page.get_by_role("link", name="Write a verbal order").click()
    steps.see(phil, "verbal")
    open_steps(page)
    page.get_by_label("naltrexone 1.5 mg capsule", exact=True).check()
    page.locator("[name=steps-0-dose]").fill("1.5")
    page.get_by_label("No, unchanged", exact=True).check()
    page.get_by_label("No opioid in the last 30 days", exact=True).check()
    phil.press("Go on to read back")
    # Then every line is there to be read back, and the tick is needed.
    expect(page.locator(".changes ins").filter(has_text="1.5 mg").first).to_be_visible()
    steps.see(phil, "read-back", "Read back")
    directions = steps.plain(page.locator("main .directions").inner_text())
    fill(page, password=PASSWORD)
    phil.press("Sign the verbal order")
    expect(page.locator("[role=alert]")).to_contain_text("Read the order back")
    page.get_by_label("I read this back, and it was confirmed").check()
    fill(page, password=PASSWORD)
    phil.press("Sign the verbal order")
    expect(main_of(phil)).to_contain_text("Not countersigned yet")
    new = steps.reference_of(phil)
    assert new != old

    # When Ada opens it, then she countersigns the very same words.
    ada.go(f"/orders/{new}/countersign/")
    assert steps.plain(ada.page.locator("main .directions").inner_text()) == directions
    steps.see(ada, "countersign")
    fill(ada.page, password=PASSWORD)
    ada.press("Countersign")
    ada.page.wait_for_url(f"**/orders/{new}/")
    phil.go(f"/queue/{new}/")
    expect(main_of(phil)).to_contain_text("Countersigned")
