"""Sending, agreeing, being asked and answering."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import links
from accounts.status import LinkPurpose
from events.models import Event
from formulary.models import Reason
from intake import journey
from intake.agreements import ALL, CURRENT
from intake.models import Acceptance, Applicant, Application
from intake.services import drafts
from intake.services.agreeing import name_fits
from intake.services.moves import StaleApplication
from intake.services.submitting import NotWhole, submit
from intake.status import FilledBy, Status
from tests.conftest import Cast
from tests.intake.apply_pages import (
    CREDENTIALS,
    LICENCE,
    PERSON,
    SUPERVISION,
    agree,
    change,
    fill,
    opened,
    send,
    started,
    url,
)
from tests.intake.factories import (
    add_applicant,
    draft_application,
    submitted_application,
)
from tests.intake.factories import (
    agree as agree_to_all,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    return Client()


def kinds(application: Application) -> list[str]:
    found = Event.objects.filter(reference=application.reference).order_by("pk")
    return list(found.values_list("kind", flat=True))


def html_of(browser: Client, name: str, application: Application) -> str:
    return browser.get(reverse(f"apply:{name}", args=[application.reference])).content.decode()


# --- sending ------------------------------------------------------------------------------------
def test_an_application_that_is_not_whole_is_not_sent(browser: Client) -> None:
    application = started(browser)
    answer = send(browser, application)
    assert "Before you can send" in answer.content.decode()
    application.refresh_from_db()
    assert application.status == Status.DRAFT
    assert kinds(application) == ["application.started"]


def test_answers_changed_after_the_check_are_looked_at_again(browser: Client) -> None:
    application = opened(browser, draft_application())
    agree_to_all(application.applicants.get())
    page = reverse("apply:send", args=[application.reference])
    shown = application.version
    browser.post(url(application, "person"), PERSON | {"middle_name": "Ann"})
    assert browser.post(page, {"version": shown}).status_code == 409
    application.refresh_from_db()
    assert application.status == Status.DRAFT


def test_the_second_click_ends_at_the_same_receipt(browser: Client) -> None:
    application = opened(browser, draft_application())
    agree_to_all(application.applicants.get())
    page = reverse("apply:send", args=[application.reference])
    answers = [browser.post(page, {"version": application.version}) for _ in range(2)]
    assert [answer.headers["Location"] for answer in answers] == [
        reverse("apply:sent", args=[application.reference])
    ] * 2
    assert kinds(application).count("application.submitted") == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_submission(formulary: None) -> None:
    application = draft_application()
    agree_to_all(application.applicants.get())
    both, failed = threading.Barrier(2), []

    def click() -> None:
        mine = Application.objects.get(pk=application.pk)
        both.wait(5)
        try:
            submit(mine, version=application.version, judge=journey.problems)
        except Exception as error:  # any failure at all is one click too many
            failed.append(error)
        finally:
            connection.close()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert failed == []
    assert kinds(application) == ["application.submitted", "application.received"]


def test_a_licence_that_ran_out_since_stands_in_the_way(browser: Client) -> None:
    application = opened(browser, draft_application())
    one = application.applicants.get()
    agree_to_all(one)
    one.answers["licences"][0]["expires_on"] = "2020-01-01"
    one.save()
    assert "There is a problem" in html_of(browser, "hub", application)
    with pytest.raises(NotWhole, match="State licences"):
        submit(application, version=application.version, judge=journey.problems)


def test_two_prescribers_with_one_npi_are_not_sent() -> None:
    application = draft_application()
    application.filled_by = FilledBy.STAFF
    add_applicant(application, 2, npi=application.applicants.get().npi)
    assert journey.problems(application, list(application.applicants.all())) == [
        "Two prescribers have the same NPI: remove one of them, or correct it."
    ]


def test_two_prescribers_with_one_address_are_not_sent() -> None:
    application = draft_application()
    application.filled_by = FilledBy.STAFF
    add_applicant(application, 2, email=application.applicants.get().email)
    assert journey.problems(application, list(application.applicants.all())) == [
        "Two prescribers have the same e-mail address: give each one’s own."
    ]


def test_a_nurse_needs_supervision_and_a_physician_has_no_such_page(browser: Client) -> None:
    application = started(browser)
    fill(browser, application, "person", "credentials", "licences")
    assert browser.get(url(application, "supervision")).status_code == 404
    browser.post(url(application, "credentials"), CREDENTIALS | {"credential": "NP"})
    hub = html_of(browser, "hub", application)
    assert "Supervision" in hub
    assert "There is a problem" in hub  # the licence lacks its prescriptive-authority number
    page = url(application, "licences", number=1)
    assert change(browser, page, LICENCE | {"authority": "None"}).status_code == 302
    refused = browser.post(url(application, "supervision"), {"needed": "yes"}).content.decode()
    assert refused.count("field-message") == 6
    assert browser.post(url(application, "supervision"), {"needed": "no"}).status_code == 302
    assert browser.post(url(application, "supervision"), SUPERVISION).status_code == 302
    own = browser.post(url(application, "supervision"), SUPERVISION | {"npi": "1234567893"})
    assert "own NPI" in own.content.decode()


def test_a_licence_that_ends_soon_is_taken_with_a_warning(browser: Client) -> None:
    application = started(browser)
    day = timezone.localdate() + timedelta(days=60)
    data = LICENCE | {"expires_on_0": str(day.month), "expires_on_1": str(day.day),
                      "expires_on_2": str(day.year)}  # fmt: skip
    fill(browser, application, "person", "credentials")
    browser.post(url(application, "licences", number=1), data)
    html = browser.get(url(application, "licences")).content.decode()
    assert "The NC licence ends on" in html
    later = day + timedelta(days=1)
    data |= {"expires_on_0": str(later.month), "expires_on_1": str(later.day)}
    data |= {"expires_on_2": str(later.year)}
    assert change(browser, url(application, "licences", number=1), data).status_code == 302
    assert (
        "The NC licence ends on" not in browser.get(url(application, "licences")).content.decode()
    )


def test_change_leads_back_to_the_check_page(browser: Client) -> None:
    application = opened(browser, draft_application())
    check = html_of(browser, "check", application)
    assert f"{url(application, 'person')}?then=check" in check
    page = browser.get(f"{url(application, 'person')}?then=check").content.decode()
    assert 'name="then" value="check"' in page
    answer = browser.post(url(application, "person"), PERSON | {"then": "check"})
    assert answer.headers["Location"] == reverse("apply:check", args=[application.reference])
    elsewhere = browser.post(url(application, "person"), PERSON | {"then": "//evil.example.org"})
    assert elsewhere.headers["Location"] == url(application, "credentials")


def test_the_copy_hides_birth_date_and_dea(browser: Client) -> None:
    application = opened(browser, draft_application())
    one = application.applicants.get()
    one.answers["credentials"]["dea"] = "AP5836727"
    one.save()
    copy = html_of(browser, "print", application)
    assert application.reference in copy
    assert "Cora" in copy
    assert "1979" not in copy
    assert "AP5836727" not in copy


def test_nothing_is_written_once_it_was_sent(browser: Client) -> None:
    application = opened(browser, submitted_application())
    for slug in ("person", "practice"):
        assert browser.post(url(application, slug), {}).status_code == 409
    with pytest.raises(StaleApplication):
        drafts.save(application, "practice", {})
    at = [application.reference]
    for name in ("papers", "papers_done", "agreements", "add_prescriber"):
        assert browser.post(reverse(f"apply:{name}", args=at)).status_code == 409


# --- several prescribers, and agreeing in person -------------------------------------------------
def test_staff_apply_for_two_and_each_accepts_by_a_link(browser: Client) -> None:
    application = started(browser, filled_by="staff", contact_name="Olga Office")
    fill(browser, application)
    at = [application.reference]
    person = browser.post(reverse("apply:add_prescriber", args=at)).headers["Location"]
    assert person == url(application, "person", "prescriber-2")
    browser.post(person, PERSON | {"given_name": "Dora", "family_name": "O’Neil-Ruiz"})
    second = CREDENTIALS | {"npi": "1558598797", "email": "dora@example.org"}
    browser.post(url(application, "credentials", "prescriber-2"), second)
    browser.post(url(application, "licences", "prescriber-2", 1), LICENCE)
    assert "Dora" in html_of(browser, "check", application)
    assert send(browser, application).status_code == 302
    assert kinds(application)[-4:] == [
        "application.submitted", "application.received",
        "applicant.acceptance_asked", "applicant.acceptance_asked",
    ]  # fmt: skip
    dora = application.applicants.get(position=2)
    page = link_for(dora)
    assert "Dora" in Client().get(page).content.decode()
    wrong = Client().post(page, accepted("Cora Newcomer"))
    assert wrong.status_code == 200
    assert not dora.acceptances.exists()
    answer = Client().post(page, accepted("dora o'neil ruiz"), REMOTE_ADDR="192.0.2.7")
    assert answer.headers["Location"] == reverse("apply:agreed")
    rows = {row.agreement: row for row in dora.acceptances.all()}
    assert set(rows) == {one.slug for one in CURRENT}
    for one in CURRENT:
        row = rows[one.slug]
        assert (row.agreement_version, row.text_sha256) == (one.version, one.sha256)
        assert (row.typed_name, row.ip) == ("dora o'neil ruiz", "192.0.2.7")
    assert kinds(application)[-1] == "applicant.agreed"
    assert Client().get(page).status_code == 404
    assert not application.applicants.get(position=1).acceptances.exists()


def link_for(applicant: Applicant, seed: str = "1") -> str:
    token = links.issue(LinkPurpose.ACCEPT, applicant.pk, seed=seed)
    return reverse("apply:accept", args=[token])


def accepted(name: str) -> dict[str, str]:
    return {f"accept_{one.slug}": "on" for one in CURRENT} | {"typed_name": name}


def test_every_link_to_the_agreements_is_dead_once_they_are_accepted() -> None:
    application = submitted_application(agreed=False)
    pages = [link_for(application.applicants.get(), seed) for seed in "12"]
    assert Client().post(pages[0], accepted("Cora Newcomer")).status_code == 302
    assert [Client().get(page).status_code for page in pages] == [404, 404]


def test_a_link_to_the_agreements_of_a_draft_or_a_decided_one_is_dead(cast: Cast) -> None:
    draft, done = draft_application(), submitted_application(agreed=False)
    decided = done.applicants.get()
    Applicant.objects.filter(pk=decided.pk).update(
        decision="rejected", decided_at=timezone.now(), decided_by=cast.phil,
        reason=Reason.objects.first(),
    )  # fmt: skip
    for applicant in (draft.applicants.get(), decided):
        assert Client().get(link_for(applicant)).status_code == 404


def test_the_link_is_sent_again_on_request_and_not_for_ever(browser: Client) -> None:
    application = opened(browser, submitted_application(agreed=False))
    page = reverse("apply:ask_again", args=[application.reference, "prescriber-1"])
    assert "Send the link again" in html_of(browser, "status", application)
    codes = [browser.post(page).status_code for _ in range(4)]
    assert codes == [302, 302, 302, 429]
    assert kinds(application).count("applicant.acceptance_asked") == 3


def test_a_new_name_asks_for_the_agreements_again(browser: Client) -> None:
    application = started(browser)
    fill(browser, application, "person")
    agree(browser, application)
    browser.post(url(application, "person"), PERSON | {"suffix": "Jr"})
    assert Acceptance.objects.count() == len(CURRENT)
    browser.post(url(application, "person"), PERSON | {"family_name": "Other"})
    assert not Acceptance.objects.exists()


def test_one_who_fills_in_for_oneself_adds_nobody(browser: Client) -> None:
    application = started(browser)
    page = reverse("apply:add_prescriber", args=[application.reference])
    assert browser.post(page).status_code == 409
    assert application.applicants.count() == 1


def test_a_prescriber_is_removed_but_never_the_last(browser: Client) -> None:
    application = started(browser, filled_by="staff")
    browser.post(reverse("apply:add_prescriber", args=[application.reference]))
    page = reverse("apply:remove_prescriber", args=[application.reference, "prescriber-1"])
    assert browser.get(page).status_code == 200
    assert browser.post(page).status_code == 302
    last = reverse("apply:remove_prescriber", args=[application.reference, "prescriber-2"])
    assert browser.post(last).status_code == 409


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("Cora Newcomer", True), ("newcomer, cora", True), ("CORA A. NEWCOMER MD", True),
        ("Córa Newcomer", True), ("Cora", False), ("C. Newcomer", False), ("", False),
    ],
)  # fmt: skip
def test_a_typed_name_fits_without_capitals_accents_or_order(typed: str, fits: bool) -> None:
    assert name_fits(typed, "Cora Ann", "Newcomer") is fits


def test_every_agreement_can_be_read_in_every_version(browser: Client) -> None:
    assert len(CURRENT) == 8
    for slug, version in ALL:
        html = browser.get(reverse("apply:agreement", args=[slug, version])).content.decode()
        assert ALL[slug, version].title in html
    assert browser.get(reverse("apply:agreement", args=["terms", "99"])).status_code == 404


# --- a further prescriber -----------------------------------------------------------------------
def test_a_member_applies_for_a_further_prescriber(cast: Cast) -> None:
    browser = Client()
    browser.force_login(cast.ada)
    hub = browser.post(reverse("apply:further")).headers["Location"]
    application = Application.objects.latest("pk")
    assert hub == reverse("apply:hub", args=[application.reference])
    assert (application.practice, application.started_by) == (cast.practice, cast.ada)
    html = browser.get(hub).content.decode()
    assert "Sample Dermatology" in html
    assert "Delivery and billing" not in html
    assert browser.get(url(application, "practice")).status_code == 404
    fill(browser, application, "person", "credentials", "licences")
    assert send(browser, application).status_code == 302
    assert kinds(application)[-1] == "applicant.acceptance_asked"


def test_only_who_manages_a_practice_may_add_a_prescriber(cast: Cast) -> None:
    answers = {}
    for name, user in {"nils": cast.nils, "phil": cast.phil}.items():
        browser = Client()
        browser.force_login(user)
        answers[name] = browser.post(reverse("apply:further")).status_code
    assert answers == {"nils": 403, "phil": 403}
    assert not Application.objects.exists()
