"""The order form as a browser without scripts sends it: rows, stops, drafts, and the live check."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from formulary.services import load_formulary
from orders.models import Order, Patient
from orders.status import Status
from tests.conftest import Cast
from tests.factories import draft_of, draft_step, signed_order
from tests.orders.pages import (
    STEPS,
    Controls,
    errors_of,
    order_data,
    patient_of,
    sign_in,
    signing_data,
)

pytestmark = pytest.mark.django_db
TOKEN = UUID("7d4f6a3e-0c1b-4a52-9c8e-2f6f0a9d1b11")
ADDRESS = f"/orders/new/{TOKEN}/"


@pytest.fixture
def client(cast: Cast) -> Client:
    return sign_in(cast.ada)


def doses(html: str) -> list[str]:
    found = [
        c for c in Controls(html).controls if re.fullmatch(r"steps-\d+-dose", c.get("name", ""))
    ]
    return [control.get("value", "") for control in found]


def focused(html: str) -> list[str]:
    return [c["name"] for c in Controls(html).controls if "autofocus" in c]


def page(client: Client, data: dict[str, Any], address: str = ADDRESS) -> str:
    """The form as it comes back."""
    answer = client.post(address, data)
    assert answer.status_code == 200
    return answer.content.decode()


# --- From typing to sending ------------------------------------------------------------------------
def test_an_order_is_typed_reviewed_signed_and_shown(client: Client, cast: Cast) -> None:
    answer = client.get("/orders/new/", follow=True)
    address = answer.redirect_chain[-1][0]
    answer = client.post(address, order_data(cast), follow=True)
    order = Order.objects.get()
    assert answer.redirect_chain[-1][0] == f"/orders/{order.reference}/review/"
    answer = client.post(f"/orders/{order.reference}/sign/", signing_data(answer), follow=True)
    assert answer.redirect_chain[-1][0] == f"/orders/{order.reference}/"
    order.refresh_from_db()
    assert order.status == Status.SUBMITTED
    assert "The pharmacy has this order" in answer.content.decode()


def test_every_visit_to_new_order_gets_a_form_of_its_own(client: Client) -> None:
    first, second = (client.get("/orders/new/").headers["Location"] for _ in range(2))
    assert first != second


def test_the_blank_form_prefers_nothing_clinical(client: Client) -> None:
    """F38: no default for product, dose, frequency, allergies, opioids or treatment.

    Where orders go and who pays as a rule is the practice's own setting.
    """
    controls = Controls(client.get(ADDRESS).content.decode()).controls
    checked = [c["name"] for c in controls if "checked" in c]
    assert checked == ["ship_to", "bill_to", "urgency"]
    typed = [c["name"] for c in controls if c.get("type") == "text" and c.get("value")]
    assert typed == []


def test_a_new_patient_is_stored_with_the_draft(client: Client, cast: Cast) -> None:
    new = {
        "patient_kind": "new", "patient": "", "family_name": " O’Hara ", "given_name": "Núria",
        "birth_date_0": "february", "birth_date_1": "29", "birth_date_2": "1980",
        "sex": "female", "address": "12 Example Road", "city": "Sampleton", "state": "NC",
        "zip_code": "27514 ", "phone": "+1 555.555.0142",
    }  # fmt: skip
    client.post(ADDRESS, order_data(cast) | new)
    patient = Patient.objects.get(family_name="O’Hara")
    assert patient.practice == cast.practice
    assert (patient.zip_code, patient.phone) == ("27514", "(555) 555-0142")
    assert patient.allergies == ""  # the record changes with a signature alone
    assert Order.objects.get().patient == patient


def test_answers_may_be_left_open_in_a_draft(client: Client, cast: Cast) -> None:
    open_answers = {
        "treatment_status": "",
        "allergies": "",
        "medicines_answer": "",
        "opioid_use": "",
    }
    answer = client.post(ADDRESS, order_data(cast) | open_answers, follow=True)
    order, html = Order.objects.get(), answer.content.decode()
    assert order.medicines is None
    assert html.count("Not answered") >= 4
    assert 'name="password"' not in html
    assert "Sign and send" not in html


def test_a_burn_code_is_typed_in_full(client: Client, cast: Cast) -> None:
    burn = {"diagnosis": "burn-injury|T22", "icd_code": "t22 011d", "reason": "other"}
    client.post(ADDRESS, order_data(cast) | burn | {"reason_text": "No alcohol in the vehicle"})
    order = Order.objects.get()
    assert order.indication is not None
    assert (order.icd_code, order.indication.slug) == ("T22.011D", "burn-injury")
    controls = Controls(client.get(f"/orders/{order.reference}/edit/").content.decode())
    chosen = [c["value"] for c in controls.named("diagnosis_code") if "checked" in c]
    assert chosen == ["T22.011D"]


def test_a_delegate_prepares_for_a_prescriber(cast: Cast) -> None:
    client = sign_in(cast.nils)
    data = order_data(cast) | {"prescriber": cast.ada.prescriber.npi}
    html = client.post(ADDRESS, data, follow=True).content.decode()
    order = Order.objects.get()
    assert (order.prescriber, order.prepared_by) == (cast.ada.prescriber, cast.nils)
    assert "Ready for Ada Sample, MD to sign" in html
    assert 'name="password"' not in html


# --- Stops -----------------------------------------------------------------------------------------
def test_a_dose_outside_the_range_is_refused_at_its_field(client: Client, cast: Cast) -> None:
    steps = [("1.5", "1", "bedtime", "14"), ("5.5", "1", "bedtime", "")]
    html = page(client, order_data(cast, steps=steps, product="LDN-CAP-0.5"))
    assert "<title>Error: New order" in html
    (message,) = errors_of(html)
    for part in ("Step 2", "5.5 mg a day", "documented range", "0.5 mg to 5 mg a day"):
        assert part in message
    assert 'href="#id_steps-1-dose"' in html
    assert "Change dose" in html
    assert Controls(html).is_marked("steps-1-dose")
    assert doses(html) == ["1.5", "5.5"]
    assert not Order.objects.exists()


def test_the_upper_end_of_the_range_is_accepted(client: Client, cast: Cast) -> None:
    steps = [("5", "1", "bedtime", "")]
    data = order_data(cast, steps=steps, product="LDN-CAP-0.5", treatment_status="continuing")
    assert client.post(ADDRESS, data).status_code == 302


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"opioid_use": "now"}, "opioid_use", "withdrawal"),
        ({"medicines_answer": "listed", "medicines": "tramadol"}, "medicines", "tramadol"),
        ({"days_supply": "28"}, "steps-2-days", "at least 1 day"),
        ({"steps-0-days": ""}, "steps-0-days", "Only the last step"),
        ({"steps-2-days": "10"}, "days_supply", "38 of 90 days"),
        ({"steps-1-dose": "2"}, "steps-1-dose", "cannot be made"),
        ({"steps-1-times_per_day": "2"}, "steps-1-timing", "time of day"),
    ],
)
def test_a_stop_stands_beside_what_caused_it(
    client: Client, cast: Cast, more: dict[str, str], field: str, words: str
) -> None:
    html = page(client, order_data(cast) | more)
    assert Controls(html).is_marked(field), errors_of(html)
    assert any(words in message for message in errors_of(html))
    assert not Order.objects.exists()


def test_every_link_of_the_summary_leads_to_a_control(client: Client, cast: Cast) -> None:
    html = page(client, {"steps-0-dose": "55", "medicines_answer": "listed"})
    summary = re.search(r'class="error-summary".*?</ul>', html, re.DOTALL)
    assert summary
    targets = re.findall(r'href="#([^"]+)"', summary[0])
    assert len(targets) == len(errors_of(html)) > 5
    assert set(targets) <= Controls(html).ids


def test_a_titration_that_ends_has_no_refills(client: Client, cast: Cast) -> None:
    ended = [*STEPS[:2], ("4.5", "1", "bedtime", "62")]
    html = page(client, order_data(cast, steps=ended))
    assert Controls(html).is_marked("refills")
    assert client.post(ADDRESS, order_data(cast, steps=ended, refills="0")).status_code == 302


# --- The buttons of the rows ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("button", "expected", "focus"),
    [
        ({"add_step": "1"}, ["1.5", "abc", "4.5", ""], "steps-3-dose"),
        ({"remove_step": "2"}, ["1.5", "4.5"], "steps-0-dose"),
        ({"remove_step": "1"}, ["abc", "4.5"], "steps-0-dose"),
        ({"up_step": "3"}, ["1.5", "4.5", "abc"], "steps-1-dose"),
        ({"down_step": "1"}, ["abc", "1.5", "4.5"], "steps-1-dose"),
    ],
)
def test_rows_are_added_removed_and_moved_without_a_script(
    client: Client, cast: Cast, button: dict[str, str], expected: list[str], focus: str
) -> None:
    """Wrong values are kept, nothing is judged, and the focus goes where the change was."""
    html = page(client, order_data(cast) | {"steps-1-dose": "abc", "note": "5 mg"} | button)
    assert doses(html) == expected
    assert focused(html) == [focus]
    assert errors_of(html) == []
    assert "<title>New order" in html
    assert "5 mg</textarea>" in html


def test_the_last_row_stays_and_the_twenty_first_is_not_offered(client: Client, cast: Cast) -> None:
    one = order_data(cast, steps=STEPS[:1])
    assert doses(page(client, one | {"remove_step": "1"})) == [""]
    twenty = order_data(cast, steps=[("1.5", "1", "bedtime", "1")] * 20)
    html = page(client, twenty | {"add_step": "1"})
    assert len(doses(html)) == 20
    assert 'name="add_step"' not in html


def test_a_usual_titration_fills_the_rows(client: Client, cast: Cast) -> None:
    template = load_formulary().templates[0]
    html = page(client, {"patient_kind": "new", "use_template": "1", "titration": template.slug})
    assert doses(html) == ["1.5", "3", "4.5"]
    controls = Controls(html)
    assert controls.named("days_supply")[0]["value"] == str(template.days_supply)
    chosen = [c["value"] for c in controls.named("product") if "checked" in c]
    assert chosen == [template.product]
    assert errors_of(html) == []


def test_a_large_practice_finds_its_patients_by_name(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.forms.patient.LISTED_AT_MOST", 2)
    rosa, *others = (patient_of(cast.practice) for _ in range(4))
    Patient.objects.filter(pk=rosa.pk).update(family_name="Rosales")
    html = page(
        client, order_data(cast, others[0]) | {"patient_filter": "ros", "find_patient": "1"}
    )
    listed = re.findall(r'<option value="(PT-[0-9A-Z]{8})"', html)
    assert listed == [others[0].reference, rosa.reference]


# --- Sent twice, sent late -----------------------------------------------------------------------------
def test_the_same_form_sent_twice_makes_one_order(client: Client, cast: Cast) -> None:
    data = order_data(cast)
    first, second = client.post(ADDRESS, data), client.post(ADDRESS, data)
    assert first.headers["Location"] == second.headers["Location"]
    assert Order.objects.count() == 1


def test_the_same_form_with_other_content_is_told_which_order_it_made(
    client: Client, cast: Cast
) -> None:
    data = order_data(cast)
    client.post(ADDRESS, data)
    answer = client.post(ADDRESS, data | {"refills": "3"})
    order = Order.objects.get()
    assert answer.status_code == 409
    assert f'href="/orders/{order.reference}/"' in answer.content.decode()
    assert order.refills == 2


def test_going_back_to_the_form_opens_what_was_saved(client: Client, cast: Cast) -> None:
    """F09: browser Back returns the saved values."""
    client.post(ADDRESS, order_data(cast, note="Call before shipping"))
    answer = client.get(ADDRESS, follow=True)
    order = Order.objects.get()
    assert answer.redirect_chain[-1][0] == f"/orders/{order.reference}/edit/"
    html = answer.content.decode()
    assert doses(html) == ["1.5", "3", "4.5"]
    assert "Call before shipping</textarea>" in html


def test_a_draft_is_changed_and_keeps_every_answer(client: Client, cast: Cast) -> None:
    order = draft_of(
        cast.ada, medicines="metformin\nfolate", allergies="listed", allergies_text="latex",
        steps=(draft_step("1.5", "LDN-CAP-1.5", days=10), draft_step("4.5")),
    )  # fmt: skip
    address = f"/orders/{order.reference}/edit/"
    controls = Controls(client.get(address).content.decode())
    sent = {c["name"]: c.get("value", "") for c in controls.controls if c.get("type") == "text"}
    sent["version"] = controls.named("version")[0]["value"]
    chosen = order_data(cast, order.patient, steps=[])
    sent |= {k: v for k, v in chosen.items() if k not in sent} | {
        "medicines_answer": "listed", "medicines": "metformin\nfolate", "allergies": "listed",
        "allergies_text": "latex", "treatment_status": "continuing", "product": "LDN-CAP-1.5",
        "steps-0-timing": "bedtime", "steps-1-timing": "bedtime", "steps-0-product": "",
        "steps-1-product": "LDN-CAP-4.5", "refills": "1",
    }  # fmt: skip
    assert client.post(address, sent).status_code == 302
    order.refresh_from_db()
    assert order.refills == 1
    assert [(s.product.code, s.days) for s in order.steps.all()] == [
        ("LDN-CAP-1.5", 10),
        ("LDN-CAP-4.5", None),
    ]
    assert order.medicine_list == ("metformin", "folate")


@pytest.mark.parametrize("version", ["0", "7", "", "x", "a\x00b"])
def test_a_draft_changed_meanwhile_is_not_overwritten(
    client: Client, cast: Cast, version: str
) -> None:
    order = draft_of(cast.ada)
    data = order_data(cast, order.patient) | {"version": version}
    assert client.post(f"/orders/{order.reference}/edit/", data).status_code == 409
    order.refresh_from_db()
    assert order.days_supply == 30


def test_a_signed_order_is_no_longer_edited(client: Client, cast: Cast) -> None:
    order = signed_order(cast.ada)
    address = f"/orders/{order.reference}/edit/"
    assert client.get(address).headers["Location"] == f"/orders/{order.reference}/"
    data = order_data(cast, order.patient) | {"version": str(order.version)}
    assert client.post(address, data).status_code == 409


def test_pages_hold_no_number_control_no_required_and_no_inline_code(
    client: Client, cast: Cast
) -> None:
    for html in (
        client.get(ADDRESS).content.decode(),
        page(client, order_data(cast) | {"note": "<"}),
    ):
        assert 'type="number"' not in html
        assert not re.search(r'<[^>]+\s(?:required|placeholder|style|on[a-z]+|hx-on[^=]*)="', html)
        assert html.count("<form") == html.count("novalidate")


def test_the_token_of_another_person_is_free(client: Client, cast: Cast) -> None:
    client.post(ADDRESS, order_data(cast))
    other = sign_in(cast.ben)
    assert other.get(ADDRESS).status_code == 200
    token = uuid4()
    assert other.get(f"/orders/new/{token}/").status_code == 200
