"""Verifying, asking, rejecting, giving back, releasing."""

from __future__ import annotations

import html as entities
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import ChecklistDraft, FindingReview, Message, Order, Review
from orders.services import claims
from orders.status import Status
from tests.conftest import Cast
from tests.factories import PASSWORD, reason
from tests.orders.pages import errors_of, sign_in
from tests.queue.desk import (
    ALL_CHECKS,
    aged,
    at_the_desk,
    complete,
    finding_pk,
    flagged_order,
    fresh,
    held,
    lapsed,
    plain_order,
)

pytestmark = pytest.mark.django_db

ASKED = {"decision": "ask", "ask-reason": "allergy", "ask-text": "Which dye is meant?"}
REJECTED = {"decision": "reject", "reject-reason": "duplicate", "reject-text": ""}
GIVEN_BACK = {"decision": "give_back", "back-reason": "end_of_shift"}
ACTS = [("ask", ASKED), ("reject", REJECTED), ("give-back", GIVEN_BACK)]


def send(client: Client, order: Order, act: str, data: dict[str, Any]) -> Any:
    return client.post(f"/queue/{order.reference}/{act}/", data)


def problems(answer: Any) -> list[str]:
    """What the summary says of a page that came back, each with its control."""
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "<title>Error: Review RX-" in html
    ids = set(re.findall(r'\bid="([^"]+)"', html))
    summary = html.split('class="error-summary"')[1].split("</ul>")[0]
    links = re.findall(r'<a href="#([^"]+)"', summary)
    assert links
    assert set(links) <= ids
    return errors_of(html)


# --- verifying -------------------------------------------------------------------------------
def test_all_ticked_and_cleared_verifies_the_order(cast: Cast) -> None:
    order = flagged_order(cast.ada)
    answer = send(at_the_desk(order, cast.phil), order, "approve", complete(order))
    assert answer.status_code == 302
    now = fresh(order)
    assert (now.status, now.holder) == (Status.APPROVED, None)
    decision = Review.objects.get(order=order)
    assert (decision.pharmacist, decision.checklist) == (cast.phil, ALL_CHECKS)
    reviewed = FindingReview.objects.filter(review=decision)
    assert {row.finding.level for row in reviewed} == {"warn", "not_checked"}
    cleared = reviewed.get(finding__level="not_checked")
    assert cleared.reason is not None
    assert cleared.reason.code == "prescriber_confirmed"


def test_each_gap_is_named_beside_its_control_and_what_was_ticked_stays(cast: Cast) -> None:
    order = flagged_order(cast.ada)
    warn, unchecked = finding_pk(order, "warn"), finding_pk(order, "not_checked")
    sent = {"checks": ["dose", "patient"], f"cleared_{unchecked}_text": "kept words"}
    answer = send(at_the_desk(order, cast.phil), order, "approve", sent)
    assert problems(answer) == [
        "4 checks are still open: tick each once it is done.",
        "Read warning 1, then tick that you reviewed it.",
        "Choose why “not checked 1” is cleared.",
        "Enter your password to approve.",
    ]
    html = answer.content.decode()
    for name in ("checks", f"reviewed_{warn}", f"cleared_{unchecked}", "password"):
        assert f'id="id_{name}_error"' in html, name
    assert "kept words" in html
    assert re.search(r'value="dose"[^>]*checked', html)
    assert re.search(r'id="decide-approve" checked', html)
    assert fresh(order).status == Status.IN_REVIEW
    assert not Review.objects.exists()


def test_a_wrong_password_keeps_everything_but_itself(cast: Cast) -> None:
    order = flagged_order(cast.ada)
    sent = complete(order, password="not-my-password-at-all")
    answer = send(at_the_desk(order, cast.phil), order, "approve", sent)
    assert problems(answer) == ["This is not your password. Type it again."]
    html = answer.content.decode()
    assert "not-my-password-at-all" not in html
    assert len(re.findall(r"<input[^>]* checked", html)) == len(ALL_CHECKS) + 2
    assert 'value="prescriber_confirmed" selected' in html
    assert fresh(order).status == Status.IN_REVIEW


def test_the_password_is_not_asked_of_the_server_while_gaps_are_open(cast: Cast) -> None:
    """Otherwise guessing would cost nothing, and the limit would be used up by gaps."""
    order = flagged_order(cast.ada)
    sent = complete(order, checks=["dose"], password="not-my-password-at-all")
    answer = send(at_the_desk(order, cast.phil), order, "approve", sent)
    assert problems(answer) == ["5 checks are still open: tick each once it is done."]


