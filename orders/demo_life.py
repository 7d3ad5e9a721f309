"""Demo orders that are further on: verified, on hold, replaced by a revision, spoken on the phone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from formulary.models import Product, Reason
from formulary.reference import ReasonKind
from orders.models import Order
from orders.services import claims, holding, review, revising, verbal
from orders.services.drafts import DraftStep, edit_draft
from orders.services.prefill import as_draft
from orders.status import Check

# An order of one of the demo's patients, drafted; and the same, signed.
Maker = Callable[[int], Order]


def build(phil: User, *, signed: Maker, sign: Callable[[Order], Order]) -> None:
    """Four patients, one story each. `signed` makes the order of the patient of that number."""
    _verified(signed(0), phil)
    _on_hold(signed(1), phil)
    _revised(signed(2), phil, sign)
    _spoken(signed(3), phil)


def _whole(order: Order) -> Order:
    return Order.objects.for_page().get(pk=order.pk)


def _reason(kind: ReasonKind, code: str) -> Reason:
    return Reason.objects.get(kind=kind, code=code)


def _verified(order: Order, phil: User) -> None:
    """With refills left."""
    claims.claim(order, by=phil)
    held = _whole(order)
    warned = {finding.pk for finding in held.findings.all() if finding.level == "warn"}
    review.approve(held, by=phil, checklist=Check.values, reviewed=warned, cleared={})


def _on_hold(order: Order, phil: User) -> None:
    claims.claim(order, by=phil)
    holding.hold(
        _whole(order),
        by=phil,
        reason=_reason(ReasonKind.HOLD, "stock"),
        review_on=order.practice.today + timedelta(days=5),
        text="The capsules are expected within the week.",
    )


def _asked(order: Order, phil: User) -> Order:
    claims.claim(order, by=phil)
    why = _reason(ReasonKind.CLARIFICATION, "dose_or_titration")
    review.ask(_whole(order), by=phil, reason=why, text="Is the full dose meant from the start?")
    return _whole(order)


def _lower() -> tuple[DraftStep, ...]:
    """1.5 mg for two weeks, then 3 mg."""
    product = Product.objects.get(code="LDN-CAP-1.5")
    doses: tuple[tuple[str, int | None], ...] = (("1.5", 14), ("3", None))
    return tuple(
        DraftStep(
            product=product, dose_mg=Decimal(dose), times_per_day=1, timing="bedtime", days=days
        )
        for dose, days in doses
    )


def _revised(order: Order, phil: User, sign: Callable[[Order], Order]) -> None:
    ada = order.prescriber.user
    draft = _whole(revising.revise(_asked(order, phil), by=ada))
    steps = _lower()
    content = as_draft(draft, by=ada, steps=steps, product=steps[0].product, opioid_use="never")
    sign(_whole(edit_draft(draft, content, by=ada, version=draft.version)))


def _spoken(order: Order, phil: User) -> None:
    here = _asked(order, phil)
    ada, steps = order.prescriber.user, _lower()
    content = as_draft(here, by=ada, steps=steps, product=steps[0].product, revises=here)
    call = verbal.Call(order.prescriber.printed_name, timezone.now(), read_back=True)
    form = verbal.VerbalForm(uuid.uuid4(), call)
    verbal.record(here, content, by=phil, form=form)
