"""No name of a patient in addresses, titles, events, logs or file names; markup stays text."""

from __future__ import annotations

import logging
import re
from datetime import date
from typing import Any

import pytest

from events.models import Event
from orders.models import Patient
from orders.services import patient_imports
from tests.conftest import Cast
from tests.factories import PatientFactory
from tests.orders.corpus import UNKNOWN, UNPRINTABLE, text
from tests.orders.pages import sign_in
from tests.patients.lists import people, read_now, row
from tests.patients.test_records import PERSON

pytestmark = pytest.mark.django_db
CANARY = "Canaryfield"


def test_titles_addresses_events_and_logs_hold_numbers_alone(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = sign_in(cast.ada)
    made = client.post("/patients/new/", PERSON | {"family_name": CANARY})
    patient = Patient.objects.get(family_name=CANARY)
    other = PatientFactory(practice=cast.practice, family_name=CANARY, given_name="Kim")
    url = made.headers["Location"]
    client.post(f"{url}change/", PERSON | {"family_name": CANARY, "version": "1", "city": CANARY})
    client.post(f"{url}answers/", {"version": "2", "allergies": "listed", "allergies_text": CANARY})
    batch = patient_imports.keep(
        people([row(family_name=CANARY, given_name="Lee"), row(family_name=CANARY, zip_code="1")]),
        encoding="utf-8", by=cast.ada,
    )  # fmt: skip
    batch = read_now(batch)
    listing = f"/patients/import/{batch.reference}/"
    pages = ["/patients/", url, f"{url}history/", f"{url}change/", f"{url}answers/",
             f"{url}merge/", f"{url}merge/{other.reference}/", listing, "/patients/import/"]  # fmt: skip
    for path in pages:
        html = client.get(path).content.decode()
        title = html[html.index("<title>") : html.index("</title>")]
        assert CANARY not in title, path
        for attribute in re.findall(r'(?:href|action|hx-get|src)="([^"]*)"', html):
            assert CANARY not in attribute, path
    client.post(f"{listing}start/", {"version": batch.version})
    done = read_now(batch)
    assert CANARY not in client.get(listing).content.decode()
    assert CANARY not in str(list(Event.objects.values()))
    # What is logged: the statements of the test's own database aside.
    told = [r.getMessage() for r in caplog.records if not r.name.startswith("django.db")]
    assert CANARY not in " ".join(told)
    assert (done.made, patient.reference in str(pages)) == (1, True)


def _sent(name: str, value: Any) -> dict[str, Any]:
    return PERSON | {"version": "1"} | {name: value}


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("family_name", ["", "12", *text(60)]), ("given_name", ["", "12", *text(60)]),
        ("birth_date_0", ["", "13", *UNKNOWN]), ("birth_date_1", ["", "32", "０１", *UNKNOWN]),
        ("birth_date_2", ["", "80", "3000", "1700", *UNKNOWN]), ("sex", ["", *UNKNOWN]),
        ("address", ["", *UNPRINTABLE, "x" * 121]), ("city", ["", "1", "x" * 61]),
        ("state", ["", "ZZ", *UNKNOWN]), ("zip_code", ["", "1234", "1" * 300]),
        ("phone", ["", "555", *UNKNOWN]), ("anyway", []), ("version", ["0", "-1", "", "1_0", "x"]),
    ],
)  # fmt: skip
def test_no_field_of_a_record_takes_what_is_wrong(cast: Cast, name: str, bad: list[str]) -> None:
    patient = PatientFactory(practice=cast.practice)
    before = Patient.objects.filter(pk=patient.pk).values().get()
    client, url = sign_in(cast.ada), f"/patients/{patient.reference}/change/"
    for value in [*bad, ["Double", "Double"]] if name not in ("anyway",) else bad:
        answer = client.post(url, _sent(name, value))
        assert answer.status_code == (409 if name == "version" else 200), ascii(value)[:60]
        if name != "version":
            assert 'role="alert"' in answer.content.decode()
    assert Patient.objects.filter(pk=patient.pk).values().get() == before


@pytest.mark.parametrize(
    ("name", "bad", "beside"),
    [
        ("allergies", UNKNOWN, {}),
        ("allergies_text", [*text(300), "5.0 mg"], {"allergies": "listed"}),
        ("medicines_answer", UNKNOWN, {}),
        ("medicines", text(1000), {"medicines_answer": "listed"}),
        ("cautions", [*UNKNOWN, ["none", "pregnant"]], {}),
        ("procedure_on_2", ["1999", "3000", "x"],
         {"cautions": ["procedure"], "procedure_on_0": "1", "procedure_on_1": "2"}),
        ("opioid_use", UNKNOWN, {}),
        ("opioid_kind", UNKNOWN, {"opioid_use": "now"}),
        ("opioid_last_use_2", ["3000", "x"],
         {"opioid_use": "within_30_days", "opioid_last_use_0": "1", "opioid_last_use_1": "2"}),
        ("weight_kg", ["0", "-1", "1e2", "NaN", "70,5", "٧٠", "1000"], {}),
        ("height_cm", ["0", "1e2", "Infinity", "500"], {}),
        ("asked_again", [], {}),
    ],
)  # fmt: skip
def test_no_clinical_answer_takes_what_is_wrong(
    cast: Cast, name: str, bad: list[Any], beside: dict[str, Any]
) -> None:
    patient = PatientFactory(practice=cast.practice, birth_date=date(1980, 1, 1))
    before = Patient.objects.filter(pk=patient.pk).values().get()
    client, url = sign_in(cast.ada), f"/patients/{patient.reference}/answers/"
    for value in bad:
        answer = client.post(url, {"version": "1"} | beside | {name: value})
        assert answer.status_code == 200, ascii(value)[:60]
        assert 'role="alert"' in answer.content.decode(), ascii(value)[:60]
    assert Patient.objects.filter(pk=patient.pk).values().get() == before
