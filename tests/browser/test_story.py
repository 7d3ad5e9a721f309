"""The main job in a real browser on the real stack, from a refused dose to the verified order."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import prescribing as steps
from tests.browser.conftest import PASSWORD, Visitor
from tests.browser.prescribing import Visit, mails
from tests.stack.conftest import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]
FAMILY, GIVEN = "Testworth", "June"


def fill_in(ada: Visitor, dose: str) -> None:
    page = ada.page
    page.get_by_label("A patient of this practice").check()
    row = page.locator("select[name=patient] option", has_text=FAMILY)
    page.locator("select[name=patient]").select_option(row.get_attribute("value"))
    page.get_by_label("naltrexone 4.5 mg capsule").check()
    page.locator("[name=steps-0-dose]").fill(dose)
    page.locator("[name=steps-0-times_per_day]").fill("1")
    page.locator("[name=steps-0-timing]").select_option("bedtime")
    page.locator("[name=days_supply]").fill("30")
    page.locator("[name=refills]").fill("2")
    page.get_by_label("New start", exact=True).check()
    page.locator("summary", has_text="list of conditions").click()
    page.locator("[name=diagnosis]").select_option("psoriasis|L40.0")
    page.locator("[name=reason]").select_option(index=1)
    steps.safety(page)
    steps.delivery(page)


def test_the_whole_story(visit: Visit, running: Stack) -> None:
    stranger = visit()
    stranger.go("/")
    stranger.look("home")
    stranger.go("/sign-in/")
    stranger.look("sign-in")

    # Ada orders; 5.5 mg is refused with everything kept, 4.5 mg goes on.
    ada = visit("ada@example.org")
    ada.look("my-orders")
    ada.go("/orders/new/")
    ada.look("order-form")
    fill_in(ada, "5.5")
    expect(ada.page.get_by_text("above the documented range").first).to_be_visible()
    ada.press("Review order")
    expect(ada.page).to_have_title(re.compile("^Error: "))
    summary = ada.page.locator("[role=alert]")
    expect(summary).to_contain_text("0.5 mg to 5 mg a day")
    expect(ada.page.locator("[name=steps-0-dose]")).to_have_value("5.5")
    expect(ada.page.locator("[name=steps-0-dose]")).to_have_attribute("aria-invalid", "true")
    ada.look("order-refused")
    ada.page.locator("[name=steps-0-dose]").fill("4.5")
    expect(ada.page.get_by_text("30 capsules").first).to_be_visible()
    ada.press("Review order")
    expect(ada.page.locator("h1")).to_contain_text("Review order")
    expect(ada.page.get_by_text("four and one half milligrams").first).to_be_visible()
    # Back shows what was saved, and never asks to send the form again.
    ada.page.go_back()
    expect(ada.page.locator("[name=steps-0-dose]")).to_have_value("4.5")
    ada.press("Review order")
    expect(ada.page.locator("h1")).to_contain_text("Review order")
    ada.look("order-review")
    reference = re.search(r"RX-[0-9A-Z]{8}", ada.page.url)[0]  # type: ignore[index]

    # A wrong password keeps the page; the right one signs, a double click signs once.
    reason = ada.page.locator("select[name^=ack]").first
    reason.select_option(index=1)
    ada.page.locator("[name=password]").fill("not-my-password-at-all")
    ada.press("Sign and send to pharmacy")
    expect(ada.page.locator("[role=alert]")).to_contain_text("not your password")
    expect(reason).not_to_have_value("")
    ada.page.locator("[name=password]").fill(PASSWORD)
    ada.page.get_by_role("button", name="Sign and send to pharmacy").dblclick()
    ada.page.wait_for_url(f"**/orders/{reference}/")
    expect(ada.page.locator("main")).to_contain_text("Received by pharmacy")
    ada.look("order-sent")
    ada.go(f"/orders/{reference}/print/")
    ada.look("order-print")

    # The staff hear of it, without a word about the patient.
    (mail,) = mails(running, "phil@example.org", reference)
    assert not re.search(f"{FAMILY}|{GIVEN}|naltrexone|mg|psoriasis", mail.as_string(), re.I)
    phil = visit("phil@example.org")
    expect(phil.page.locator("#bell")).to_have_accessible_name(
        re.compile(r"Notifications, \d+ unread")
    )
    phil.look("queue")
    phil.go("/notifications/")
    expect(phil.page.locator("main")).to_contain_text(reference)
    phil.look("notifications")

    # Phil claims it and asks; Petra sees who holds it.
    phil.go(f"/queue/{reference}/")
    phil.press("Claim this order")
    expect(phil.page.locator("main")).to_contain_text("Yours until")
    petra = visit("petra@example.org")
    petra.go(f"/queue/{reference}/")
    expect(petra.page.locator("main")).to_contain_text("Held by Phil Demo")
    petra.look("queue-held")
    phil.page.locator("label", has_text="Ask the prescriber").click()
    phil.page.locator("[name=ask-reason]").select_option("dose_or_titration")
    phil.page.locator("[name=ask-text]").fill(
        "A start at the full dose: is a titration not wanted?"
    )
    phil.look("queue-review")
    before = steps.bell_of(ada)
    phil.press("Send the question")
    phil.page.wait_for_url("**/queue/**")

    # Ada's open page rings within ten seconds; she answers.
    steps.rings(ada, before=before)
    assert mails(running, "ada@example.org", reference)
    ada.go(f"/orders/{reference}/")
    expect(ada.page.locator("main")).to_contain_text("Dose or titration query")
    ada.look("order-asked")
    ada.page.get_by_label("The order stands as written").check()
    ada.page.locator("main textarea").first.fill("Tolerated before, restarted on purpose.")
    ada.press("Send answer")
    expect(ada.page.locator("main")).to_contain_text("Received by pharmacy")

    # Phil takes it again and verifies it.
    phil.go(f"/queue/{reference}/")
    expect(phil.page.locator("main")).to_contain_text("Tolerated before")
    phil.press("Claim this order")
    for box in phil.page.locator("main input[type=checkbox]").all():
        box.check()
    phil.page.locator("label", has_text="Approve").click()
    phil.page.locator("[name=password]").fill(PASSWORD)
    phil.look("queue-approve")
    phil.press("Approve")
    phil.page.wait_for_url(re.compile(r"/queue/(\?.*)?(#.*)?$"))
    phil.go("/queue/?tab=done")
    expect(phil.page.locator("main")).to_contain_text(reference)
    phil.look("queue-done")

    ada.go(f"/orders/{reference}/")
    expect(ada.page.locator("main")).to_contain_text("Verified")
    ada.look("order-verified")


def test_the_main_job_without_scripts(visit: Visit) -> None:
    ada = visit("ada@example.org", java_script_enabled=False)
    ada.go("/orders/new/")
    page = ada.page
    page.get_by_label("A patient of this practice").check()
    row = page.locator("select[name=patient] option", has_text="Sampleton")
    page.locator("select[name=patient]").select_option(row.get_attribute("value"))
    page.get_by_label("naltrexone 1.5 mg capsule").check()
    page.locator("[name=steps-0-dose]").fill("1.5")
    page.locator("[name=steps-0-times_per_day]").fill("1")
    page.locator("[name=steps-0-timing]").select_option("bedtime")
    page.locator("[name=steps-0-days]").fill("14")
    ada.press("Add a step")
    expect(page.locator("[name=steps-0-dose]")).to_have_value("1.5")
    page.locator("[name=steps-1-dose]").fill("45")
    page.locator("[name=steps-1-times_per_day]").fill("1")
    page.locator("[name=steps-1-timing]").select_option("bedtime")
    page.locator("[name=days_supply]").fill("90")
    page.locator("[name=refills]").fill("0")
    page.get_by_label("New start", exact=True).check()
    page.locator("summary", has_text="list of conditions").click()
    page.locator("[name=diagnosis]").select_option("psoriasis|L40.0")
    page.locator("[name=reason]").select_option(index=1)
    # What is on record came with the step that was added: it is confirmed, opioids are asked anew.
    page.get_by_label("No, unchanged", exact=True).check()
    page.get_by_label("No opioid in the last 30 days", exact=True).check()
    steps.delivery(page)
    ada.press("Review order")
    expect(page.locator("[role=alert]")).to_contain_text("Likely meaning: 4.5")
    page.locator("[name=steps-1-dose]").fill("4.5")
    ada.press("Review order")
    expect(page.locator("h1")).to_contain_text("Review order")
    for reason in page.locator("select[name^=ack]").all():
        reason.select_option(index=1)
    page.locator("[name=password]").fill(PASSWORD)
    ada.press("Sign and send to pharmacy")
    expect(page.locator("main")).to_contain_text("Received by pharmacy")
    reference = re.search(r"RX-[0-9A-Z]{8}", page.url)[0]  # type: ignore[index]

    phil = visit("phil@example.org", java_script_enabled=False)
    phil.go(f"/queue/{reference}/")
    phil.press("Claim this order")
    for box in phil.page.locator("main input[type=checkbox]").all():
        box.check()
    phil.page.locator("label", has_text="Approve").click()
    phil.page.locator("[name=password]").fill(PASSWORD)
    phil.press("Approve")
    phil.go(f"/queue/{reference}/")
    expect(phil.page.locator("main")).to_contain_text("Verified by Phil Demo")


def test_the_quiet_pages_are_as_sound_as_the_busy_ones(visit: Visit) -> None:
    ada, root = visit("ada@example.org"), visit("root@example.org")
    ada.go("/orders/?tab=drafts")
    ada.page.locator("main a", has_text=re.compile("RX-")).first.click()
    ada.look("draft-review")
    ada.page.get_by_role("link", name=re.compile("^Cancel")).first.click()
    ada.look("order-cancel")
    ada.page.go_back()
    ada.page.get_by_role("link", name=re.compile("^Change")).first.click()
    ada.look("draft-edit")
    for path, name in (("/queue/", "queue-root"), ("/notifications/deliveries/", "deliveries")):
        root.go(path)
        root.look(name)
    phil = visit("phil@example.org")
    phil.go("/notifications/preferences/")
    phil.look("preferences")
    for visitor, path, name in (
        (ada, "/queue/", "403"),
        (ada, "/orders/RX-00000000/", "404"),
    ):
        visitor.go(path)
        visitor.complaints.clear()  # the browser names the status itself
        visitor.look(name)
