"""A titration from the first dose typed to the paper, with the same words all the way."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser import prescribing as steps
from tests.browser.conftest import PASSWORD, Visitor
from tests.browser.prescribing import Visit, fill, main_of, plain

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_a_titration_says_the_same_on_every_page_and_on_paper(visit: Visit) -> None:
    # Given a new patient, and a liquid that keeps for 30 days.
    ada = visit("ada@example.org")
    page = ada.page
    ada.go("/orders/new/")
    steps.new_patient(page, "Stepwise")
    steps.use_template(page, "liquid-up-0.5-every-7-days")
    fill(page, days_supply="90", refills="2")
    # Then the panel shows mg and mL, and the plan of fills.
    panel = page.locator("#check")
    expect(panel).to_contain_text("2 mL")
    expect(panel).to_contain_text("4 fills of 25, 25, 25 and 15 days")

    # When capsules are chosen instead, of which 4.5 mg is one of its own,
    steps.use_template(page, "up-1.5-then-one-capsule")
    page.locator(".steps-box summary").click()
    fill(page, **{"steps-1-days": "5", "steps-2-dose": "5.5"})
    expect(page.locator("[name=days_supply]")).to_have_value("90")
    page.get_by_label("New start", exact=True).check()
    # and a header is written where a code is asked for,
    page.locator("[name=diagnosis_search]").fill("L66.1")
    expect(page.locator("#diagnosis-list")).to_contain_text("A heading, not a full code")
    page.locator("[name=reason]").select_option(label="Titration is needed")
    steps.safety(page)
    steps.delivery(page)
    ada.press("Review order")
    # Then both are refused, the children of the header stand below it, and all is kept.
    summary = page.locator("[role=alert]")
    expect(summary).to_contain_text("0.5 mg to 5 mg a day")
    expect(summary).to_contain_text("L66.1 is a heading, not a full code")
    expect(page.locator("[name=diagnosis_code][value='L66.12']")).to_be_visible()
    expect(page.locator("[name=steps-2-dose]")).to_have_value("5.5")
    expect(page.locator("[name=family_name]")).to_have_value("Stepwise")
    steps.see(ada, "titration-refused")

    # When the dose is corrected and the diagnosis found by its words,
    page.locator("[name=steps-2-dose]").fill("4.5")
    steps.diagnosis(page, "lichen planopilaris", "L66.11")
    # Then first fill and each refill stand apart, in capsules of two strengths.
    expect(panel).to_contain_text("First fill")
    expect(panel).to_contain_text("Each refill")
    steps.see(ada, "titration-form")
    ada.press("Review order")

    # Then the review page has chart, table and one confirmation: the coded reason of the warning.
    steps.see(ada, "titration-review", "Review order")
    reference = steps.reference_of(ada)
    directions = said_on(page)
    assert "1.5 mg" in directions
    assert "4.5 mg" in directions
    expect(page.locator("svg.dose-chart-plot")).to_be_visible()
    expect(page.locator("figure.dose-chart tbody tr")).to_have_count(3)
    expect(page.get_by_text("four and one half milligrams").first).to_be_visible()
    reason = page.locator("select[name^=ack]")
    expect(reason).to_have_count(1)
    assert page.locator("main form input[type=checkbox]").count() == 0
    page.locator("[name=password]").fill(PASSWORD)
    ada.press("Sign and send to pharmacy")
    expect(page.locator("[role=alert]")).to_contain_text("Choose a reason to go on")
    reason.select_option(index=1)
    steps.sign(ada)
    assert said_on(page) == directions
    steps.see(ada, "titration-sent")

    # When the pharmacist reads it, then in the very same words, and approves.
    phil = visit("phil@example.org")
    steps.claim(phil, reference)
    term = phil.page.locator(".review-directions")
    assert plain(term.inner_text()).casefold() == f"directions {directions}".casefold()
    fills = phil.page.locator(".review-prescription dl.facts dd strong").all_inner_texts()
    assert len(fills) == 2
    steps.see(phil, "titration-pharmacist")
    steps.approve(phil)

    # Then the paper holds directions and both fills word for word.
    ada.go(f"/orders/{reference}/")
    expect(main_of(ada)).to_contain_text("Verified")
    paper = paper_of(ada, page)
    assert reference in paper
    for text in (directions, *fills):
        assert _joined(text) in _joined(paper), (text, paper)


def said_on(page: Page) -> str:
    return plain(page.locator("main .directions").first.inner_text())


def paper_of(visitor: Visitor, page: Page) -> str:
    """The words of the PDF behind the page's link."""
    link = page.get_by_role("link", name=re.compile("Prescription as PDF")).get_attribute("href")
    answer = page.request.get(f"{visitor.base}{link}")
    assert answer.headers["content-type"] == "application/pdf"
    return " ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(answer.body())).pages)


def _joined(text: str) -> str:
    """Where a line ends on paper says nothing."""
    return re.sub(r"\s+", "", plain(text))
