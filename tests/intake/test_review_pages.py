"""The list and the review page: what they show, what they take, and whom they refuse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Prescriber, User
from events.models import Event
from intake.models import Application, InfoRequest, LicenceVerification, Settlement
from intake.services import answering, checks, review
from intake.status import Decision, Outcome, Status
from tests.access.review import records
from tests.conftest import Cast
from tests.factories import PASSWORD, reason
from tests.intake.factories import draft_application, submitted_application
from tests.intake.reviewing import applicants, approve, checked, fresh, held, ready
from tests.orders.pages import sign_in

pytestmark = pytest.mark.django_db


def page(client: Client, application: Application, expect: int = 200) -> str:
    response = client.get(f"/applications/{application.reference}/")
    assert response.status_code == expect
    return response.content.decode()


def send(client: Client, application: Application, verb: str, **data: Any) -> Any:
    return client.post(f"/applications/{application.reference}/{verb}/", data)


def today(prefix: str) -> dict[str, str]:
    day = timezone.localdate()
    parts = (day.month, day.day, day.year)
    return {f"{prefix}-looked_up_on_{n}": str(part) for n, part in enumerate(parts)}


# --- The list -----------------------------------------------------------------------------------
def test_the_list_tells_flags_in_words(phil: User) -> None:
    application = submitted_application(prescribers=2, agreed=False)
    for applicant in applicants(application):
        checked(applicant)
    text = sign_in(phil).get("/applications/").content.decode()
    for words in ("Could not check", "Not agreed yet", "2 prescribers", "Pinewood Skin Sample"):
        assert words in text
    assert "Cora Newcomer, MD and 1 more" in text
    assert "Duplicate" not in text


def test_a_draft_is_nobody_s_business(phil: User) -> None:
    draft = draft_application()
    client = sign_in(phil)
    assert draft.reference not in client.get("/applications/").content.decode()
    page(client, draft, expect=404)


def test_the_same_npi_elsewhere_is_a_duplicate_with_a_link(phil: User) -> None:
    first, second = draft_application(), draft_application()
    npi = applicants(first)[0].npi
    second.applicants.update(npi=npi)
    for one in (first, second):
        Application.objects.filter(pk=one.pk).update(
            status="submitted", submitted_at=timezone.now()
        )
    client = sign_in(phil)
    assert client.get("/applications/").content.decode().count("Duplicate") == 2
    text = page(client, second)
    assert f'href="/applications/{first.reference}/"' in text
    assert "The same NPI in an application" in text


def test_an_npi_with_an_account_is_named(phil: User, ada: User) -> None:
    application = draft_application()
    application.applicants.update(npi=ada.prescriber.npi)
    Application.objects.update(status="submitted", submitted_at=timezone.now())
    text = page(sign_in(phil), application)
    assert "This NPI has an account (approved)" in text
    assert ada.prescriber.printed_name in text


def test_tabs_count_what_they_hold(phil: User, petra: User) -> None:
    submitted_application()
    held(phil)
    held(petra)
    approve(ready(phil), phil)
    client = sign_in(phil)
    for tab, count in (("actionable", 2), ("mine", 1), ("waiting", 0), ("done", 1)):
        response = client.get(f"/applications/?tab={tab}")
        counted = {str(link["label"]): link["count"] for link in response.context["tabs"]}
        label = response.context["tab"].label
        assert counted[label] == count == len(response.context["page"].rows)


def test_what_was_decided_a_week_ago_is_no_longer_listed(phil: User) -> None:
    application = approve(ready(phil), phil).application
    client = sign_in(phil)
    assert application.reference in client.get("/applications/?tab=done").content.decode()
    Application.objects.update(decided_at=timezone.now() - timedelta(days=7, minutes=1))
    assert application.reference not in client.get("/applications/?tab=done").content.decode()


def test_claim_next_opens_the_oldest(phil: User) -> None:
    _, old = submitted_application(), submitted_application()
    long_ago = timezone.now() - timedelta(days=2)
    Application.objects.filter(pk=old.pk).update(submitted_at=long_ago)
    response = sign_in(phil).post("/applications/claim-next/")
    assert response["Location"] == f"/applications/{old.reference}/"
    assert fresh(old).holder == phil


def test_claim_next_says_when_nothing_is_free(phil: User) -> None:
    response = sign_in(phil).post("/applications/claim-next/", follow=True)
    assert "Nothing free" in response.content.decode()


# --- Claims -------------------------------------------------------------------------------------
def test_a_lost_claim_names_its_holder(phil: User, petra: User) -> None:
    application = held(petra)
    response = send(sign_in(phil), application, "claim")
    assert response.status_code == 409
    assert "Petra Pharmacist" in response.content.decode()


def test_who_does_not_hold_it_reads_and_decides_nothing(phil: User, petra: User) -> None:
    application = ready(petra)
    client = sign_in(phil)
    text = page(client, application)
    assert "You can read it, not decide it" in text
    assert 'type="password"' not in text
    data = {"approve-1-password": PASSWORD, "approve-1-version": application.version}
    response = send(client, application, "prescribers/1/approve", **data)
    assert response.status_code == 409
    assert "held by Petra Pharmacist" in response.content.decode()
    assert not Prescriber.objects.filter(npi=applicants(application)[0].npi).exists()


def test_giving_back_keeps_the_age(phil: User) -> None:
    application = held(phil)
    data = {"back-reason": "end_of_shift", "back-version": application.version}
    assert send(sign_in(phil), application, "give-back", **data).status_code == 302
    again = fresh(application)
    assert (again.status, again.holder) == (Status.SUBMITTED, None)
    assert again.submitted_at == application.submitted_at


def test_an_administrator_releases_a_claim(phil: User, root: User) -> None:
    application = held(phil)
    client = sign_in(root)
    assert "Release the claim of Phil Pharmacist" in page(client, application)
    data = {"release-reason": "holder_absent", "release-version": application.version}
    assert send(client, application, "release", **data).status_code == 302
    assert fresh(application).holder is None
    assert Event.objects.filter(kind="application.claim_released").get().actor == root


def test_a_release_of_another_claim_than_shown_is_refused(
    phil: User, petra: User, root: User
) -> None:
    application = held(phil)
    data = {"release-reason": "holder_absent", "release-version": application.version - 1}
    assert send(sign_in(root), application, "release", **data).status_code == 409
    assert fresh(application).holder == phil


# --- What was given beside what was found -------------------------------------------------------
def test_the_page_shows_answers_checks_and_agreements(phil: User) -> None:
    application = held(phil)
    checked(applicants(application)[0])
    text = page(sign_in(phil), application)
    for words in (
        "Apr 5, 1979",  # the birth date, for reviewers alone
        "Could not check",
        "Not looked up",
        "Record what the board says",
        "Settle this",
        "Pinewood Skin Sample",
        "Olga Sample",
        "Dan Helper",
        "127.0.0.1",
        "Taken for review",
    ):
        assert words in text, words


def test_what_could_not_be_checked_does_not_look_like_a_pass(phil: User) -> None:
    application = held(phil)
    checked(applicants(application)[0])
    text = page(sign_in(phil), application)
    assert '<article class="found found-dark">' in text
    assert '<article class="found found-ok">' in text  # the digits of the NPI
    marks = {
        (shown.line.outcome, shown.badge["tone"], shown.badge["icon"])
        for person in sign_in(phil).get(f"/applications/{application.reference}/").context["people"]
        for shown in person.checks
    }
    assert (Outcome.PASS, "ok", "circle-check") in marks
    assert (Outcome.UNCHECKED, "dark", "eye-slash") in marks


def test_a_lookup_is_recorded_from_the_page(phil: User) -> None:
    application = held(phil)
    data = {
        "verify-1-1-standing": "active",
        "verify-1-1-primary_source": "North Carolina Medical Board",
        "verify-1-1-version": str(application.version),
        **today("verify-1-1"),
    }
    response = send(sign_in(phil), application, "prescribers/1/licences/1/verify", **data)
    assert response["Location"].endswith("#prescriber-1")
    row = LicenceVerification.objects.get()
    assert (row.standing, row.by, row.looked_up_on) == ("active", phil, timezone.localdate())


def test_a_lookup_without_a_source_is_answered_beside_the_field(phil: User) -> None:
    application = held(phil)
    data = {"verify-1-1-standing": "active", **today("verify-1-1")}
    data["verify-1-1-version"] = str(application.version)
    response = send(sign_in(phil), application, "prescribers/1/licences/1/verify", **data)
    text = response.content.decode()
    assert response.status_code == 422
    assert "Enter the primary source." in text
    assert "<title>Error: " in text.replace("\n", "").replace("  ", "")
    assert not LicenceVerification.objects.exists()


def test_a_check_is_settled_from_the_page(phil: User) -> None:
    application = held(phil)
    [applicant] = applicants(application)
    checked(applicant)
    [line] = [one for one in checks.standing(applicant).findings if one.kind == "registry"]
    assert line.row
    prefix = f"settle-{line.row.pk}"
    data = {
        f"{prefix}-reason": "checked_by_hand",
        f"{prefix}-primary_source": "npiregistry.cms.hhs.gov",
        **today(prefix),
    }
    client = sign_in(phil)
    assert send(client, application, f"checks/{line.row.pk}/settle", **data).status_code == 302
    assert Settlement.objects.get().by == phil
    assert "Settled by Phil Pharmacist" in page(client, application)
    assert send(client, application, f"checks/{line.row.pk}/settle", **data).status_code == 409


# --- Asking -------------------------------------------------------------------------------------
def test_a_request_names_parts_fields_and_reasons(phil: User) -> None:
    application = held(phil)
    data = {
        "ask-version": application.version,
        "ask-reason_1_credentials": "differs_from_source",
        "ask-fields_1_credentials": ["npi"],
        "ask-reason_0_ship_to": "missing",
        "ask-text": "The registry has another number.",
    }
    response = send(sign_in(phil), application, "ask", **data)
    assert response.status_code == 302
    request = InfoRequest.objects.get()
    own, practice = request.items.all()
    npi = applicants(application)[0].npi
    assert (own.section, own.fields, own.before) == ("credentials", ["npi"], {"npi": npi})
    assert (practice.applicant, practice.fields) == (None, [])
    assert practice.before == {"rows": application.answers["ship_to"]}
    after = fresh(application)
    assert (after.status, after.holder) == (Status.INFO_REQUESTED, None)
    assert after.paused_at is not None
    assert Event.objects.filter(kind="application.info_requested").get().actor == phil


def test_asking_for_the_agreements_sends_their_link_again(phil: User) -> None:
    application = held(phil, agreed=False)
    data = {
        "ask-version": application.version,
        "ask-reason_1_agreements": "agreement_open",
        "ask-reason_1_papers": "paper_needed",
        "ask-text": "",
    }
    assert send(sign_in(phil), application, "ask", **data).status_code == 302
    sections = [item.section for item in InfoRequest.objects.get().items.all()]
    assert sorted(sections) == ["agreements", "papers"]
    [asked] = Event.objects.filter(kind="applicant.acceptance_asked")
    assert asked.subject_id == applicants(application)[0].pk


def test_agreements_that_are_accepted_are_not_asked_for(phil: User) -> None:
    application = held(phil)
    assert "ask-reason_1_agreements" not in page(sign_in(phil), application)


def test_an_answer_stands_beside_what_was_there_before(phil: User) -> None:
    application = held(phil)
    [applicant] = applicants(application)
    item = review.Asked("credentials", reason("info_request"), ("specialty",), applicant)
    review.ask(application, by=phil, items=[item], text="", version=application.version)
    applicant.answers["credentials"]["specialty"] = "Family medicine"
    applicant.save()
    answering.give(
        fresh(application), version=fresh(application).version, text="Mended.", judge=lambda *_: []
    )
    text = page(sign_in(phil), application)
    assert "<del>Dermatology</del>" in text
    assert "<ins>Family medicine</ins>" in text
    assert "Mended." in text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a reason for at least one part"),
        ({"ask-fields_1_person": ["suffix"]}, "Choose a reason for at least one part"),
        ({"ask-reason_1_person": "nonsense"}, "Choose one of the listed reasons"),
        ({"ask-reason_1_person": "other"}, "write at least 15 characters"),
        ({"ask-reason_1_person": "missing", "ask-fields_1_person": ["npi"]}, "Tick only fields"),
    ],
)  # fmt: skip
def test_a_request_that_asks_nothing_is_answered(
    phil: User, data: dict[str, object], words: str
) -> None:
    application = held(phil)
    sent = {"ask-version": application.version, **data}
    response = send(sign_in(phil), application, "ask", **sent)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not InfoRequest.objects.exists()


# --- Deciding -----------------------------------------------------------------------------------
def test_an_approval_needs_the_password(phil: User) -> None:
    application = ready(phil)
    client = sign_in(phil)
    for password in ("", "wrong-wrong-wrong"):
        data = {"approve-1-password": password, "approve-1-version": application.version}
        assert send(client, application, "prescribers/1/approve", **data).status_code == 422
    assert fresh(application).status == Status.UNDER_REVIEW
    data["approve-1-password"] = PASSWORD
    assert send(client, application, "prescribers/1/approve", **data).status_code == 302
    assert applicants(application)[0].decision == Decision.APPROVED


def test_what_is_missing_stands_on_the_page(phil: User) -> None:
    application = held(phil)
    data = {"approve-1-password": PASSWORD, "approve-1-version": application.version}
    response = send(sign_in(phil), application, "prescribers/1/approve", **data)
    assert response.status_code == 422
    assert "is not looked up at the state board" in response.content.decode()


def test_one_s_own_application_offers_no_decision(phil: User) -> None:
    application = draft_application(contact_email=phil.email)
    Application.objects.update(status="submitted", submitted_at=timezone.now())
    application = held(phil, fresh(application))
    client = sign_in(phil)
    text = page(client, application)
    assert "This application is your own" in text
    assert 'type="password"' not in text
    data = {"approve-1-password": PASSWORD, "approve-1-version": application.version}
    assert send(client, application, "prescribers/1/approve", **data).status_code == 403


def test_two_prescribers_are_decided_one_by_one(phil: User) -> None:
    application = ready(phil, prescribers=2)
    client = sign_in(phil)
    data = {"approve-1-password": PASSWORD, "approve-1-version": application.version}
    response = send(client, application, "prescribers/1/approve", **data)
    assert response["Location"] == f"/applications/{application.reference}/"
    assert fresh(application).status == Status.UNDER_REVIEW
    data = {"reject-2-reason": "no_answer", "reject-2-version": fresh(application).version}
    response = send(client, application, "prescribers/2/reject", **data)
    assert response["Location"].startswith("/applications/")
    assert fresh(application).status == Status.APPROVED


@pytest.mark.parametrize("verb", ["prescribers/9/approve", "prescribers/1/licences/9/verify",
                                  "checks/999999/settle"])  # fmt: skip
def test_what_is_not_there_is_no_error_of_ours(phil: User, verb: str) -> None:
    application = held(phil)
    assert send(sign_in(phil), application, verb).status_code in (404, 409)


def test_papers_are_named_with_what_the_scanner_said(cast: Cast) -> None:
    reference = records(cast)["application"]["reference"]
    text = sign_in(cast.phil).get(f"/applications/{reference}/").content.decode()
    assert "licence.pdf" in text
    assert "Waiting for the virus scan" in text
