"""Every field of the account form against what it must refuse, beside the field, storing nothing."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from intake.forms.starting import AgreeForm, GiveForm, LostForm, StartForm
from intake.models import Acceptance, Applicant, Application
from intake.sections import BY_SLUG, SECTIONS
from tests.intake.apply_pages import MANY, PAGES, SHIP_TO, START, opened, url
from tests.intake.factories import draft_application
from tests.orders.corpus import NUMBERS, UNKNOWN, text
from tests.orders.pages import Controls, errors_of

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Row:
    """What one field must refuse. `beside`: the other answers it needs. `part`: key of a date's part."""

    bad: list[str]
    beside: dict[str, str] = field(default_factory=dict)
    part: str = ""


_NOT_NAMES = ["１２", "4,5", "-1", "..."]
_MONTHS = ["13", "0", "Foo", "1e1", "-1", "４", "a\x00b", "ma", ""]
_DAYS = ["0", "32", "NaN", "1.0", "-1", "４", "a\u202eb", ""]
_YEARS = ["80", "19800", "１９８０", "1e3", "0", "9999", "a\x07b", ""]
_NPI = [
    "123456789", "12345678934", "1234567890", "3234567893", "１２３４５６７８９３", "1e9",
    "-1234567893e", "NaN", *text(40),
]  # fmt: skip
_PHONE = [
    "555-0123", "+44 20 7946 0018", "５５５５５５０１２３", "1e3", "NaN", "abc",
    "555 555 0123 ext. 4", "1" * 30, *text(40),
]  # fmt: skip
_ZIP = ["2751", "275145", "2７514", "abcde", "27514-", "1e300", *text(20)]
_MAIL = [
    "cora", "cora@", "@example.org", "cora@example", "a b@example.org", '"<b>"@example.org',
    "cörä@example.org", "cora@exämple.org", "a@example.org\nBcc: b@example.org",
    "a@example.org,b@example.org", *text(254),
]  # fmt: skip
_LICENCE = ["№ 5", "-", "５５", "S_1", "a;b", *text(30)]
_BOXES = [
    "PO Box 12", "P.O. Box 12", "p o box 12", "Post Office Box 12", "POB 12", "P.O.B. 12",
    "Box 12", "7 Sample Avenue, PO Box 12",
]  # fmt: skip
_DEA = {"dea": "AP5836727", "dea_expires_on_0": "1", "dea_expires_on_1": "1",
        "dea_expires_on_2": "2030"}  # fmt: skip
_YES = {"needed": "yes"}


def _name(most: int) -> list[Row]:
    return [Row([*_NOT_NAMES, *text(most)])]


def _needed(row: Row) -> Row:
    return Row(["", *row.bad], row.beside, row.part)


def _days_to_come(name: str, beside: dict[str, str] | None = None) -> list[Row]:
    given = beside or {}
    return [
        Row(_MONTHS, given, f"{name}_0"),
        Row(_DAYS, given, f"{name}_1"),
        Row([*_YEARS, "2020", "1899", "2999"], given, f"{name}_2"),
        Row(["30", "31"], given | {f"{name}_0": "2", f"{name}_2": "2028"}, f"{name}_1"),
        Row(["29"], given | {f"{name}_0": "2", f"{name}_2": "2027"}, f"{name}_1"),
    ]


def _contact(role: str) -> dict[str, list[Row]]:
    return {
        f"{role}_name": [*_name(120), Row([""], {f"{role}_phone": "(555) 555-0123"})],
        f"{role}_email": [Row(_MAIL)],
        f"{role}_phone": [Row(_PHONE)],
    }


