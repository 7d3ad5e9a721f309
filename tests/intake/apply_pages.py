"""What a browser without scripts sends from the account form."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from intake.models import Application

PERSON = {
    "given_name": "Cora", "middle_name": "", "family_name": "Newcomer", "suffix": "",
    "former_names": "", "birth_date_0": "Apr", "birth_date_1": "5", "birth_date_2": "1979",
}  # fmt: skip
CREDENTIALS = {
    "credential": "MD", "other_credential": "", "npi": "1234567893", "specialty": "Dermatology",
    "dea": "", "dea_expires_on_0": "", "dea_expires_on_1": "", "dea_expires_on_2": "",
    "email": "cora@example.org", "mobile": "",
}  # fmt: skip
LICENCE = {
    "state": "NC", "kind": "Medical", "number": "S-1001", "expires_on_0": "May",
    "expires_on_1": "31", "expires_on_2": "2030",
}  # fmt: skip
SUPERVISION = {
    "needed": "yes", "name": "Dr Petra Superior", "npi": "1558598797", "licence_state": "NC",
    "licence_number": "P-77", "phone": "(555) 555-0160", "address": "3 Sample Street, Sampleton NC",
}  # fmt: skip
PRACTICE = {
    "name": "Pinewood Skin Sample", "trade_name": "", "kind": "Solo practice", "group_npi": "",
    "tax_id": "", "website": "",
}  # fmt: skip
ADDRESS = {
    "address": "7 Sample Avenue", "city": "Sampleton", "state": "NC", "zip_code": "27514",
    "mailing_address": "", "phone": "(555) 555-0150", "fax": "", "time_zone": "America/New_York",
}  # fmt: skip
CONTACTS = {
    **{f"{role}_{part}": "" for role in ("office_manager", "clinical", "payable")
       for part in ("name", "email", "phone")},
    "reach_by": "portal", "clarifiers": "",
}  # fmt: skip
DELIVERY = {"default_ship_to": "patient", "bill_to": "patient"}
SHIP_TO = {
    "name": "Back office", "address": "9 Sample Avenue", "city": "Sampleton", "state": "NC",
    "zip_code": "27514", "phone": "",
}  # fmt: skip
DELEGATE = {"name": "Dan Helper", "email": "dan.helper@example.org", "duties": ["prepare"]}
# Section → what completes its page, in the order of the form.
PAGES: dict[str, dict[str, Any]] = {
    "person": PERSON, "credentials": CREDENTIALS, "licences": LICENCE, "supervision": SUPERVISION,
    "practice": PRACTICE, "address": ADDRESS, "contacts": CONTACTS, "delivery": DELIVERY,
    "ship_to": SHIP_TO, "delegates": DELEGATE,
}  # fmt: skip
MANY = ("licences", "ship_to", "delegates")
OF_PRACTICE = ("practice", "address", "contacts", "delivery", "ship_to", "delegates")
START = {
    "filled_by": "prescriber", "contact_name": "Cora Newcomer",
    "contact_email": "cora@example.org",
}  # fmt: skip


def started(client: Client, **more: str) -> Application:
    """A draft begun in this browser."""
    answer = client.post(reverse("apply:begin"), START | more)
    assert answer.status_code == 302, answer.content.decode()
    return Application.objects.latest("pk")


def url(application: Application, slug: str, whose: str = "", number: int = 0) -> str:
    """The address of a page of the form, or with `number` of one row."""
    whose = whose or ("practice" if slug in OF_PRACTICE else "prescriber-1")
    at = [application.reference, whose, slug]
    return reverse("apply:row", args=[*at, number]) if number else reverse("apply:section", args=at)


def fill(client: Client, application: Application, *slugs: str, whose: str = "") -> None:
    """Answer the pages named, or all but supervision, as the examples have them."""
    for slug in slugs or [page for page in PAGES if page != "supervision"]:
        number = 1 if slug in MANY else 0
        answer = client.post(url(application, slug, whose, number), PAGES[slug])
        assert answer.status_code == 302, (slug, answer.content.decode())


def change(client: Client, page: str, data: dict[str, Any]) -> Any:
    """Change a row as its page has it now."""
    found = re.search(r'name="seen" value="(\w+)"', client.get(page).content.decode())
    assert found
    return client.post(page, data | {"seen": found[1]})


def agree(client: Client, application: Application) -> None:
    """Tick every agreement and type the name."""
    page = reverse("apply:agreements", args=[application.reference])
    ticks = re.findall(r'name="(accept_\w+)"', client.get(page).content.decode())
    answer = client.post(page, dict.fromkeys(ticks, "on") | {"typed_name": "Cora Newcomer"})
    assert answer.status_code == 302, answer.content.decode()


def send(client: Client, application: Application) -> Any:
    """Press the button of the check page as it stands now."""
    application.refresh_from_db()
    page = reverse("apply:send", args=[application.reference])
    return client.post(page, {"version": str(application.version)})


def opened(client: Client, application: Application) -> Application:
    """Let this browser open it, as its private link would."""
    session = client.session
    session["applications"] = [*session.get("applications", []), application.pk]
    session.save()
    return application
