"""Every field of the prescriber's pages against what it must refuse, beside the field, storing nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from accounts.models import User
from formulary.services import load_formulary
from orders.forms.page import OrderPage
from orders.models import Order, Patient
from tests.conftest import Cast
from tests.orders.corpus import NUMBERS, UNKNOWN, UNPRINTABLE, some, text
from tests.orders.pages import (
    Controls,
    errors_of,
    order_data,
    patient_of,
    sign_in,
)

pytestmark = pytest.mark.django_db

NEW_PATIENT = {
    "patient_kind": "new", "patient": "", "family_name": "Sampleton", "given_name": "Rosa",
    "birth_date_0": "Nov", "birth_date_1": "22", "birth_date_2": "1980", "sex": "female",
    "address": "12 Example Road", "city": "Sampleton", "state": "NC", "zip_code": "27514",
    "phone": "(555) 555-0142",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """What one field must refuse. `beside`: the other answers it needs. `part`: key of a date's part."""

    bad: list[str]
    beside: dict[str, str] = field(default_factory=dict)
    part: str = ""


def new(bad: list[str], part: str = "") -> Row:
    return Row(bad, NEW_PATIENT, part)


_LISTED = {"medicines_answer": "listed"}
_DATE_BESIDE = {
    "opioid_use": "within_30_days", "opioid_kind": "short_acting", "opioid_last_use_0": "1",
    "opioid_last_use_1": "1", "opioid_last_use_2": "2026",
}  # fmt: skip
_MONTHS = ["13", "0", "Foo", "1e1", "-1", "４", "a\x00b", "ma", ""]
_DAYS = ["0", "32", "NaN", "1.0", "-1", "４", "a\u202eb", ""]
_YEARS = ["80", "19800", "１９８０", "1e3", "0", "9999", "a\x07b", ""]
_NEXT_YEAR = str(timezone.localdate().year + 1)
_SOON = dict(zip((f"effective_on_{at}" for at in range(3)), ("1", "1", _NEXT_YEAR), strict=True))
_PROCEDURE = {
    "cautions": "procedure", "procedure_on_0": "1", "procedure_on_1": "1",
    "procedure_on_2": _NEXT_YEAR,
}  # fmt: skip
_LAST_DOSE = {
    "medicines_answer": "listed", "medicines": "ReVia", "naltrexone_last_dose_0": "1",
    "naltrexone_last_dose_1": "1", "naltrexone_last_dose_2": "2026",
}  # fmt: skip
_BURN = {"diagnosis": "burn-injury|T22"}
PAGE: dict[str, list[Row]] = {
    "patient_kind": [Row(["", *UNKNOWN])],
    "patient_filter": [],  # shown to large practices; read by Find alone, see below
    "patient": [Row(["", *UNKNOWN, "PT-00000000", "pt-1", "PT-0000000O\n"])],
    "family_name": [new(["", "１２", "4,5", "-1", "...", *text(60)])],
    "given_name": [new(["", "１２", "4,5", "-1", "...", *text(60)])],
    "birth_date": [
        new(_MONTHS, "birth_date_0"), new(_DAYS, "birth_date_1"),
        new([*_YEARS, "1899", "2999"], "birth_date_2"), new(["31"], "birth_date_1"),
    ],
    "sex": [new(["", *UNKNOWN])],
    "address": [new(["", "12", "４.５", *text(120)])],
    "city": [new(["", "12", *text(60)])],
    "state": [new(["", "nc", "ZZ", "North Carolina", *UNKNOWN])],
    "zip_code": [new(["", "2751", "275145", "2７514", "abcde", "27514-", "1e300", *text(20)])],
    "phone": [
        new(["", "555-0123", "+44 20 7946 0018", "５５５５５５０１２３", "1e3", "NaN", "abc",
             "555 555 0123 ext. 4", "1" * 30, *text(40)])
    ],
    "prescriber": [],  # asked of delegates alone, see below
    "product": [Row(["", *UNKNOWN, "LDN-CAP-50"])],
    "days_supply": [Row(["", "0", "366", "9" * 30, *NUMBERS, *text(9)])],
    "refills": [Row(["", "12", "9" * 30, *NUMBERS, *text(9)])],
    "effective_on": [
        Row([*_MONTHS, *UNKNOWN], _SOON, "effective_on_0"), Row(_DAYS, _SOON, "effective_on_1"),
        Row([*_YEARS, "2001", "2999"], _SOON, "effective_on_2"),
    ],
    "avoid": [Row([*text(200), "lactose 5.0", "5 mg of lactose", "lactose QD"])],
    "diagnosis_search": [Row(["", *text(200), "no such thing"], {"diagnosis": ""})],
    "diagnosis_code": [],  # its messages stand at the search, see below
    "diagnosis": [
        Row(["psoriasis", "psoriasis|L80", "|", "nothing|L40.0", "burn-injury|T20.0", *UNKNOWN])
    ],
    "rationale": [Row([*text(300), "takes 5 mg", "naltrexone QD"])],
    "obstruction_excluded": [Row(UNKNOWN)],
    "icd_code": [
        Row(["", "T22", "T22.01", "T20.011D", "T22.011DD", "T22.0１1D", "L40.0", *text(20)], _BURN),
        Row(["T22.011D", "L40.1"]),
    ],
    "reason": [Row(["", *UNKNOWN, "entered_in_error"])],
    "reason_text": [
        Row(["", "too short", "It costs much less.", *text(300)], {"reason": "other"}),
        Row(["Needs 5.0 here, or so it seems", "Takes .5 more than usual now"], {"reason": "other"}),
    ],
    "treatment_status": [Row(UNKNOWN)],
    "allergies": [Row(UNKNOWN), Row(["none_known", ""], {"allergies_text": "penicillin"})],
    "allergies_text": [Row(["", "latex QD", *text(300)], {"allergies": "listed"})],
    "medicines_answer": [Row(UNKNOWN), Row(["none", ""], {"medicines": "metformin"})],
    "medicines": [
        Row(["", "folate 5 µg", "insulin 10 U", "codeine 5.0 mg", "codeine .5 mg", "a cc of b",
             "metformin QD", "metformin q.d.", "metformin qhs", *text(1000)], _LISTED)
    ],
    "cautions": [
        Row([*UNKNOWN, "None"]),
        Row(["depression", ""], _PROCEDURE),
    ],
    "procedure_on": [
        Row([*_MONTHS, *UNKNOWN], _PROCEDURE, "procedure_on_0"), Row(_DAYS, _PROCEDURE, "procedure_on_1"),
        Row([*_YEARS, "2001", "2999"], _PROCEDURE, "procedure_on_2"),
    ],
    "changed": [],  # asked where something is on record: tests/orders/test_form_record.py
    "naltrexone_last_dose": [
        Row(_MONTHS, _LAST_DOSE, "naltrexone_last_dose_0"),
        Row(_DAYS, _LAST_DOSE, "naltrexone_last_dose_1"),
        Row([*_YEARS, "2999"], _LAST_DOSE, "naltrexone_last_dose_2"),
    ],
    "weight_kg": [Row(["0", "0.5", "401", "32,5", "32.555", "32 kg", "9" * 30, *NUMBERS, *text(20)])],
    "height_cm": [Row(["0", "29", "251", "120.55", "4'2\"", *NUMBERS, *text(20)])],
    "opioid_use": [
        Row(UNKNOWN), Row(["never", ""], {"opioid_kind": "short_acting"}),
    ],
    "opioid_kind": [Row(UNKNOWN, {"opioid_use": "within_30_days"})],
    "opioid_last_use": [
        Row(_MONTHS, _DATE_BESIDE, "opioid_last_use_0"),
        Row(_DAYS, _DATE_BESIDE, "opioid_last_use_1"),
        Row([*_YEARS, "2999"], _DATE_BESIDE, "opioid_last_use_2"),
    ],
    "seen_where": [Row([*UNKNOWN, "location-0", "location-999999", "location-"])],
    "seen_state": [Row(["nc", "ZZ", *UNKNOWN], {"seen_where": "telehealth"})],
    "ship_to": [Row(["", *UNKNOWN, "location-0"])],
    "bill_to": [Row(["", "insurance", *UNKNOWN])],
    "urgency": [Row(["", *UNKNOWN]), Row(["routine"], {"urgent_reason": "travel"})],
    "urgent_reason": [Row(["", "other", *UNKNOWN], {"urgency": "urgent"})],
    "note": [
        Row([*text(210), "give 5 mg", "4.5mg at night", "one capsule", "2 capsules daily", "3 mL",
             "1500 mcg", "½ cc", "QD"])
    ],
    "steps-0-dose": [
        Row(["", *NUMBERS, ".5", "5.", "5.0", "4.50", "00005", "0", "0.0", "4.5 mg", "4..5", "1 5",
             "1234567", "0.0001", "45", "50", "450", "0.4", "5.1", "2", *text(200)])
    ],
    "steps-0-times_per_day": [Row(["", "0", "25", *NUMBERS, *text(9)])],
    "steps-0-timing": [Row(["", "morning_and_bedtime", "at bedtime", *UNKNOWN])],
    "steps-0-days": [Row(["", "0", "366", *NUMBERS, *text(9)])],
    "steps-0-product": [Row(["LDN-CAP-50", "LDN-CAP-1.5 ", *UNKNOWN])],
}  # fmt: skip