CORPUS: dict[str, dict[str, list[Row]]] = {
    "person": {
        "given_name": [_needed(*_name(60))],
        "middle_name": _name(60),
        "family_name": [_needed(*_name(60))],
        "suffix": _name(20),
        "former_names": _name(200),
        "birth_date": [
            Row(_MONTHS, {}, "birth_date_0"), Row(_DAYS, {}, "birth_date_1"),
            Row([*_YEARS, "1899", "2020", "2999"], {}, "birth_date_2"),
            Row(["30"], {"birth_date_0": "Feb"}, "birth_date_1"),
        ],
    },
    "credentials": {
        "credential": [Row(["", "md", *UNKNOWN])],
        "other_credential": [Row(["", *_NOT_NAMES, *text(60)], {"credential": "other"})],
        "npi": [Row(["", *_NPI])],
        "specialty": [_needed(*_name(80))],
        "dea": [
            Row(["AB4523763", "A5836727", "AP583672", "ＡＰ5836727", "1P5836727", "", *text(40)],
                _DEA),
        ],
        "dea_expires_on": _days_to_come("dea_expires_on", _DEA),
        "email": [Row(["", *_MAIL])],
        "mobile": [Row(_PHONE)],
    },
    "licences": {
        "state": [Row(["", "nc", "ZZ", "North Carolina", *UNKNOWN])],
        "kind": [Row(["", *UNKNOWN])],
        "number": [Row(["", *_LICENCE])],
        "expires_on": _days_to_come("expires_on"),
        "authority": [Row(["", *_LICENCE])],
    },
    "supervision": {
        "needed": [Row(["", *UNKNOWN])],
        "name": [Row(["", *_NOT_NAMES, *text(120)], _YES)],
        "npi": [Row(["", *_NPI], _YES)],
        "licence_state": [Row(["", "nc", *UNKNOWN], _YES)],
        "licence_number": [Row(["", *_LICENCE], _YES)],
        "phone": [Row(["", *_PHONE], _YES)],
        "address": [Row(["", "12", *text(250)], _YES)],
    },
    "practice": {
        "name": [_needed(*_name(120))],
        "trade_name": _name(120),
        "kind": [Row(["", *UNKNOWN])],
        "group_npi": [Row(_NPI)],
        "tax_id": [Row(["1234567", "12-34567890", "1-23456789", "１２-3456789", "ab-cdefghi",
                        *NUMBERS, *text(20)])],
        "website": [Row(["javascript:alert(1)", "ftp://clinic.example.org", "clinic",
                         "https://a@clinic.example.org", "//", "data:text/html,x", *text(200)])],
    },
    "address": {
        "address": [Row(["", "12", "４.５", *_BOXES, *text(120)])],
        "city": [_needed(*_name(60))],
        "state": [Row(["", "nc", "ZZ", *UNKNOWN])],
        "zip_code": [Row(["", *_ZIP])],
        "mailing_address": [Row(["12", *text(250)])],
        "phone": [Row(["", *_PHONE])],
        "fax": [Row(_PHONE)],
        "time_zone": [Row(["", "Europe/Vienna", "america/new_york", "EST", *UNKNOWN])],
    },
    "contacts": {
        **_contact("office_manager"),
        **_contact("clinical"),
        **_contact("payable"),
        "reach_by": [Row(["", "fax", *UNKNOWN])],
        "clarifiers": [Row(text(200))],
    },
    "delivery": {
        "default_ship_to": [Row(["", *UNKNOWN])],
        "signature_required": [],  # a tick: whatever is sent means yes
        "bill_to": [Row(["", *UNKNOWN])],
    },
    "ship_to": {
        "name": [_needed(*_name(120))],
        "address": [Row(["", "12", *_BOXES, *text(120)])],
        "city": [_needed(*_name(60))],
        "state": [Row(["", "nc", *UNKNOWN])],
        "zip_code": [Row(["", *_ZIP])],
        "phone": [Row(_PHONE)],
    },
    "delegates": {
        "name": [_needed(*_name(120))],
        "email": [Row(["", *_MAIL])],
        "duties": [Row(["", *UNKNOWN, "sign"])],
    },
}  # fmt: skip
# The forms that are no section: field → what it must refuse.
STARTING: dict[str, list[str]] = {
    "filled_by": ["", *UNKNOWN],
    "contact_name": ["", *_NOT_NAMES, *text(120)],
    "contact_email": ["", *_MAIL],
}
ROWS = [
    pytest.param(slug, name, row, id=f"{slug}-{row.part or name}")
    for slug, fields in CORPUS.items()
    for name, rows in fields.items()
    for row in rows
]


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def application(client: Client) -> Application:
    """A draft of a nurse practitioner with a fax-less practice, open in this browser."""
    made = draft_application()
    one = made.applicants.get()
    one.answers["credentials"]["credential"] = "NP"
    one.save()
    return opened(client, made)


