"""Rules L01, L07, L13, L21, L22, N01 and the claims of domain.md §8: pages as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import OperationalError
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import Settings

from accounts.status import Role
from config import errors
from tests.ui.forms import EveryField
from tests.ui.html import Page, component, text

Show = Callable[..., Page]
PUBLIC = ["home.html", "account/login.html", "account/account_inactive.html"]
WRONG = ["400.html", "403.html", "404.html", "409.html", "429.html", "500.html", "503.html"]


@pytest.mark.parametrize("name", [*PUBLIC, *WRONG, "account/logout.html"])
def test_every_page_has_its_landmarks_one_heading_and_a_title_that_begins_with_it(
    show: Show, name: str
) -> None:
    page = show(name, form=EveryField())
    assert page.root.get("lang") == "en-US"
    heading = text(page.one("h1"))
    assert page.title == f"{heading} – Scruple"
    assert page.one("main").get("id") == "main"
    assert page.one("header") is not None
    assert page.one("footer") is not None
    first_link = page.all("a")[0]
    assert (first_link.get("href"), first_link.get("class")) == ("#main", "skip-link")
    assert page.one(id="messages").get("role") == "status"


@pytest.mark.parametrize("name", [*PUBLIC, *WRONG])
def test_every_page_says_what_kind_of_medicine_this_is(show: Show, name: str) -> None:
    words = text(show(name, form=EveryField()).one("footer"))
    assert "off-label for every skin use" in words
    assert "Compounded medicines are not reviewed by the FDA" in words
    assert "For prescribers" in words


@pytest.mark.parametrize("name", PUBLIC)
def test_no_public_page_claims_that_the_medicine_is_good(show: Show, name: str) -> None:
    words = text(show(name, form=EveryField()).one("body")).lower()
    claims = r"\b(safe|safety|safely|effective\w*|efficac\w+|non-?toxic|approved|cures?|proven|"
    claims += r"better|best|relie\w+|heal\w*|treats?|benefit\w*|remission)\b"
    assert not re.search(claims, words)


@pytest.mark.parametrize(
    ("role", "places"),
    [
        (None, []),
        (Role.PRESCRIBER, ["My orders", "New order", "To sign", "Patients", "Practice"]),
        (Role.DELEGATE, ["My orders", "New order", "To sign", "Patients", "Practice"]),
        (Role.PHARMACIST, ["Queue", "Applications", "Register", "Questions", "Formulary"]),
        (Role.TECHNICIAN, ["Queue"]),
        (Role.ADMINISTRATOR, ["Queue", "Applications", "Register", "Deliveries", "Admin"]),
    ],
)
def test_each_role_is_shown_the_way_to_its_own_work(
    show: Show, role: Role | None, places: list[str]
) -> None:
    page = show("404.html", role)
    assert [text(a) for nav in page.all("nav") for a in nav.iter("a")] == places
    assert bool(page.all(id="bell")) == (role is not None)


def test_the_way_says_where_one_is(show: Show) -> None:
    def current(path: str) -> dict[str, str | None]:
        nav = show("404.html", Role.PRESCRIBER, path).one("nav")
        return {text(a): a.get("aria-current") for a in nav.iter("a")}

    names = ("My orders", "New order", "To sign", "Patients", "Practice")
    elsewhere = dict.fromkeys(names)
    assert current("/orders/new/") == elsewhere | {"New order": "page"}
    assert current("/orders/RX-1/") == elsewhere | {"My orders": "true"}
    assert current("/practice/people/") == elsewhere | {"Practice": "true"}


@pytest.mark.parametrize(
    ("unread", "name", "shown"),
    [
        (0, "Notifications", []),
        (3, "Notifications, 3 unread", ["3"]),
        (120, "Notifications, more than 99 unread", ["99+"]),
    ],
)
def test_the_bell_says_its_count(unread: int, name: str, shown: list[str]) -> None:
    bell = component("bell", bell_unread=unread)
    assert bell.one("a").get("aria-label") == name
    assert [text(count) for count in bell.all(class_="bell-count")] == shown


def test_signing_out_is_a_form_that_needs_no_script(show: Show) -> None:
    page = show("404.html", Role.PRESCRIBER)
    form = page.one("form", action="/sign-out/")
    assert form.get("method") == "post"
    assert "details" in page.within(form)


def test_sample_data_is_marked_on_every_page_and_only_there(show: Show, settings: Settings) -> None:
    for embedded in (True, False):
        settings.EMBEDDED = embedded
        bands = show("404.html").all(class_="sample-band")
        assert [text(band).startswith("Sample data") for band in bands] == [True] * embedded


def test_the_sign_in_page_takes_help_from_the_browser(show: Show) -> None:
    page = show("account/login.html", form=EveryField({}))
    assert page.title == "Error: Sign in – Scruple"
    assert page.one("form").get("novalidate") is not None
    assert "call the pharmacy: (555) 555-0100" in text(page.one("main"))


@pytest.mark.parametrize("name", WRONG)
def test_a_page_for_what_went_wrong_gives_a_way_on_and_a_reference(show: Show, name: str) -> None:
    page = show(name, Role.PHARMACIST)
    assert len(page.all("a", class_="btn-primary")) == 1
    assert text(page.one(class_="wrong-reference")) == "Reference 7f3a9c21b0de"


def test_a_lost_race_names_who_has_the_order_now(show: Show) -> None:
    words = text(
        show(
            "409.html",
            Role.PHARMACIST,
            message="Order RX-1 was claimed.",
            holder="Petra",
            since=datetime(2026, 11, 22, 16, 31, tzinfo=UTC),
            link="/queue/",
            link_text="Back to the queue",
        ).one("main")
    )
    assert "Held by Petra since Nov 22, 2026, 11:31 EST" in words
    assert words.endswith("Back to the queue Reference 7f3a9c21b0de")


def test_a_stale_page_is_told_apart_from_a_missing_right(
    request_for: Callable[..., HttpRequest],
) -> None:
    answer = errors.csrf_failure(request_for(), "CSRF cookie not set.")
    assert answer.status_code == 403
    assert "This page had been open too long" in answer.content.decode()
    assert "cookie not set" not in answer.content.decode()


def _fails_with(error: Exception, request: HttpRequest) -> tuple[int, str]:
    try:
        raise error
    except type(error):
        answer = errors.server_error(request)
    return answer.status_code, answer.content.decode()


def test_a_broken_server_shows_no_stack_and_asks_no_database(rf: RequestFactory) -> None:
    request = rf.get("/orders/RX-1/")  # no user, no session: touching either would raise
    request.id = "7f3a9c21b0de"  # type: ignore[attr-defined]
    status, html = _fails_with(ValueError("secret detail"), request)
    assert status == 500
    assert "7f3a9c21b0de" in html
    assert "secret detail" not in html
    assert "Sign in" not in text(Page(html).one("header"))


def test_a_missing_database_is_a_pause_not_a_fault(rf: RequestFactory) -> None:
    status, html = _fails_with(OperationalError("no route"), rf.get("/"))
    assert status == 503
    assert "Scruple is away for a moment" in html


def test_even_without_templates_there_are_words(rf: RequestFactory, settings: Settings) -> None:
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [], "APP_DIRS": False}]
    status, html = _fails_with(ValueError(), rf.get("/"))
    assert (status, "Something broke on our side" in html) == (500, True)


def test_htmx_may_neither_evaluate_nor_inject(show: Show) -> None:
    meta = show("404.html").one("meta", name="htmx-config")
    assert json.loads(meta.get("content", "")) == {
        "includeIndicatorStyles": False,
        "allowEval": False,
    }