def stored() -> tuple[int, int]:
    return Order.objects.count(), Patient.objects.count()


@pytest.fixture
def client(cast: Cast) -> Client:
    return sign_in(cast.ada)


def post(client: Client, data: dict[str, Any]) -> str:
    answer = client.post(f"/orders/new/{uuid4()}/", data)
    assert answer.status_code == 200, (answer.status_code, answer.headers.get("Location"))
    return answer.content.decode()


def assert_refused(html: str, name: str) -> None:
    assert "<title>Error: New order" in html
    assert Controls(html).is_marked(name), errors_of(html)
    assert errors_of(html)
    assert_plain(errors_of(html))


def assert_plain(messages: list[str]) -> None:
    assert not [m for m in messages if re.search("invalid|please|this field", m, re.IGNORECASE)]


def errors_at(name: str, by: User, data: dict[str, Any]) -> list[str]:
    """What the page's forms say of one field, without drawing the page."""
    page = OrderPage(by=by, formulary=load_formulary(), data=QueryDict(urlencode(data, doseq=True)))
    assert not page.is_valid()
    if name.startswith("steps-0-"):
        form, name = page.steps.forms[0], name.removeprefix("steps-0-")
        return [str(text) for text in form.errors.get(name, [])]
    part = next(part for part in page.parts if name in part.fields)
    return [str(text) for text in part.errors.get(name, [])]