def stored(application: Application) -> object:
    one = Applicant.objects.get(application=application)
    application.refresh_from_db()
    return deepcopy((application.answers, one.answers))


def errors_at(application: Application, slug: str, name: str, data: dict[str, Any]) -> list[str]:
    """What the page's form says of one field, without drawing the page."""
    section = BY_SLUG[slug]
    owner = application.applicants.get() if "person" in url(application, slug) else application
    if slug in ("person", "credentials", "licences", "supervision"):
        owner = application.applicants.get()
    form = section.form(QueryDict(urlencode(data, doseq=True)), beside=owner.answers)
    assert not form.is_valid()
    return [str(message) for message in form.errors.get(name, [])]


def whole(slug: str) -> dict[str, Any]:
    more = {"authority": "None"} if slug == "licences" else {}
    return PAGES[slug] | more


def assert_plain(messages: list[str]) -> None:
    assert not [m for m in messages if re.search("invalid|please|this field", m, re.IGNORECASE)]


def assert_refused(html: str, name: str) -> None:
    assert "<title>Error: " in html
    assert Controls(html).is_marked(name), errors_of(html)
    assert errors_of(html)
    assert_plain(errors_of(html))


@pytest.mark.parametrize(("slug", "name", "row"), ROWS)
def test_wrong_values_are_refused_beside_their_field(
    client: Client, application: Application, slug: str, name: str, row: Row
) -> None:
    key, before = row.part or name, stored(application)
    data = whole(slug) | row.beside
    for value in row.bad:
        messages = errors_at(application, slug, name, data | {key: value})
        assert messages, ascii(value)
        assert_plain(messages)
    page = url(application, slug, number=2 if slug in MANY else 0)
    for value in {row.bad[0], row.bad[-1]}:
        answer = client.post(page, data | {key: value})
        assert answer.status_code == 200
        html = answer.content.decode()
        assert_refused(html, name)
        control = {c["name"]: c for c in Controls(html).named(name)}[key]
        assert control.get("type") != "text" or control.get("value", "") == value, ascii(value)
    assert stored(application) == before


def test_every_field_of_the_form_has_its_row() -> None:
    """A field added to the form needs what it must refuse."""
    assert {s.slug: set(s.form.base_fields) for s in SECTIONS} == {
        slug: set(fields) for slug, fields in CORPUS.items()
    }
    assert set(StartForm.base_fields) == set(STARTING)
    assert set(LostForm.base_fields) == {"email"}
    assert set(AgreeForm.base_fields) == {"typed_name"}
    assert set(GiveForm.base_fields) == {"answer_text"}


@pytest.mark.parametrize("slug", [section.slug for section in SECTIONS])
def test_an_answer_sent_twice_is_refused(
    client: Client, application: Application, slug: str
) -> None:
    before = stored(application)
    name = next(iter(PAGES[slug]))
    data = whole(slug) | {name: [PAGES[slug][name]] * 2}
    page = url(application, slug, number=2 if slug in MANY else 0)
    html = client.post(page, data).content.decode()
    assert_refused(html, re.sub(r"_\d$", "", name))
    assert stored(application) == before


