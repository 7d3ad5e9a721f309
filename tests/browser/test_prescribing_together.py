"""Delegate and prescriber: a draft handed over, and several signed in one go."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import prescribing as steps
from tests.browser.conftest import PASSWORD, Visitor
from tests.browser.prescribing import Visit, mails, main_of
from tests.stack.conftest import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_a_delegate_hands_over_and_the_prescriber_signs(visit: Visit, running: Stack) -> None:
    # Given Ada at her desk, and a draft that Nils prepared.
    ada, nils = visit("ada@example.org"), visit("nils@example.org")
    reference = steps.draft(nils, "Handover", by_delegate=True)
    assert nils.page.locator("[name=password]").count() == 0
    steps.see(nils, "handover-review")

    # When he hands it over, then her open page rings.
    before = steps.bell_of(ada)
    nils.press("Hand over for the signature")
    expect(main_of(nils)).to_contain_text("Waits for Ada Sample")
    assert nils.page.get_by_role("button", name="Hand over for the signature").count() == 0
    steps.rings(ada, before=before)

    # When she opens what is to be signed, then it stands there, read back in words.
    ada.page.get_by_role("link", name=re.compile("^To sign")).first.click()
    row = ada.page.locator(".to-sign-row", has_text=reference)
    expect(row).to_contain_text("Handed over by Nils Sample")
    expect(row).to_contain_text("three milligrams")
    steps.see(ada, "to-sign")

    # When she reads it and signs, then the pharmacy has it.
    row.get_by_role("link", name=re.compile("Read it")).click()
    steps.see(ada, "handed-over-review", "Review order")
    steps.sign(ada)
    assert mails(running, "phil@example.org", reference)
    ada.go("/orders/to-sign/")
    expect(main_of(ada)).not_to_contain_text(reference)


def test_one_password_signs_what_was_read_and_is_still_so(visit: Visit, running: Stack) -> None:
    # Given drafts for three patients that Ada read and kept.
    ada, nils = visit("ada@example.org"), visit("nils@example.org")
    references = [keep(ada, f"Trolley{which}") for which in ("one", "two", "three")]
    for reference in references:
        ada.page.locator(f"#tick-{reference}").check()
        row = ada.page.locator(".to-sign-row", has_text=reference)
        expect(row).to_contain_text("Read and kept")
    steps.see(ada, "to-sign-kept")

    # When Nils changes one of them meanwhile, and she signs all three with a double click,
    *kept, changed = references
    nils.go(f"/orders/{changed}/edit/")
    nils.page.locator("[name=refills]").fill("1")
    nils.press("Review order")
    expect(nils.page.locator("h1")).to_contain_text("Review order")
    ada.page.locator("[name=password]").fill(PASSWORD)
    ada.page.get_by_role("button", name="Sign and send what is ticked").dblclick()

    # Then each has its own result,
    results = ada.page.locator(".to-sign-results")
    expect(results.locator("li")).to_have_count(3)
    expect(results.locator("li", has_text=changed)).to_contain_text("It changed after you read it")
    expect(ada.page.locator(".to-sign-row", has_text=changed)).to_contain_text("Not read yet")
    steps.see(ada, "to-sign-results")
    # two are signed, once,
    for reference in kept:
        ada.go(f"/orders/{reference}/")
        expect(main_of(ada)).to_contain_text("Received by pharmacy")
        expect(ada.page.locator(".timeline li", has_text=re.compile("signed", re.I))).to_have_count(
            1
        )
        assert len(mails(running, "phil@example.org", reference)) == 1
    # and the third is a draft still.
    ada.go(f"/orders/{changed}/")
    expect(ada.page.locator("h1")).to_contain_text("Review order")


def keep(visitor: Visitor, family: str) -> str:
    """Draft, read, answer what is warned of, keep for signing together."""
    reference = steps.draft(visitor, family)
    visitor.press("Keep for signing together")
    visitor.page.wait_for_url("**/orders/to-sign/")
    return reference
