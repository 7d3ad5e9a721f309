"""Every field of the review page against what it must refuse: beside the field, storing nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from orders.models import ChecklistDraft, Message, Order, Review
from orders.status import Status
from tests.conftest import Cast
from tests.orders.pages import Controls, errors_of, sign_in
from tests.queue.desk import (
    ALL_CHECKS,
    at_the_desk,
    complete,
    finding_pk,
    flagged_order,
    fresh,
    held,
)

pytestmark = pytest.mark.django_db

UNPRINTABLE = ["a\x00b", "a\x07b", "a\x1bb", "a\u202eb", "\u2066a", "a\ufeffb", "a\u200bb"]
MARKUP = ["<b>a</b>", "<script>alert(1)</script>", "a > b"]
UNKNOWN = [
    "unknown", "0", "-1", "1e3", "NaN", "４", "a\x00b", "a\u202eb", "<b>a</b>", "x" * 5000,
    "['allergy']", "' OR 1=1 --",
]  # fmt: skip
ISMP = ["give 5.0 mg", "give .5 mg", "5 µg", "10 U", "a cc", "take QD"]
CHECKED = {"decision": "approve", "checks": ALL_CHECKS}


def text(most: int) -> list[str]:
    return [*UNPRINTABLE, *MARKUP, *ISMP, "x" * (most + 1), "x" * most * 100]


# act → what a complete sending holds, and for each field what it must refuse
TABLE: dict[str, tuple[dict[str, str], dict[str, list[Any]]]] = {
    "ask": (
        {"ask-reason": "allergy", "ask-text": "Which dye is meant?"},
        {
            "ask-reason": ["", *UNKNOWN, "duplicate_order", ["allergy", "payment"]],
            "ask-text": ["", "   ", "\u3000", *text(1000), ["one", "two"]],
        },
    ),
    "reject": (
        {"reject-reason": "duplicate", "reject-text": "The same came yesterday."},
        {
            "reject-reason": ["", *UNKNOWN, "payment", ["duplicate", "opioid_risk"]],
            "reject-text": [*text(1000), ["one", "two"]],
        },
    ),
    "give-back": (
        {"back-reason": "end_of_shift"},
        {"back-reason": ["", *UNKNOWN, "other", "holder_absent", ["end_of_shift", "x"]]},
    ),
}
ROWS = [(act, name) for act, (_, fields) in TABLE.items() for name in fields]


def stored(order: Order) -> tuple[object, ...]:
    return fresh(order).status, Review.objects.count(), Message.objects.count()


def assert_refused(html: str, name: str) -> None:
    assert "<title>Error: Review RX-" in html
    assert Controls(html).is_marked(name), (name, errors_of(html))
    for message in errors_of(html):
        assert "invalid" not in message.lower()
        assert "please" not in message.lower()


@pytest.mark.parametrize(("act", "name"), ROWS)
def test_wrong_values_are_refused_beside_their_field(cast: Cast, act: str, name: str) -> None:
    order = flagged_order(cast.ada)
    client = at_the_desk(order, cast.phil)
    whole, fields = TABLE[act]
    before = stored(order)
    for value in fields[name]:
        answer = client.post(f"/queue/{order.reference}/{act}/", whole | {name: value})
        assert answer.status_code == 200, (name, ascii(value)[:60])
        html = answer.content.decode()
        assert_refused(html, name)
        if name.endswith("text") and isinstance(value, str) and value.isascii():
            kept = html.replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'")
            assert value.strip()[:900] in kept, ascii(value)[:60]
    assert stored(order) == before


@pytest.mark.parametrize("act", list(TABLE))
def test_what_is_complete_is_taken(cast: Cast, act: str) -> None:
    order = flagged_order(cast.ada)
    client = at_the_desk(order, cast.phil)
    assert client.post(f"/queue/{order.reference}/{act}/", TABLE[act][0]).status_code == 302


def approve(client: Client, order: Order, **more: Any) -> str:
    answer = client.post(f"/queue/{order.reference}/approve/", complete(order, **more))
    assert answer.status_code == 200, more
    return answer.content.decode()


def test_no_field_of_the_approval_takes_what_is_wrong(cast: Cast) -> None:
    order = flagged_order(cast.ada)
    client = at_the_desk(order, cast.phil)
    tick = f"reviewed_{finding_pk(order, 'warn')}"
    cleared = f"cleared_{finding_pk(order, 'not_checked')}"
    wrong: dict[str, list[Any]] = {
        "checks": [[], ["dose"], "dose", [*ALL_CHECKS, "unknown"], *UNKNOWN],
        tick: ["", "true", "yes", "1", "off", *UNKNOWN, ["on", "on"]],
        cleared: ["", *UNKNOWN, "code_looked_up", "first_dose_meant", ["other", "other"]],
        f"{cleared}_text": [*text(300), ["one", "two"]],
        "password": ["", "a\x00b", "x" * 5000, "a\u202eb", "<b>", ["scruple", "test"]],
    }
    for name, values in wrong.items():
        for value in values:
            assert_refused(approve(client, order, **{name: value}), name)
    assert fresh(order).status == Status.IN_REVIEW
    assert not Review.objects.exists()


def test_findings_of_another_order_are_refused(cast: Cast) -> None:
    order, other = flagged_order(cast.ada), flagged_order(cast.ada)
    client = at_the_desk(order, cast.phil)
    for name in (
        f"reviewed_{finding_pk(other, 'warn')}", f"cleared_{finding_pk(other, 'not_checked')}",
        "reviewed_99999999999999999999", "reviewed_\x00", "cleared_<b>", "reviewed_",
    ):  # fmt: skip
        html = approve(client, order, **{name: "on"})
        assert "This page named findings of another order. Tick again." in errors_of(html)
    assert not Review.objects.exists()
    # A warning is reviewed, not cleared: swapping the names changes nothing either.
    swapped = complete(order)
    swapped[f"cleared_{finding_pk(order, 'warn')}"] = "prescriber_confirmed"
    answer = client.post(f"/queue/{order.reference}/approve/", swapped)
    assert answer.status_code == 200
    assert not Review.objects.exists()


@pytest.mark.parametrize("value", [["unknown"], ["dose", "<b>"], ["a\x00b"], ["x" * 5000]])
def test_ticks_that_do_not_exist_are_not_kept(cast: Cast, value: list[str]) -> None:
    order = flagged_order(cast.ada)
    client = at_the_desk(order, cast.phil)
    address = f"/queue/{order.reference}/checklist/"
    assert_refused(client.post(address, {"checks": value}).content.decode(), "checks")
    part = client.post(address, {"checks": value}, headers={"HX-Request": "true"})
    assert "Checklist not saved" in part.content.decode()
    assert not ChecklistDraft.objects.exists()


def test_the_release_takes_only_listed_reasons(cast: Cast) -> None:
    order = held(flagged_order(cast.ada), cast.phil)
    client = sign_in(cast.root)
    for value in ("", *UNKNOWN, "other", "end_of_shift", ["holder_absent", "urgent_order"]):
        answer = client.post(f"/queue/{order.reference}/release/", {"release-reason": value})
        assert_refused(answer.content.decode(), "release-reason")
    for version in ("x", "-1", "1e3", "9" * 30, "\x00", "<b>"):
        sent = {"release-reason": "holder_absent", "release-version": version}
        answer = client.post(f"/queue/{order.reference}/release/", sent)
        assert answer.status_code == 200
    assert fresh(order).holder == cast.phil
