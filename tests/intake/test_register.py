"""The staff's register: looking up, the acts on accounts, settling checks, deciding licences."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Licence, Practice, Prescriber, User
from accounts.services.standing import suspend
from accounts.status import AccountStatus
from events.models import Event
from intake.models import CredentialCheck, LicenceRenewal, Settlement
from intake.services import renewals
from tests.conftest import Cast
from tests.factories import PASSWORD, PracticeFactory, prescriber

pytestmark = pytest.mark.django_db
WHY = "The board has opened a case."
LOOKED_UP = timezone.localdate() - timedelta(days=2)
LOOK_UP = {
    "primary_source": "NC Medical Board, licence search",
    "looked_up_on_0": str(LOOKED_UP.month),
    "looked_up_on_1": str(LOOKED_UP.day),
    "looked_up_on_2": str(LOOKED_UP.year),
}


def as_(user: User) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user)
    return client


def page_of(account: Practice | Prescriber) -> str:
    kind = "practices" if isinstance(account, Practice) else "prescribers"
    return f"/register/{kind}/{account.pk}/"


def renewal(cast: Cast, days: int = 700, **more: object) -> LicenceRenewal:
    given: dict[str, object] = {
        "prescriber": cast.ada.prescriber,
        "licence": cast.ada.prescriber.licences.get(),
        "state": "NC",
        "kind": "Medical",
        "number": "S-1",
        "expires_on": timezone.localdate() + timedelta(days=days),
        "given_by": cast.ada,
    }
    return LicenceRenewal.objects.create(**given | more)


def check(cast: Cast, outcome: str = "unchecked", **more: object) -> CredentialCheck:
    given: dict[str, object] = {
        "prescriber": cast.ada.prescriber,
        "kind": "registry",
        "outcome": outcome,
        "text": "The registry did not answer.",
        "source": "NPPES",
    }
    return CredentialCheck.objects.create(**given | more)


# --- Looking up -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "words",
    ["Sample", "sam", "Sample, Ada", "ada sam", "sample@example", "{npi}", "{npi:.4} {npi:.6}"],
)
def test_a_prescriber_is_found_by_name_npi_or_mail(cast: Cast, words: str) -> None:
    npi = cast.ada.prescriber.npi
    typed = f"{npi[:4]} {npi[4:]}" if "{npi:.4}" in words else words.replace("{npi}", npi)
    answer = as_(cast.phil).post("/register/", {"words": typed}, follow=True)
    assert "Sample, Ada, MD" in answer.text
    assert "Other, Ben, MD" not in answer.text


@pytest.mark.parametrize("words", ["Dermatology", "sample derm", "sample@example.org", "{npi}"])
def test_a_practice_is_found_by_name_or_by_its_people(cast: Cast, words: str) -> None:
    client, typed = as_(cast.phil), words.replace("{npi}", cast.ada.prescriber.npi)
    search = client.post("/register/", {"words": typed}).headers["Location"]
    answer = client.get(f"{search}&tab=practices")
    assert "Sample Dermatology" in answer.text
    assert "Other Practice" not in answer.text


def test_a_search_stands_in_no_address_and_its_name_opens_nothing_for_others(cast: Cast) -> None:
    address = as_(cast.phil).post("/register/", {"words": "Sample"}).headers["Location"]
    assert "ample" not in address
    assert "Found for" not in as_(cast.petra).get(address).text


@pytest.mark.parametrize(
    "words", ["'; DROP TABLE", "{{7*7}}", "%", "_", "٣" * 10, "O'Brien", "a" * 120, "1" * 10]
)
def test_any_search_is_answered(cast: Cast, words: str) -> None:
    answer = as_(cast.phil).post("/register/", {"words": words}, follow=True)
    assert answer.status_code == 200
    assert "Nobody here fits the search" in answer.text


@pytest.mark.parametrize("words", ["a" * 121, "a\x00b", "<script>"])
def test_a_search_that_cannot_be_is_refused_beside_its_field(cast: Cast, words: str) -> None:
    answer = as_(cast.phil).post("/register/", {"words": words})
    assert answer.status_code == 200
    assert "There is a problem" in answer.text


@pytest.mark.parametrize("query", ["tab=x&page=x", "page=999999", "page=-1", "search=x&tab=\x00"])
def test_a_senseless_address_shows_a_list(cast: Cast, query: str) -> None:
    assert "Sample, Ada, MD" in as_(cast.phil).get(f"/register/?{query}").text


def test_the_lists_show_25_a_page_with_as_many_statements_for_25_as_for_2(cast: Cast) -> None:
    client = as_(cast.phil)

    def statements(tab: str) -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(f"/register/?tab={tab}")
        return len(found)

    few = {tab: statements(tab) for tab in ("prescribers", "practices")}
    for number in range(30):
        prescriber(f"Dr Zoe Zample{number:02}", PracticeFactory(name=f"Zample {number:02}"))
    assert {tab: statements(tab) for tab in few} == few
    first = client.get("/register/?tab=prescribers").text
    assert "1–25 of 32" in first
    assert "Zample29" not in first
    assert "Zample29" in client.get("/register/?tab=prescribers&page=2").text


def test_state_is_said_in_words(cast: Cast) -> None:
    suspend(cast.ada.prescriber, by=cast.phil, reason=WHY)
    assert "Suspended" in as_(cast.phil).get("/register/").text


@pytest.mark.parametrize("pk", ["0", "999999999", "9" * 30])
def test_an_account_that_is_not_there_is_a_404(cast: Cast, pk: str) -> None:
    client = as_(cast.phil)
    for kind in ("prescribers", "practices"):
        assert client.get(f"/register/{kind}/{pk}/").status_code == 404
        assert client.get(f"/register/{kind}/{pk}/suspend/").status_code == 404
    assert client.get(f"/register/renewals/{pk}/").status_code == 404
    assert client.get(f"/register/checks/{pk}/settle/").status_code == 404


# --- One account ----------------------------------------------------------------------------------
def test_the_page_of_a_prescriber_shows_what_is_on_file(cast: Cast) -> None:
    row = cast.ada.prescriber
    row.licences.update(expires_on=timezone.localdate() + timedelta(days=10))
    Licence.objects.create(prescriber=row, state="VA", number="V-1", expires_on=date(2020, 1, 2))
    check(cast)
    text = as_(cast.phil).get(page_of(row)).text
    for said in (row.npi, "sample@example.org", "Sample Dermatology", "Ends in 10 days", "Expired"):
        assert said in text
    assert "Could not check" in text
    assert "/settle/" in text


def test_the_newest_check_of_each_kind_counts(cast: Cast) -> None:
    old, new = check(cast, text="Old words."), check(cast, outcome="pass", text="New words.")
    text = as_(cast.phil).get(page_of(cast.ada.prescriber)).text
    assert "New words." in text
    assert "Old words." not in text
    client = as_(cast.phil)
    answer = client.post(f"/register/checks/{old.pk}/settle/", settling())
    assert "made again meanwhile" in answer.text
    answer = client.post(f"/register/checks/{new.pk}/settle/", settling())
    assert "Only what differs" in answer.text
    assert not Settlement.objects.exists()


def test_the_page_of_a_practice_shows_its_people_and_addresses(cast: Cast) -> None:
    cast.practice.locations.create(
        name="North office", address="3 Sample Street", city="Sampleton", state="NC",
        zip_code="27514", takes_deliveries=True,
    )  # fmt: skip
    text = as_(cast.phil).get(page_of(cast.practice)).text
    for said in ("Ada Sample, MD", "Nils Sampleton", "North office", "1 Sample Street"):
        assert said in text
    assert "Ben Other" not in text


# --- Acts -----------------------------------------------------------------------------------------
def test_suspending_reinstating_and_deactivating_by_their_pages(cast: Cast) -> None:
    client = as_(cast.phil)
    for account in (cast.ada.prescriber, cast.practice):
        page = page_of(account)
        assert f"{page}suspend/" in client.get(page).text
        client.post(f"{page}suspend/", {"reason": WHY})
        assert WHY in client.get(page).text
        client.post(f"{page}reinstate/", {"reason": "The case was closed."})
        client.post(f"{page}suspend/", {"reason": WHY})
        client.post(f"{page}deactivate/", {"reason": "It has closed.", "password": PASSWORD})
        account.refresh_from_db()
        assert account.status == AccountStatus.DEACTIVATED
        text = client.get(page).text
        for said in ("Reinstated", "The case was closed.", "Deactivated", "Phil Pharmacist"):
            assert said in text
        assert "suspend/" not in text


@pytest.mark.parametrize("words", ["", "short", "x" * 301, "a\x00" * 9, "<b>because</b>"])
def test_a_reason_that_says_nothing_suspends_nobody(cast: Cast, words: str) -> None:
    page = page_of(cast.ada.prescriber)
    answer = as_(cast.phil).post(f"{page}suspend/", {"reason": words})
    assert answer.status_code == 200
    assert "There is a problem" in answer.text
    assert Prescriber.objects.get(pk=cast.ada.prescriber.pk).status == AccountStatus.APPROVED


def test_deactivating_asks_for_the_password(cast: Cast) -> None:
    suspend(cast.practice, by=cast.petra, reason=WHY)
    page = page_of(cast.practice)
    for sent in ({}, {"password": "not mine"}):
        answer = as_(cast.phil).post(f"{page}deactivate/", {"reason": WHY, **sent})
        assert "There is a problem" in answer.text
        assert WHY in answer.text
    assert Practice.objects.get(pk=cast.practice.pk).status == AccountStatus.SUSPENDED


def test_a_page_that_is_out_of_date_answers_409(cast: Cast) -> None:
    page, client = page_of(cast.ada.prescriber), as_(cast.phil)
    client.get(f"{page}suspend/")
    suspend(cast.ada.prescriber, by=cast.petra, reason=WHY)
    answer = client.post(f"{page}suspend/", {"reason": "Another reason."})
    assert answer.status_code == 409
    assert "suspended now" in answer.text
    assert client.get(f"{page}suspend/").status_code == 409
    assert Prescriber.objects.get(pk=cast.ada.prescriber.pk).status_reason == WHY


# --- Settling a check -----------------------------------------------------------------------------
def settling(**more: str) -> dict[str, str]:
    return {**LOOK_UP, "reason": "checked_by_hand", "text": "", **more}


def test_a_finding_is_settled_with_source_date_and_reason(cast: Cast) -> None:
    row, client = check(cast), as_(cast.phil)
    client.post(f"/register/checks/{row.pk}/settle/", settling())
    kept = Settlement.objects.get(check_row=row)
    assert (kept.by, kept.looked_up_on) == (cast.phil, LOOKED_UP)
    assert kept.reason.code == "checked_by_hand"
    assert Event.objects.get(kind="prescriber.check_settled").data == {"kind": "registry"}
    text = client.get(page_of(cast.ada.prescriber)).text
    assert "Settled by Phil Pharmacist" in text
    assert "/settle/" not in text
    again = client.post(f"/register/checks/{row.pk}/settle/", settling())
    assert "settled this check meanwhile" in again.text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"primary_source": ""}, "Enter the primary source."),
        ({"looked_up_on_2": "2999"}, "lies in the future"),
        ({"looked_up_on_2": "2020"}, "within the last 30 days"),
        ({"reason": "other", "text": "short"}, "at least 15 characters"),
        ({"reason": "cost"}, "Choose one of the listed answers"),
        ({"reason": ""}, "Choose what you found."),
    ],
)
def test_a_settlement_without_its_parts_is_refused(
    cast: Cast, sent: dict[str, str], said: str
) -> None:
    row = check(cast)
    answer = as_(cast.phil).post(f"/register/checks/{row.pk}/settle/", settling(**sent))
    assert "There is a problem" in answer.text
    assert said in answer.text
    assert not Settlement.objects.exists()


def test_a_hit_is_never_settled(cast: Cast) -> None:
    row = check(cast, outcome="hit", kind="exclusion", text="On the list by the NPI.")
    answer = as_(cast.phil).post(f"/register/checks/{row.pk}/settle/", settling())
    assert "Only what differs or could not be checked" in answer.text
    assert "/settle/" not in as_(cast.phil).get(page_of(cast.ada.prescriber)).text


# --- Licences that practices gave -----------------------------------------------------------------
def test_an_accepted_licence_takes_the_place_of_the_one_on_file(cast: Cast) -> None:
    row, client = renewal(cast), as_(cast.phil)
    assert "NC S-1" in client.get("/register/renewals/").text
    client.post(f"/register/renewals/{row.pk}/accept/", LOOK_UP)
    licence = cast.ada.prescriber.licences.get()
    assert licence.expires_on == row.expires_on
    row.refresh_from_db()
    assert (row.accepted, row.decided_by, row.primary_source) == (
        True, cast.phil, LOOK_UP["primary_source"],
    )  # fmt: skip
    event = Event.objects.get(kind="renewal.accepted")
    assert (event.subject, event.subject_id, event.actor, event.data) == (
        "renewal", row.pk, cast.phil, {},
    )  # fmt: skip
    assert "Nothing to decide" in client.get("/register/renewals/").text
    assert "Licence accepted" in client.get(page_of(cast.ada.prescriber)).text


def test_a_licence_of_another_number_is_a_licence_of_its_own(cast: Cast) -> None:
    row = renewal(cast, number="S-2")
    renewals.accept(row, by=cast.phil, primary_source="Board", looked_up_on=LOOKED_UP)
    assert cast.ada.prescriber.licences.count() == 2
    assert row.licence == cast.ada.prescriber.licences.get(number="S-2")


def test_a_refused_licence_changes_nothing_on_file_and_says_why(cast: Cast) -> None:
    before = cast.ada.prescriber.licences.get().expires_on
    row, client = renewal(cast), as_(cast.phil)
    client.post(f"/register/renewals/{row.pk}/refuse/", {"text": "The copy cannot be read."})
    row.refresh_from_db()
    assert (row.accepted, row.text) == (False, "The copy cannot be read.")
    assert cast.ada.prescriber.licences.get().expires_on == before
    assert Event.objects.filter(kind="renewal.refused", subject_id=row.pk).count() == 1
    assert "The copy cannot be read." in client.get(f"/register/renewals/{row.pk}/").text


@pytest.mark.parametrize(("days", "said"), [(-1, "has expired"), (30, "runs longer")])
def test_a_licence_that_helps_nobody_is_not_accepted(cast: Cast, days: int, said: str) -> None:
    row = renewal(cast, days)
    answer = as_(cast.phil).post(f"/register/renewals/{row.pk}/accept/", LOOK_UP)
    assert answer.status_code == 200
    assert said in answer.text
    row.refresh_from_db()
    assert row.accepted is None
    assert not Event.objects.filter(kind="renewal.accepted").exists()


def test_a_look_up_of_long_ago_decides_nothing(cast: Cast) -> None:
    row, long_ago = renewal(cast), timezone.localdate() - timedelta(days=31)
    with pytest.raises(renewals.CannotAccept, match="last 30 days"):
        renewals.accept(row, by=cast.phil, primary_source="Board", looked_up_on=long_ago)
    old = {**LOOK_UP, "looked_up_on_2": "2020"}
    answer = as_(cast.phil).post(f"/register/renewals/{row.pk}/accept/", old)
    assert "within the last 30 days" in answer.text
    row.refresh_from_db()
    assert row.accepted is None


def test_nobody_decides_what_they_gave_themselves(cast: Cast) -> None:
    row = renewal(cast, given_by=cast.phil)
    client = as_(cast.phil)
    assert "somebody else decides" in client.get(f"/register/renewals/{row.pk}/").text
    for verb, sent in (("accept", LOOK_UP), ("refuse", {"text": "The copy cannot be read."})):
        assert client.post(f"/register/renewals/{row.pk}/{verb}/", sent).status_code == 403
    with pytest.raises(PermissionDenied):
        renewals.refuse(row, by=cast.ada, text="No.")
    row.refresh_from_db()
    assert row.accepted is None


def test_the_slower_of_two_deciders_reads_who_was_faster(cast: Cast) -> None:
    row = renewal(cast)
    renewals.refuse(row, by=cast.petra, text="The copy cannot be read.")
    answer = as_(cast.phil).post(f"/register/renewals/{row.pk}/accept/", LOOK_UP)
    assert answer.status_code == 409
    assert "Petra Pharmacist refused this licence meanwhile" in answer.text
    assert Event.objects.filter(subject="renewal").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_wins(cast: Cast) -> None:
    row, start, lost = renewal(cast), threading.Barrier(2), []

    def decide(by: User) -> None:
        mine = LicenceRenewal.objects.get(pk=row.pk)
        start.wait()
        try:
            renewals.accept(mine, by=by, primary_source="Board", looked_up_on=LOOKED_UP)
        except renewals.StaleRenewal:
            lost.append(by.pk)
        connection.close()

    threads = [threading.Thread(target=decide, args=[by]) for by in (cast.phil, cast.petra)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lost) == 1
    assert Event.objects.filter(kind="renewal.accepted").count() == 1
