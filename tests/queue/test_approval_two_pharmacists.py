"""What a rule that failed left open is cleared by two pharmacists; nothing passes as clean."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from formulary import order_rules
from formulary.findings import Finding
from orders.models import Order
from orders.services import claims, review
from orders.services.moves import Refused
from orders.services.review import Clearing
from orders.status import Check
from tests.conftest import Cast
from tests.factories import reason, signed_order
from tests.queue.desk import at_the_desk, complete, fresh, held

pytestmark = pytest.mark.django_db


def broken_rule(case: object) -> Iterator[Finding]:
    raise ZeroDivisionError
    yield


@pytest.fixture
def failed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Order:
    monkeypatch.setattr(order_rules, "ORDER_RULES", (*order_rules.ORDER_RULES, broken_rule))
    return signed_order(cast.ada)


def clear(order: Order, by: object) -> bool:
    findings = list(order.findings.all())
    clearing = Clearing(reason("clearance", "rule_applied_by_hand"), "Applied by hand: passes.")
    return review.approve(
        order,
        by=by,  # type: ignore[arg-type]
        checklist=Check.values,
        reviewed={f.pk for f in findings},
        cleared={f.pk: clearing for f in findings if f.level == "not_checked"},
    )


def test_a_failed_rule_is_signed_as_not_checked_never_as_clean(failed: Order) -> None:
    (finding,) = failed.findings.all()
    assert (finding.code, finding.level) == ("rule_error", "not_checked")


def test_the_first_clearing_is_kept_and_the_order_waits_for_a_second(
    cast: Cast, failed: Order
) -> None:
    held(failed, cast.phil)
    assert clear(fresh(failed), cast.phil) is False
    order = fresh(failed)
    assert (order.status, order.holder, order.decided_at) == ("submitted", None, None)
    assert order.reviews.get().decision == "cleared"
    assert order.reviews.get().findings.get().reason.code == "rule_applied_by_hand"  # type: ignore[union-attr]
    assert order.submitted_at == failed.submitted_at


def test_the_same_pharmacist_cannot_be_the_second(cast: Cast, failed: Order) -> None:
    held(failed, cast.phil)
    clear(fresh(failed), cast.phil)
    assert claims.claim_next(by=cast.phil) is None
    held(fresh(failed), cast.phil)
    with pytest.raises(Refused, match="A second pharmacist"):
        clear(fresh(failed), cast.phil)
    assert fresh(failed).status == "in_review"


def test_a_second_pharmacist_clears_it_too_and_verifies(cast: Cast, failed: Order) -> None:
    held(failed, cast.phil)
    clear(fresh(failed), cast.phil)
    order = claims.claim_next(by=cast.petra)
    assert order is not None
    with pytest.raises(Refused, match="Still to be cleared"):
        review.approve(order, by=cast.petra, checklist=Check.values, reviewed=set(), cleared={})
    assert clear(fresh(failed), cast.petra) is True
    assert fresh(failed).status == "approved"
    assert [one.pharmacist for one in failed.reviews.all()] == [cast.phil, cast.petra]


def test_the_page_tells_that_a_second_one_decides(cast: Cast, failed: Order) -> None:
    client = at_the_desk(failed, cast.phil)
    page = client.get(f"/queue/{failed.reference}/").content.decode()
    assert "Two pharmacists" in page
    data = complete(failed)
    for finding in failed.findings.all():
        data |= {f"cleared_{finding.pk}": "rule_applied_by_hand"}
        data |= {f"cleared_{finding.pk}_text": "Applied by hand: passes."}
    answer = client.post(f"/queue/{failed.reference}/approve/", data, follow=True)
    assert "A second pharmacist decides" in answer.content.decode()
    again = at_the_desk(fresh(failed), cast.petra)
    assert "Phil Pharmacist" in again.get(f"/queue/{failed.reference}/").content.decode()
