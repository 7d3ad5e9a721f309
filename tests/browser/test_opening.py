"""A prescriber opens an account, the staff verify it, and the first order is placed."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from intake.leie import HEADER
from tests.browser.conftest import SIZES, Visitor
from tests.browser.opening import (
    Story,
    activate,
    ask_for_the_phone,
    link_in,
    look_up_the_licence,
    mails,
    metadata_of,
    next_code,
    place_the_first_order,
    sign_in_with_a_code,
    until_checked,
)
from tests.factories import npi
from tests.intake.nppes import Registry, served
from tests.stack.conftest import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]
Visit = Callable[..., Visitor]
EXCLUDED = "SAMPLE,EXCLUDED,,,,,,0000000000,19500101,,,,,1128a1,20200101,,,"
PEOPLE = {"desktop": ("Newcomer", 71000001), "phone": ("Latecomer", 71000002)}


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    with served() as registry:
        for family, seed in PEOPLE.values():
            registry.add(npi(seed), last_name=family.upper())
        yield registry


@pytest.fixture(scope="module")
def running(registry: Registry) -> Iterator[Stack]:
    """The whole stack with a registry to ask and an exclusion list on file."""
    folder = Path(tempfile.mkdtemp(prefix="scruple-o-"))
    folder.chmod(0o711)
    stack = Stack(folder / "var")
    stack.start(NPPES_URL=registry.url)
    try:
        stack.wait_for("ready ")
        excluded = folder / "leie.csv"
        excluded.write_text(f"{HEADER}\n{EXCLUDED}\n")
        assert stack.call("manage", "import_leie", str(excluded)).returncode == 0
        yield stack
    finally:
        assert stack.process is not None
        stack.process.terminate()
        stack.process.wait(timeout=20)
        shutil.rmtree(folder)


@pytest.mark.parametrize("size", SIZES)
def test_an_account_is_opened_and_used(
    size: str, visit: Visit, running: Stack, tmp_path: Path
) -> None:
    family, seed = PEOPLE[size]
    address = f"cora.{family.lower()}@example.org"
    screen = {"viewport": SIZES[size]}

    # A stranger begins, makes a mistake on each page, and leaves.
    story = Story(visit(**screen), npi(seed), family, address)
    story.begin()
    reference = story.reference
    story.person()
    story.credentials()
    story.licence()
    story.page.context.close()

    # The private link brings her back, to where she was; a foreign browser sees nothing.
    (first,) = mails(running, address, reference)
    stranger = visit(**screen)
    stranger.go(f"/apply/{reference}/")
    expect(stranger.page.locator("h1")).to_contain_text("There is no such page")
    story = Story(visit(**screen), npi(seed), family, address)
    story.v.go(link_in(first))
    expect(story.page.locator("main")).to_contain_text("3 of")
    story.follow("Practice")
    story.practice()
    story.contacts()
    story.others()
    story.papers(tmp_path)
    story.agreements()
    story.send()
    assert mails(running, address, f"{reference} received")

    # Staff hear of it, claim it and see what the checks found.
    (told,) = mails(running, "phil@example.org", f"Review application {reference}")
    assert family not in told.as_string()
    phil = visit("phil@example.org", **screen)
    phil.go("/applications/")
    expect(phil.page.locator("main")).to_contain_text(reference)
    phil.glance("applications")
    phil.go(link_in(told))
    phil.press("Claim this application")
    page = phil.page
    expect(page.locator("main")).to_contain_text(family)
    until_checked(phil)
    phil.glance("application-review")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("licence.jpg")).first.click()
    assert metadata_of(download.value.path().read_bytes()) == {}

    # He asks for one field; she corrects just that.
    page.get_by_text("Request information from the applicant").click()
    ask_for_the_phone(phil)
    (asked,) = mails(running, address, f"something for application {reference}")
    story.v.go(link_in(asked))
    story.v.glance("opening-asked")
    story.follow("Answer now")
    story.follow("Address")
    assert story.page.locator("main input[name=city]").count() == 0
    story.page.locator("[name=phone]").fill("555-555-0177")
    story.v.press("Continue")
    story.v.glance("opening-answer", "Answer the pharmacy")
    story.page.get_by_role("button", name=re.compile("^Send")).click()

    # The answer comes back to him; he looks up the licence and approves.
    (answered,) = mails(running, "phil@example.org", f"answer to application {reference}")
    phil.go(link_in(answered))
    phil.press("Claim this application")
    expect(page.locator("main")).to_contain_text("(555) 555-0177")
    look_up_the_licence(phil)
    until_checked(phil)
    page.locator(".person-decide [name$=password]").fill("scruple-demo-only")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("main")).to_contain_text(re.compile("approved", re.I))
    phil.glance("application-approved")

    # She sets a password, enrols a second factor and is in.
    (invited,) = mails(running, address, "Set your password")
    cora = visit(**screen)
    activation = link_in(invited)
    secret, spare, used = activate(cora, activation)
    stranger.go(activation)
    stranger.glance("link-gone")
    cora.go("/practice/")
    cora.glance("practice-home")
    cora.go("/orders/new/")
    place_the_first_order(cora, family=f"Testpatient{size}")
    assert mails(running, "phil@example.org", "Review order RX-")

    # Signed out and in again: a code is asked for, and the order is there.
    cora.page.context.clear_cookies()
    code = next_code(secret, used=used) if size == "desktop" else spare
    sign_in_with_a_code(cora, address, code)
    cora.go("/orders/")
    cora.page.get_by_role("link", name=re.compile("At the pharmacy")).click()
    expect(cora.page.locator("main")).to_contain_text(f"TESTPATIENT{size.upper()}")
    for visitor in (story.v, phil, cora):
        assert visitor.complaints == []
