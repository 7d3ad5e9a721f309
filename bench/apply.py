"""Every page of the account form, shown and sent, against a view that renders and validates twelve fields."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from bench.reference import FILLED
from bench.signing import Measure
from intake.models import Applicant, Application

TIMES = 40
_PERSON: dict[str, dict[str, str]] = {
    "person": {"given_name": "Cora", "family_name": "Newcomer", "birth_date_0": "Apr",
               "birth_date_1": "5", "birth_date_2": "1979"},
    "credentials": {"credential": "NP", "npi": "1234567893", "specialty": "Dermatology",
                    "email": "cora@example.org"},
    "licences": {"state": "NC", "kind": "Nursing", "number": "S-1", "authority": "None",
                 "expires_on_0": "May", "expires_on_1": "31", "expires_on_2": "2030"},
    "supervision": {"needed": "yes", "name": "Dr Petra Superior", "npi": "1558598797",
                    "licence_state": "NC", "licence_number": "P-7", "phone": "(555) 555-0160",
                    "address": "3 Sample Street"},
}  # fmt: skip
_PRACTICE: dict[str, dict[str, str]] = {
    "practice": {"name": "Pinewood Skin Sample", "kind": "Solo practice"},
    "address": {"address": "7 Sample Avenue", "city": "Sampleton", "state": "NC",
                "zip_code": "27514", "phone": "(555) 555-0150",
                "time_zone": "America/New_York"},
    "contacts": {"reach_by": "portal"},
    "delivery": {"default_ship_to": "patient", "bill_to": "patient"},
    "ship_to": {"name": "Back office", "address": "9 Sample Avenue", "city": "Sampleton",
                "state": "NC", "zip_code": "27514"},
    "delegates": {"name": "Dan Helper", "email": "dan@example.org", "duties": "prepare"},
}  # fmt: skip
_MANY = ("licences", "ship_to", "delegates")


def _draft(client: Client) -> Application:
    """A draft open in the client's session."""
    application = Application.objects.create(
        filled_by="prescriber", contact_name="Cora Newcomer", contact_email="cora@example.org"
    )
    Applicant.objects.create(application=application, position=1)
    session = client.session
    session["applications"] = [application.pk]
    session.save()
    return application


def _acts(client: Client, application: Application) -> dict[str, Callable[[], object]]:
    """Name → what a browser does: each page shown, each sent with its saved answers."""
    acts: dict[str, Callable[[], object]] = {}
    for whose, pages in (("prescriber-1", _PERSON), ("practice", _PRACTICE)):
        for slug, data in pages.items():
            at = [application.reference, whose, slug]
            url = reverse("apply:section", args=at)
            if slug in _MANY:
                url = reverse("apply:row", args=[*at, 1])
            assert client.post(url, data).status_code == 302, slug
            acts[f"{slug}, shown"] = partial(client.get, url)
            acts[f"{slug}, sent"] = partial(client.post, url, data)
    for name in ("hub", "papers", "agreements", "check"):
        url = reverse(f"apply:{name}", args=[application.reference])
        acts[f"{name}, shown"] = partial(client.get, url)
    return acts


def run(side_by_side: Measure, report: Callable[..., None]) -> None:
    client, bare = Client(), Client()
    bare.force_login(User.objects.get(email="ada@example.org"))
    found = []
    for name, act in _acts(client, _draft(client)).items():
        taken = side_by_side(act, lambda: bare.post("/bench/form", FILLED), TIMES)
        with CaptureQueriesContext(connection) as queries:
            act()
        found.append((taken[0] / taken[1], name, taken, len(queries)))
    for _, name, taken, statements in sorted(found, reverse=True)[:3]:
        report(f"apply: {name}", *taken, 2, "form view")
        print(f"{'  SQL statements':<34} {statements:8d}", flush=True)
