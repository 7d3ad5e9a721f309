"""Two records of one person become one; orders that were signed stay as they are."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from events.models import Event
from orders.models import Order, Patient
from orders.services.drafts import save_draft
from orders.services.patient_merging import CannotMerge, Merge, Side, differing, merge
from orders.services.patients import StalePatient, change, person_of
from tests.conftest import Cast
from tests.factories import PatientFactory, draft, draft_of, signed_order
from tests.orders.pages import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(cast: Cast) -> Patient:
    return PatientFactory(practice=cast.practice, family_name="Sampleton", city="Keptown")


@pytest.fixture
def gone(cast: Cast) -> Patient:
    return PatientFactory(
        practice=cast.practice, family_name="Sampleton", city="Goneville", allergies="listed",
        allergies_text="Latex", allergies_on=date(2026, 1, 5),
    )  # fmt: skip


def merged(kept: Patient, gone: Patient, by: Any, **more: Any) -> None:
    for patient in (kept, gone):
        patient.refresh_from_db()
    given: dict[str, Any] = {
        "choices": dict.fromkeys(differing(kept, gone), Side.KEPT),
        "kept_version": kept.version,
        "other_version": gone.version,
    } | more
    merge(kept, gone, by=by, merge=Merge(**given))
    for patient in (kept, gone):
        patient.refresh_from_db()


def test_what_was_chosen_is_kept_with_its_date(cast: Cast, kept: Patient, gone: Patient) -> None:
    choices = {"address": Side.KEPT, "allergies": Side.OTHER}
    assert differing(kept, gone) == list(choices)
    merged(kept, gone, cast.ada, choices=choices)
    assert (kept.city, kept.allergies_text) == ("Keptown", "Latex")
    assert kept.allergies_on == date(2026, 1, 5)
    assert gone.merged_into == kept
    event = Event.objects.get(kind="patient.merged")
    assert event.data["merged"] == gone.reference
    assert "Latex" not in str(event.data)


def test_drafts_move_and_signed_orders_stay(cast: Cast, kept: Patient, gone: Patient) -> None:
    signed, mine = signed_order(cast.ada, patient=gone), draft_of(cast.ada, patient=gone)
    content = signed.signature.content
    merged(kept, gone, cast.ada)
    assert Order.objects.get(pk=mine.pk).patient == kept
    assert Order.objects.get(pk=signed.pk).patient == gone
    assert Order.objects.get(pk=signed.pk).signature.content == content
    assert set(Order.objects.of_person(kept)) == {signed, mine}


def test_the_record_put_away_is_nowhere_and_its_page_leads_on(
    cast: Cast, kept: Patient, gone: Patient
) -> None:
    merged(kept, gone, cast.ada)
    client = sign_in(cast.ada)
    assert gone.reference not in client.get("/patients/").content.decode()
    answer = client.get(f"/patients/{gone.reference}/")
    assert answer.headers["Location"] == f"/patients/{kept.reference}/"
    page = client.get(answer.headers["Location"]).content.decode()
    assert f"{gone.reference} was merged into this record" in page
    history = client.get(f"/patients/{kept.reference}/history/").content.decode()
    assert f"{gone.reference} merged by {cast.ada.name}" in history
    assert client.get(f"/patients/{gone.reference}/history/").status_code == 200
    for part in ("change/", "answers/", "merge/"):
        assert client.get(f"/patients/{gone.reference}/{part}").status_code == 409


def test_a_draft_for_a_record_put_away_goes_to_the_kept_one(
    cast: Cast, kept: Patient, gone: Patient
) -> None:
    """The form was open while somebody merged."""
    typed = draft(cast.ada, patient=gone)
    merged(kept, gone, cast.ada)
    order = save_draft(typed, by=cast.ada, token=uuid4())
    assert Order.objects.get(pk=order.pk).patient_id == kept.pk


def test_a_chain_of_merges_ends_at_one_record(cast: Cast, kept: Patient, gone: Patient) -> None:
    first = PatientFactory(practice=cast.practice, family_name="Sampleton")
    order = signed_order(cast.ada, patient=first)
    merged(gone, first, cast.ada)
    merged(kept, gone, cast.ada)
    first.refresh_from_db()
    assert first.merged_into == kept
    assert list(Order.objects.of_person(kept)) == [order]


def test_a_record_merges_neither_with_itself_nor_twice(
    cast: Cast, kept: Patient, gone: Patient
) -> None:
    with pytest.raises(CannotMerge, match="itself"):
        merged(kept, kept, cast.ada)
    merged(kept, gone, cast.ada)
    with pytest.raises(StalePatient):
        merged(kept, gone, cast.ada)


def test_records_of_two_practices_stay_two(cast: Cast, kept: Patient) -> None:
    foreign = PatientFactory(practice=cast.other_practice)
    for one, other, by in ((kept, foreign, cast.ada), (foreign, kept, cast.ada)):
        with pytest.raises(PermissionDenied):
            merged(one, other, by)
    url = f"/patients/{kept.reference}/merge/{foreign.reference}/"
    assert sign_in(cast.ada).get(url).status_code == 404


def test_what_changed_since_the_preview_stops_the_merge(
    cast: Cast, kept: Patient, gone: Patient
) -> None:
    change(gone, person_of(PatientFactory(practice=cast.practice)), by=cast.ada, version=1)
    with pytest.raises(StalePatient):
        merge(kept, gone, by=cast.ada, merge=Merge({}, kept_version=1, other_version=1))
    gone.refresh_from_db()
    assert gone.merged_into is None


def test_an_open_choice_stops_the_merge(cast: Cast, kept: Patient, gone: Patient) -> None:
    with pytest.raises(CannotMerge, match="Choose what to keep"):
        merged(kept, gone, cast.ada, choices={"address": Side.KEPT})


def test_other_birth_dates_are_said_to_be_the_same_person(cast: Cast, kept: Patient) -> None:
    gone = PatientFactory(practice=cast.practice, birth_date=date(1981, 11, 22))
    with pytest.raises(CannotMerge, match="birth dates differ"):
        merged(kept, gone, cast.ada)
    merged(kept, gone, cast.ada, other_birth_date=True)
    assert gone.merged_into == kept


def _preview(client: Client, kept: Patient, gone: Patient) -> str:
    return client.get(f"/patients/{kept.reference}/merge/{gone.reference}/").content.decode()


def test_the_preview_shows_both_and_chooses_only_what_one_alone_knows(
    cast: Cast, kept: Patient, gone: Patient
) -> None:
    html = _preview(sign_in(cast.ada), kept, gone)
    assert "Keptown" in html
    assert "Goneville" in html
    chosen = [part for part in html.split("<input") if "checked" in part.split(">")[0]]
    assert len(chosen) == 1
    assert 'name="keep_allergies"' in chosen[0]
    assert 'value="other"' in chosen[0]


def test_the_page_merges_and_tells_of_gaps_beside_their_field(
    cast: Cast, kept: Patient, gone: Patient
) -> None:
    client, url = sign_in(cast.ada), f"/patients/{kept.reference}/merge/{gone.reference}/"
    sent = {"kept_version": "1", "other_version": "1", "keep_allergies": "other"}
    html = client.post(url, sent).content.decode()
    assert "Choose which address to keep." in html
    assert client.post(url, sent | {"kept_version": "7"}).status_code == 409
    answer = client.post(url, sent | {"keep_address": "kept"})
    assert answer.headers["Location"] == f"/patients/{kept.reference}/"
    gone.refresh_from_db()
    assert gone.merged_into == kept


@pytest.mark.parametrize("typed", ["PT-00000000", "nonsense", "<b>", "a\x00b", "x" * 300, ""])
def test_a_number_that_is_none_is_refused_beside_its_field(
    cast: Cast, kept: Patient, typed: str
) -> None:
    answer = sign_in(cast.ada).post(f"/patients/{kept.reference}/merge/", {"reference": typed})
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()


def test_the_other_record_is_found_by_its_number(cast: Cast, kept: Patient, gone: Patient) -> None:
    typed = gone.reference.lower().removeprefix("pt-")
    answer = sign_in(cast.ada).post(f"/patients/{kept.reference}/merge/", {"reference": typed})
    assert answer.headers["Location"].endswith(f"/merge/{gone.reference}/")