ROWS = [pytest.param(name, row, id=row.part or name) for name in PAGE for row in PAGE[name]]


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_wrong_values_are_refused_beside_their_field(
    client: Client, cast: Cast, name: str, row: Row
) -> None:
    whole = order_data(cast, patient_of(cast.practice)) | row.beside
    key, before = row.part or name, stored()
    for value in some(row.bad):
        messages = errors_at(name, cast.ada, whole | {key: value})
        assert messages, ascii(value)
        assert_plain(messages)
    for value in {row.bad[0], row.bad[-1]}:
        html = post(client, whole | {key: value})
        assert_refused(html, name)
        control = {c["name"]: c for c in Controls(html).named(name)}[key]
        assert control.get("type") != "text" or control.get("value", "") == value, ascii(value)
    assert stored() == before


def test_every_field_of_the_page_has_its_row(cast: Cast) -> None:
    """A field added to the form needs what it must refuse."""
    page = OrderPage(by=cast.nils, formulary=load_formulary())
    names = {name for part in page.parts for name in part.fields}
    names |= {f"steps-0-{name}" for name in page.steps.forms[0].fields}
    assert names == set(PAGE)


@pytest.mark.parametrize("name", [name for name, rows in PAGE.items() if rows])
def test_an_answer_sent_twice_is_refused(client: Client, cast: Cast, name: str) -> None:
    row = PAGE[name][0]
    data = order_data(cast, patient_of(cast.practice)) | row.beside
    key = row.part or name
    data[key] = [data[key], data[key]]
    before = stored()
    assert_refused(post(client, data), name)
    assert stored() == before


@pytest.mark.parametrize("name", [name for name, rows in PAGE.items() if rows])
def test_a_field_left_out_or_sent_as_a_list_never_breaks_the_page(
    client: Client, cast: Cast, name: str
) -> None:
    for beside in ({}, NEW_PATIENT):
        whole = order_data(cast, patient_of(cast.practice)) | beside
        keys = [key for key in whole if key == name or key.startswith(f"{name}_")]
        data = {key: value for key, value in whole.items() if key not in keys}
        data |= {f"{key}[]": str(whole[key]) for key in keys}
        answer = client.post(f"/orders/new/{uuid4()}/", data)
        assert answer.status_code in (200, 302)