@pytest.mark.parametrize("slug", [section.slug for section in SECTIONS])
def test_fields_left_out_or_sent_as_lists_never_break_a_page(
    client: Client, application: Application, slug: str
) -> None:
    page = url(application, slug, number=2 if slug in MANY else 0)
    for name in PAGES[slug]:
        data = {key: value for key, value in whole(slug).items() if key != name}
        for one in (data, data | {f"{name}[]": "x"}, {f"{name}[0]": "x"}):
            assert client.post(page, one).status_code in (200, 302)


@pytest.mark.parametrize("name", list(STARTING))
def test_the_first_page_refuses_what_it_cannot_use(client: Client, name: str) -> None:
    for value in STARTING[name]:
        html = client.post(reverse("apply:begin"), START | {name: value}).content.decode()
        assert_refused(html, name)
    assert not Application.objects.exists()


def test_a_link_is_asked_for_with_an_address_alone(client: Client) -> None:
    for value in ["", *_MAIL]:
        html = client.post(reverse("apply:lost"), {"email": value}).content.decode()
        assert_refused(html, "email")


def test_agreements_need_every_tick_and_the_right_name(
    client: Client, application: Application
) -> None:
    page = reverse("apply:agreements", args=[application.reference])
    ticks = re.findall(r'name="(accept_\w+)"', client.get(page).content.decode())
    good = dict.fromkeys(ticks, "on") | {"typed_name": "Cora Newcomer"}
    for tick in ticks:
        html = client.post(page, {k: v for k, v in good.items() if k != tick}).content.decode()
        assert_refused(html, tick)
    for value in ["", "Cora", "Newcomer", "Dora Newcomer", "１２", *text(120)]:
        assert_refused(
            client.post(page, good | {"typed_name": value}).content.decode(), "typed_name"
        )
    assert not Acceptance.objects.exists()


def test_what_a_page_does_not_ask_for_is_not_stored(
    client: Client, application: Application
) -> None:
    extra = {
        "status": "approved", "decision": "approved", "npi": "1558598797", "answers": "{}",
        "pk": "1", "_typed": "x", "practice": "1", "started_by": "1",
    }  # fmt: skip
    before = stored(application)
    assert client.post(url(application, "delivery"), PAGES["delivery"] | extra).status_code == 302
    application.refresh_from_db()
    assert set(application.answers["delivery"]) == set(CORPUS["delivery"])
    assert (application.status, application.practice_id) == ("draft", None)
    assert application.applicants.get().npi == before[1]["credentials"]["npi"]  # type: ignore[index]


@pytest.mark.parametrize("number", [0, 3, 21, 999_999_999])
def test_a_row_that_cannot_be_there_is_not(
    client: Client, application: Application, number: int
) -> None:
    at = [application.reference, "practice", "ship_to", number]
    assert client.post(reverse("apply:row", args=at), SHIP_TO).status_code == 404


@pytest.mark.parametrize("value", ["", "0", "-1", "1e3", "４", "9" * 40, "a\x00b"])
def test_any_version_but_the_shown_one_sends_nothing(
    client: Client, application: Application, value: str
) -> None:
    page = reverse("apply:send", args=[application.reference])
    assert client.post(page, {"version": value}).status_code == 409
    application.refresh_from_db()
    assert application.status == "draft"


def test_typed_text_of_any_kind_is_kept_or_refused_whole(
    client: Client, application: Application
) -> None:
    page = reverse("apply:keep", args=[application.reference, "practice", "practice", 0])
    for value in [*text(100), "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")]:
        assert client.post(page, {"name": value}).status_code in (204, 409)
        assert client.get(url(application, "practice")).status_code == 200
    assert client.post(page, {"name": "x" * 200_000}).status_code == 409


@pytest.mark.parametrize("broken", ["NA-%00", "%00", "%F0%9F%98%80", "NA-1234567%00", "x" * 500])
def test_a_broken_reference_is_not_there(broken: str) -> None:
    browser = Client()
    opened(browser, draft_application())
    for page in ("", "papers/", "papers/1/open/", "practice/practice/", "1/licences/1/"):
        assert browser.get(f"/apply/{broken}/{page}").status_code == 404
