"""Suspended accounts and licences that ended: no new orders; what is there goes on."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Licence, Practice, User
from accounts.services.standing import reinstate, suspend
from orders.models import Order
from orders.services import claims, review
from orders.services.moves import Refused
from orders.services.signing import sign
from orders.status import Check, Status
from tests.conftest import Cast
from tests.factories import draft_of, reason, signed_order, signing_form

pytestmark = pytest.mark.django_db
WHY = "The board has opened a case."


def expire(user: User) -> None:
    yesterday = timezone.localdate() - timedelta(days=2)
    user.prescriber.licences.update(expires_on=yesterday)


def page(user: User, path: str) -> str:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user)
    return client.get(path).text


def test_an_expired_licence_refuses_a_signature_and_keeps_the_draft(cast: Cast) -> None:
    order, sent = draft_of(cast.ada), signed_order(cast.ada)
    form = signing_form(order)
    expire(cast.ada)
    with pytest.raises(Refused, match="No licence of Ada Sample, MD that holds in NC"):
        sign(order, by=cast.ada, form=form)
    order.refresh_from_db()
    assert order.status == Status.DRAFT
    claims.claim(sent, by=cast.phil)
    review.approve(sent, by=cast.phil, checklist=Check.values, reviewed=set(), cleared={})
    assert Order.objects.get(pk=sent.pk).status == Status.APPROVED


def test_a_licence_of_another_state_does_not_help(cast: Cast) -> None:
    expire(cast.ada)
    until = timezone.localdate() + timedelta(days=200)
    Licence.objects.create(
        prescriber=cast.ada.prescriber, state="VA", number="V-1", expires_on=until
    )
    with pytest.raises(Refused, match="holds in NC"):
        signed_order(cast.ada)


def test_the_day_of_expiry_still_counts(cast: Cast) -> None:
    cast.ada.prescriber.licences.update(expires_on=cast.practice.today)
    assert signed_order(cast.ada).status == Status.SUBMITTED


@pytest.mark.parametrize("who", ["ada", "nils"])
def test_the_order_form_says_early_that_no_licence_holds(cast: Cast, who: str) -> None:
    user, path = getattr(cast, who), f"/orders/new/{uuid.uuid4()}/"
    assert "No licence of" not in page(user, path)
    expire(cast.ada)
    shown = page(user, path)
    assert "No licence of Ada Sample, MD that holds in NC today is on file." in shown
    assert ("See the licences on file" in shown) == (who == "ada")


def test_the_review_page_of_a_draft_says_it_instead_of_asking_for_a_password(cast: Cast) -> None:
    path = f"/orders/{draft_of(cast.ada).reference}/review/"
    assert 'name="password"' in page(cast.ada, path)
    expire(cast.ada)
    shown = page(cast.ada, path)
    assert "No licence of Ada Sample, MD" in shown
    assert 'name="password"' not in shown


def test_a_suspended_prescriber_reads_everything_and_signs_nothing(cast: Cast) -> None:
    order, sent = draft_of(cast.ada), signed_order(cast.ada)
    form = signing_form(order)
    suspend(cast.ada.prescriber, by=cast.phil, reason=WHY)
    # The objects at hand are older than the suspension; it acts all the same.
    with pytest.raises(Refused, match="not open for new orders"):
        sign(order, by=cast.ada, form=form)
    assert sent.reference in page(cast.ada, "/orders/?tab=pharmacy")
    assert "not open for new orders" in page(cast.ada, f"/orders/{order.reference}/review/")
    reinstate(cast.ada.prescriber, by=cast.phil, reason="The case was closed.")
    assert sign(order, by=cast.ada, form=form).status == Status.SUBMITTED


def test_a_suspended_practice_signs_nothing(cast: Cast) -> None:
    order = draft_of(cast.ada)
    form = signing_form(order)
    suspend(Practice.objects.get(pk=cast.practice.pk), by=cast.phil, reason=WHY)
    with pytest.raises(Refused, match="not open for new orders"):
        sign(order, by=cast.ada, form=form)


def test_the_pharmacist_sees_the_suspension_and_cannot_approve(cast: Cast) -> None:
    order = signed_order(cast.ada)
    claims.claim(order, by=cast.phil)
    suspend(cast.ada.prescriber, by=cast.petra, reason=WHY)
    assert "was suspended or closed after signing" in page(cast.phil, f"/queue/{order.reference}/")
    with pytest.raises(Refused, match="account of Ada Sample, MD was suspended"):
        review.approve(order, by=cast.phil, checklist=Check.values, reviewed=set(), cleared={})
    review.ask(order, by=cast.phil, reason=reason("clarification"), text="")
    assert order.status == Status.NEEDS_CLARIFICATION


def test_an_order_that_was_decided_is_not_marked(cast: Cast) -> None:
    order = signed_order(cast.ada)
    claims.claim(order, by=cast.phil)
    review.approve(order, by=cast.phil, checklist=Check.values, reviewed=set(), cleared={})
    suspend(cast.ada.prescriber, by=cast.phil, reason=WHY)
    assert "suspended or closed" not in page(cast.phil, f"/queue/{order.reference}/")