def test_a_delegate_names_a_prescriber_of_the_own_practice(cast: Cast) -> None:
    client = sign_in(cast.nils)
    patient = patient_of(cast.practice)
    for value in ["", *UNKNOWN, cast.ben.prescriber.npi]:
        assert_refused(
            post(client, order_data(cast, patient) | {"prescriber": value}), "prescriber"
        )
    data = order_data(cast, patient) | {"prescriber": cast.ada.prescriber.npi}
    assert client.post(f"/orders/new/{uuid4()}/", data).status_code == 302


def test_a_patient_of_another_practice_is_no_choice(client: Client, cast: Cast) -> None:
    foreign = patient_of(cast.other_practice)
    html = post(client, order_data(cast, foreign))
    assert_refused(html, "patient")
    assert foreign.family_name not in html


@pytest.mark.parametrize("total", ["-1", "0", "999999999", "NaN", "a\x00b", None])
@pytest.mark.parametrize("button", ["", "add_step"])
def test_a_tampered_row_count_changes_nothing(
    client: Client, cast: Cast, total: str | None, button: str
) -> None:
    """The rows that come are the rows: there is no count to believe."""
    data = order_data(cast, patient_of(cast.practice), treatment_status="continuing")
    for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS"):
        data |= {} if total is None else {f"steps-{name}": total}
    if button:
        html = post(client, data | {button: "1"})
        assert len(Controls(html).named("steps-3-dose")) == 1
        return
    assert client.post(f"/orders/new/{uuid4()}/", data).status_code == 302
    assert [str(s.dose_mg.normalize()) for s in Order.objects.get().steps.all()] == [
        "1.5",
        "3",
        "4.5",
    ]


def test_more_than_twenty_steps_are_refused(client: Client, cast: Cast) -> None:
    steps = [("1.5", "1", "bedtime", "1")] * 21
    html = post(client, order_data(cast, steps=steps))
    assert "A regimen has at most 20 steps: remove some." in errors_of(html)
    assert not Order.objects.exists()
    steps = [("1.5", "1", "bedtime", "1")] * 60
    assert "A regimen has at most 20 steps: remove some." in errors_of(
        post(client, order_data(cast, steps=steps))
    )


def test_no_row_at_all_asks_for_one(client: Client, cast: Cast) -> None:
    data = {k: v for k, v in order_data(cast).items() if not k.startswith("steps-")}
    assert_refused(post(client, data), "steps-0-dose")


@pytest.mark.parametrize("button", ["remove_step", "up_step", "down_step", "use_template"])
def test_a_button_that_names_no_row_leaves_the_rows(
    client: Client, cast: Cast, button: str
) -> None:
    whole = order_data(cast)
    for value in ["", "0", "-1", "99", "1e3", "４", "a\x00b", "x" * 500]:
        html = post(client, whole | {button: value})
        assert errors_of(html) == []
        doses = [c["value"] for n in range(3) for c in Controls(html).named(f"steps-{n}-dose")]
        assert doses == ["1.5", "3", "4.5"]


def test_the_live_check_takes_anything(client: Client, cast: Cast) -> None:
    data = order_data(cast)
    for value in ["NaN", "４", "a\x00b", "", "9" * 40]:
        everywhere = dict.fromkeys([*data, "sequence", "draft", "record_seal"], value)
        assert client.post("/orders/check/", everywhere).status_code == 200
    for name in [*data, "sequence", "draft", "record_seal"]:
        assert client.post("/orders/check/", data | {name: "a\x00b"}).status_code == 200
    assert client.post("/orders/check/", {}).status_code == 200


def test_finding_a_patient_takes_anything(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.forms.patient.LISTED_AT_MOST", 1)
    for _ in range(3):
        patient_of(cast.practice)
    for value in [*UNPRINTABLE, "x" * 500, "Sample%", "_", "'"]:
        html = post(client, order_data(cast) | {"patient_filter": value, "find_patient": "1"})
        assert errors_of(html) == []
    html = post(client, order_data(cast) | {"patient_filter": "x" * 61})
    assert_refused(html, "patient_filter")