def test_too_many_wrong_passwords_are_told_beside_the_field(cast: Cast) -> None:
    order = plain_order(cast.ada)
    client = at_the_desk(order, cast.phil)
    wrong = complete(order, password="not-my-password-at-all")
    for _ in range(8):
        send(client, order, "approve", wrong)
    (message,) = problems(send(client, order, "approve", complete(order)))
    assert message.startswith("Too many wrong passwords.")
    assert fresh(order).status == Status.IN_REVIEW


def test_a_reason_in_words_wants_the_words(cast: Cast) -> None:
    order = flagged_order(cast.ada)
    name = f"cleared_{finding_pk(order, 'not_checked')}"
    client = at_the_desk(order, cast.phil)
    short = complete(order, **{name: "other", f"{name}_text": "too short"})
    assert problems(send(client, order, "approve", short)) == [
        "For “Another reason, in words”, write at least 15 characters; there are 9 now."
    ]
    long = complete(order, **{name: "other", f"{name}_text": "The maker’s leaflet was read."})
    assert send(client, order, "approve", long).status_code == 302
    assert FindingReview.objects.get(reason__code="other").text == "The maker’s leaflet was read."


# --- asking, rejecting, giving back ----------------------------------------------------------
def test_a_question_goes_to_the_prescriber_and_stops_the_clock(cast: Cast) -> None:
    order = plain_order(cast.ada)
    answer = send(at_the_desk(order, cast.phil), order, "ask", ASKED)
    assert answer.status_code == 302
    now = fresh(order)
    assert now.status == Status.NEEDS_CLARIFICATION
    assert now.paused_at is not None
    assert now.status_reason == "Allergy"
    question = Message.objects.get(order=order)
    assert (question.author, question.text) == (cast.phil, "Which dye is meant?")


def test_a_rejection_keeps_its_reason_and_words(cast: Cast) -> None:
    order = plain_order(cast.ada)
    words = {"reject-text": "The same order came yesterday."}
    send(at_the_desk(order, cast.phil), order, "reject", REJECTED | words)
    decision = Review.objects.get(order=order)
    assert fresh(order).status == Status.REJECTED
    assert decision.reason is not None
    assert (decision.reason.code, decision.text) == ("duplicate", words["reject-text"])


def test_giving_back_frees_the_order_with_its_age(cast: Cast) -> None:
    order = aged(plain_order(cast.ada), 90)
    answer = send(at_the_desk(order, cast.phil), order, "give-back", GIVEN_BACK)
    now = fresh(order)
    assert answer.status_code == 302
    assert (now.status, now.holder, now.submitted_at) == (
        Status.SUBMITTED, None, order.submitted_at,
    )  # fmt: skip


@pytest.mark.parametrize("act", ["ask", "reject", "give-back"])
def test_an_act_without_its_reason_comes_back_with_the_ticks(cast: Cast, act: str) -> None:
    order = plain_order(cast.ada)
    answer = send(at_the_desk(order, cast.phil), order, act, {"checks": ["dose"]})
    assert all("Choose" in text or "Enter" in text for text in problems(answer))
    html = answer.content.decode()
    assert re.search(r'value="dose"[^>]*checked', html)
    assert re.search(rf'id="decide-{act.replace("-", "_")}" checked', html)
    assert html.count('class="field-message"') == (2 if act == "ask" else 1)
    assert fresh(order).status == Status.IN_REVIEW


def test_reasons_in_words_are_offered_only_where_words_are_kept(cast: Cast) -> None:
    order = plain_order(cast.ada)
    html = at_the_desk(order, cast.phil).get(f"/queue/{order.reference}/").content.decode()
    lists = dict(re.findall(r'<select name="([\w-]+)".*?>(.*?)</select>', html, re.DOTALL))
    assert 'value="other"' in lists["ask-reason"]
    assert 'value="other"' in lists["reject-reason"]
    assert 'value="other"' not in lists["back-reason"]


# --- where it goes on ------------------------------------------------------------------------
@pytest.mark.parametrize(("act", "sent"), ACTS)
def test_a_decision_leads_to_the_next_row(cast: Cast, act: str, sent: dict[str, str]) -> None:
    first, second, third = (aged(plain_order(cast.ada), age) for age in (30, 20, 10))
    answer = send(at_the_desk(second, cast.phil), second, act, sent)
    assert answer["Location"] == f"/queue/#{third.reference}"
    last = send(at_the_desk(third, cast.phil), third, act, sent)
    assert last["Location"] == f"/queue/#{first.reference}"


def test_deciding_and_opening_the_next_claims_it(cast: Cast) -> None:
    first, second = (aged(plain_order(cast.ada), age) for age in (30, 20))
    client = at_the_desk(first, cast.phil)
    answer = send(client, first, "approve", complete(first, next="1"))
    assert answer["Location"] == f"/queue/{second.reference}/"
    assert fresh(second).holder == cast.phil
    html = entities.unescape(client.get(answer["Location"]).content.decode())
    assert f"{first.reference} verified." in html


