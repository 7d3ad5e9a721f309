"""What the story of an opened account does, page by page; the story itself is test_opening."""

from __future__ import annotations

import base64
import email
import hashlib
import hmac
import io
import re
import struct
import time
from datetime import datetime
from email.message import Message
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import prescribing as steps
from tests.browser.conftest import Visitor
from tests.stack.conftest import Stack

PASSPHRASE = "a-plain-long-passphrase"


def totp(secret: str, at: float | None = None) -> str:
    """The six digits of RFC 6238 for a base-32 secret, computed here and not by the library."""
    bare = re.sub(r"\s", "", secret).upper()
    key = base64.b32decode(bare + "=" * (-len(bare) % 8))
    counter = struct.pack(">Q", int(time.time() if at is None else at) // 30)
    digest = hmac.new(key, counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def mails(stack: Stack, to: str, subject: str, *, within: float = 20) -> list[Message]:
    """The mails to one address whose subject holds these words, oldest first; waits for one."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        paths = sorted((stack.data / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime)
        every = [email.message_from_bytes(path.read_bytes()) for path in paths]
        found = [one for one in every if one["To"] == to and subject in str(one["Subject"])]
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"no mail to {to} about {subject!r}")


def link_in(message: Message) -> str:
    """Where the mail's one link leads, without the host."""
    plain = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    payload = plain.get_payload(decode=True)
    assert isinstance(payload, bytes)
    (link,) = re.findall(r"https?://[^/\s]+(/\S*)", payload.decode())
    return str(link)


def a_picture(folder: Path) -> Path:
    """A licence as a phone would take it: a real picture, with a place in its metadata."""
    path, exif = folder / "licence.jpg", Image.Exif()
    exif[0x010E] = "taken at the practice"
    Image.new("RGB", (600, 400), "#c9d8cf").save(path, exif=exif)
    return path


def metadata_of(content: bytes) -> dict[int, object]:
    return dict(Image.open(io.BytesIO(content)).getexif())


class Story:
    """One applicant, at one screen."""

    def __init__(self, visitor: Visitor, npi: str, name: str, address: str) -> None:
        self.v, self.page = visitor, visitor.page
        self.npi, self.family, self.address = npi, name, address

    @property
    def reference(self) -> str:
        found = re.search(r"NA-[0-9A-Z]{8}", self.page.url)
        assert found, self.page.url
        return found[0]

    def follow(self, task: str) -> None:
        self.page.locator("main").get_by_role("link", name=re.compile(f"^{task}")).first.click()

    def refused(self, control: str, words: str, name: str) -> None:
        """The mistake is named at its control and in the summary, and what was typed is kept."""
        expect(self.page).to_have_title(re.compile("^Error: "))
        expect(self.page.locator("[role=alert]")).to_contain_text(words)
        field = self.page.locator(f"[name={control}]").first
        expect(field).to_have_attribute("aria-invalid", "true")
        self.v.glance(name)

    def begin(self) -> None:
        self.v.go("/")
        self.v.glance("opening-landing")
        self.page.locator("main").get_by_role("link", name="Open an account").first.click()
        self.v.glance("opening-before-you-start", "Open an account")
        self.page.get_by_role("link", name="Start now").click()
        self.page.get_by_label("I am the prescriber").check()
        self.page.get_by_label("Your name").fill(f"Cora {self.family}")
        self.page.get_by_label("Your e-mail address").fill("cora@")
        self.v.press("Continue")
        self.refused("contact_email", "e-mail address", "opening-begin")
        expect(self.page.get_by_label("Your name")).to_have_value(f"Cora {self.family}")
        self.page.get_by_label("Your e-mail address").fill(self.address)
        self.v.press("Continue")
        expect(self.page.locator("h1")).to_contain_text("Your application")
        self.v.glance("opening-hub")

    def person(self) -> None:
        self.follow("Name and date of birth")
        fill(self.page, given_name="Cora", family_name=self.family)
        fill(self.page, birth_date_0="Apr", birth_date_1="31", birth_date_2="1979")
        self.v.press("Continue")
        self.refused("birth_date_0", "There is no Apr 31, 1979", "opening-person")
        fill(self.page, birth_date_1="5")
        self.v.press("Continue")

    def credentials(self) -> None:
        self.page.locator("[name=credential]").select_option("MD")
        fill(self.page, npi="1234567890", email=self.address)
        fill_first(self.page, "specialty", "Dermatology")
        self.v.press("Continue")
        self.refused("npi", "NPI", "opening-credentials")
        spaced = f"{self.npi[:3]} {self.npi[3:6]}-{self.npi[6:]}"
        fill(self.page, npi=spaced)
        self.v.press("Continue")

    def licence(self) -> None:
        self.page.locator("[name=state]").select_option("NC")
        self.page.locator("[name=kind]").select_option("Medical")
        fill(self.page, number="S-77", expires_on_0="Jan", expires_on_1="31", expires_on_2="2020")
        self.v.press("Save and continue")
        self.refused("expires_on_0", "last day", "opening-licence")
        fill(self.page, expires_on_2=str(time.gmtime().tm_year + 2))
        self.v.press("Save and continue")
        self.v.glance("opening-licences", "State licences")
        self.v.press("Continue")

    def practice(self) -> None:
        self.page.locator("[name=kind]").select_option("Solo practice")
        self.v.press("Continue")
        self.refused("name", "legal name", "opening-practice")
        fill(self.page, name=f"{self.family} Skin Sample")
        self.v.press("Continue")
        fill(self.page, address="PO Box 12", city="Sampleton", zip_code="27514")
        fill(self.page, phone="555 555 0150")
        self.page.locator("[name=state]").select_option("NC")
        self.page.locator("[name=time_zone]").select_option("America/New_York")
        self.v.press("Continue")
        self.refused("address", "PO box", "opening-address")
        fill(self.page, address="7 Sample Avenue")
        self.v.press("Continue")

    def contacts(self) -> None:
        fill(self.page, office_manager_name="Olga Sample", office_manager_email="olga")
        self.page.get_by_label("This site").check()
        self.v.press("Continue")
        self.refused("office_manager_email", "e-mail", "opening-contacts")
        fill(self.page, office_manager_email="olga@example.org")
        self.v.press("Continue")
        self.page.get_by_label("To the patient").check()
        self.v.press("Continue")
        self.refused("bill_to", "Who pays?", "opening-delivery")
        self.page.get_by_label("The practice", exact=True).check()
        self.v.press("Continue")

    def others(self) -> None:
        self.v.glance("opening-ship-to", "Further delivery addresses")
        self.page.get_by_role("link", name="Add a delivery address").click()
        fill(self.page, name="Back office", address="9 Sample Avenue", city="Sampleton")
        fill(self.page, zip_code="275")
        self.page.locator("[name=state]").select_option("NC")
        self.v.press("Save and continue")
        self.refused("zip_code", "ZIP code", "opening-ship-to-row")
        fill(self.page, zip_code="27514")
        self.v.press("Save and continue")
        self.v.press("Continue")
        self.page.get_by_role("link", name="Add a delegate").click()
        fill(self.page, name="Dan Helper", email=f"dan.{self.address}")
        self.v.press("Save and continue")
        self.refused("duties", "", "opening-delegate")
        self.page.get_by_label("Prepare orders").check()
        self.v.press("Save and continue")
        self.v.press("Continue")

    def papers(self, folder: Path) -> None:
        fake = folder / "licence.pdf"
        fake.write_bytes(b"<script>no paper</script>")
        self.page.get_by_label("Licence", exact=True).check()
        self.page.locator("[name=file]").set_input_files(fake)
        self.v.press("Add this paper")
        self.refused("file", "PDF", "opening-papers")
        self.page.get_by_label("Licence", exact=True).check()
        self.page.locator("[name=file]").set_input_files(a_picture(folder))
        self.v.press("Add this paper")
        expect(self.page.locator("main")).to_contain_text("licence.jpg")
        self.v.glance("opening-paper-stored")
        self.v.press("Continue")

    def agreements(self) -> None:
        fill(self.page, typed_name=f"Cora {self.family}")
        self.v.press("Accept and continue")
        expect(self.page.locator("[role=alert]")).to_be_visible()
        self.v.glance("opening-agreements")
        for tick in self.page.locator("input[type=checkbox]").all():
            tick.check()
        self.v.press("Accept and continue")

    def send(self) -> None:
        expect(self.page.locator("h1")).to_contain_text("Check your answers")
        expect(self.page.locator("main")).to_contain_text("Nothing is sent to the pharmacy yet")
        self.v.glance("opening-check")
        self.page.get_by_role("button", name="Send the application").dblclick()
        expect(self.page.locator("main")).to_contain_text(self.reference)
        self.v.glance("opening-sent")


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"[name={name}]").fill(value)


def fill_first(page: Page, name: str, value: str) -> None:
    """Fill a text control, or choose in a list: the form may offer either."""
    control = page.locator(f"[name={name}]").first
    if control.evaluate("one => one.tagName") == "SELECT":
        control.select_option(label=value)
    else:
        control.fill(value)


# --- the staff ----------------------------------------------------------------------------------
def until_checked(reviewer: Visitor) -> None:
    """The worker asks the registry within seconds; the page is read again until it has."""
    main = reviewer.page.locator("main")
    for _ in range(40):
        if main.get_by_text("The checks have not run yet").count() == 0:
            break
        time.sleep(0.5)
        reviewer.page.reload()
    expect(main.locator(".found", has_text="NPPES registry")).to_contain_text("Pass")
    expect(main.locator(".found", has_text="OIG exclusions")).to_contain_text("Pass")


def ask_for_the_phone(reviewer: Visitor) -> None:
    form = reviewer.page.locator("#ask")
    address = reviewer.page.locator("select[name$=address]")
    part = form.locator(".ask-part").filter(has=address)
    part.locator("select").select_option(index=1)
    part.get_by_text("Only some fields").click()
    part.get_by_label("Phone", exact=True).check()
    form.locator("[name$=text]").fill("The number we reached is another practice’s.")
    reviewer.glance("application-asking")
    form.get_by_role("button", name="Send the request").click()
    expect(reviewer.page.locator("main")).to_contain_text("Waiting on applicant")


def look_up_the_licence(reviewer: Visitor) -> None:
    form = reviewer.page.locator("form[action*='/verify/']").first
    form.get_by_label("What the board says").select_option(index=1)
    form.get_by_label(re.compile("ource")).fill("NC Medical Board, licensee search")
    today = datetime.now(ZoneInfo("America/New_York"))  # the day at the stack's pharmacy
    parts = (f"{today:%b}", str(today.day), str(today.year))
    for at, part in enumerate(parts):
        form.locator(f"[name$=looked_up_on_{at}]").fill(part)
    form.get_by_role("button", name="Record the look").click()


# --- the new prescriber -------------------------------------------------------------------------
def activate(visitor: Visitor, link: str) -> tuple[str, str, str]:
    """Set the password and enrol an app; returns its secret, a recovery code and the code used."""
    page = visitor.page
    visitor.go(link)
    visitor.glance("activate")
    for field in page.locator("main input[type=password]").all():
        field.fill("short")
    visitor.press("Set the password")
    expect(page).to_have_title(re.compile("^Error: "))
    for field in page.locator("main input[type=password]").all():
        field.fill(PASSPHRASE)
    visitor.press("Set the password")
    expect(page.locator("h1")).to_have_text("Protect your account")
    visitor.glance("enrol")
    page.get_by_role("link", name="Use an app").click()
    visitor.glance("enrol-app", "Set up your app")
    secret = page.locator(".secret").inner_text()
    used = lasting_code(secret)
    page.locator("[name=code]").fill(used)
    visitor.press("Continue")
    expect(page.locator("h1")).to_have_text("Keep your recovery codes")
    visitor.glance("recovery-codes")
    code = page.locator(".codes li").first.inner_text()
    page.locator("main input[type=checkbox]").check()
    visitor.press("Continue")
    return secret, code, used


def place_the_first_order(visitor: Visitor, family: str) -> None:
    page = visitor.page
    steps.new_patient(page, family)
    page.get_by_label("naltrexone 4.5 mg capsule").check()
    page.locator("[name=steps-0-dose]").fill("4.5")
    page.locator("[name=steps-0-times_per_day]").fill("1")
    page.locator("[name=steps-0-timing]").select_option("bedtime")
    fill(page, days_supply="30", refills="2")
    page.get_by_label("Continuing", exact=True).check()
    page.locator("summary", has_text="list of conditions").click()
    page.locator("[name=diagnosis]").select_option("psoriasis|L40.0")
    page.locator("[name=reason]").select_option(index=1)
    steps.safety(page)
    steps.delivery(page)
    visitor.press("Review order")
    expect(page.locator("h1")).to_contain_text("Review order")
    page.locator("[name=password]").fill(PASSPHRASE)
    page.get_by_role("button", name="Sign and send to pharmacy").dblclick()
    expect(page.locator("main")).to_contain_text("Received by pharmacy")


def sign_in_with_a_code(visitor: Visitor, address: str, code: str) -> None:
    page = visitor.page
    visitor.go("/sign-in/")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill(PASSPHRASE)
    visitor.press("Sign in")
    page.wait_for_url("**/account/second-factor/**")
    visitor.glance("second-factor")
    page.locator("[name=code]").fill(code)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/account/" not in url and "/sign-in/" not in url)


def lasting_code(secret: str) -> str:
    """A code that still holds when the form arrives: none is taken after its 30 seconds."""
    while time.time() % 30 > 24:
        time.sleep(0.5)
    return totp(secret)


def next_code(secret: str, *, used: str) -> str:
    """A code of another 30 seconds: one that was used is refused within its own."""
    while totp(secret) == used:
        time.sleep(0.5)
    return lasting_code(secret)