def test_opening_the_next_says_when_there_is_none(cast: Cast) -> None:
    order = plain_order(cast.ada)
    client = at_the_desk(order, cast.phil)
    answer = client.post(f"/queue/{order.reference}/reject/", REJECTED | {"next": "1"}, follow=True)
    assert answer.redirect_chain == [("/queue/", 302)]
    html = answer.content.decode()
    assert f"{order.reference} rejected." in html
    assert "Nothing free" in html


# --- ticks and the claim ---------------------------------------------------------------------
def test_ticking_is_kept_and_prolongs_the_claim(cast: Cast) -> None:
    order = held(plain_order(cast.ada), cast.phil)
    soon = timezone.now() + timedelta(minutes=2)
    Order.objects.filter(pk=order.pk).update(held_until=soon)
    answer = sign_in(cast.phil).post(
        f"/queue/{order.reference}/checklist/", {"checks": ["dose", "patient"]},
        headers={"HX-Request": "true"},
    )  # fmt: skip
    words = answer.content.decode()
    assert "Yours until" in words
    assert "Checklist saved" in words
    assert "<html" not in words
    assert ChecklistDraft.objects.get().ticks == ["dose", "patient"]
    assert fresh(order).held_until > soon + timedelta(minutes=20)  # type: ignore[operator]


def test_saving_without_scripts_shows_the_page_with_all_that_was_typed(cast: Cast) -> None:
    order = flagged_order(cast.ada)
    name = f"cleared_{finding_pk(order, 'not_checked')}"
    sent = {"checks": ["dose"], name: "other", "ask-text": "half a quest"}
    answer = send(at_the_desk(order, cast.phil), order, "checklist", sent)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Checklist saved" in html
    assert "half a quest" in html
    assert 'value="other" selected' in html
    assert "field-message" not in html


@pytest.mark.parametrize(
    ("act", "sent"), [*ACTS, ("approve", {}), ("checklist", {"checks": ["dose"]})]
)
def test_a_lost_claim_is_a_page_that_names_the_holder(
    cast: Cast, act: str, sent: dict[str, str]
) -> None:
    order = lapsed(held(plain_order(cast.ada), cast.phil))
    held(order, cast.petra)
    client = sign_in(cast.phil)
    data = sent or complete(order)
    answer = send(client, order, act, data)
    assert answer.status_code == 409
    assert "Petra Pharmacist" in answer.content.decode()
    assert fresh(order).holder == cast.petra
    part = client.post(
        f"/queue/{order.reference}/{act}/", data, headers={"HX-Request": "true"}
    ).content.decode()
    assert "held by Petra Pharmacist now" in part
    assert "<html" not in part


def test_an_order_decided_in_another_window_is_not_decided_again(cast: Cast) -> None:
    order = plain_order(cast.ada)
    client = at_the_desk(order, cast.phil)
    send(client, order, "reject", REJECTED)
    answer = send(client, order, "approve", complete(order))
    assert answer.status_code == 409
    assert "has moved on: Rejected" in answer.content.decode()
    assert Review.objects.count() == 1


# --- the administrator -----------------------------------------------------------------------
def test_an_administrator_releases_anothers_claim_with_a_reason(cast: Cast) -> None:
    order = held(plain_order(cast.ada), cast.phil)
    client = sign_in(cast.root)
    assert "Choose" in problems(send(client, order, "release", {}))[0]
    assert fresh(order).holder == cast.phil
    sent = {"release-reason": "holder_absent", "release-version": str(order.version)}
    assert send(client, order, "release", sent).status_code == 302
    assert fresh(order).status == Status.SUBMITTED
    html = entities.unescape(client.get(f"/queue/{order.reference}/").content.decode())
    assert "The holder is absent" in html


def test_a_release_never_hits_somebody_else_than_was_shown(cast: Cast) -> None:
    order = held(plain_order(cast.ada), cast.phil)
    claims.give_back(order, by=cast.phil, reason=reason("give_back"))
    held(order, cast.petra)
    sent = {"release-reason": "holder_absent", "release-version": str(order.version - 1)}
    answer = send(sign_in(cast.root), order, "release", sent)
    assert answer.status_code == 409
    assert fresh(order).holder == cast.petra


def test_nothing_is_released_that_nobody_holds(cast: Cast) -> None:
    order = plain_order(cast.ada)
    sent = {"release-reason": "holder_absent"}
    assert send(sign_in(cast.root), order, "release", sent).status_code == 409


def test_a_pharmacist_never_verifies_without_the_password(cast: Cast) -> None:
    order = plain_order(cast.ada)
    sent = complete(order)
    assert sent.pop("password") == PASSWORD
    answer = send(at_the_desk(order, cast.phil), order, "approve", sent)
    assert problems(answer) == ["Enter your password to approve."]
