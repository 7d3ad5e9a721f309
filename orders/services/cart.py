"""Signing several orders in one go: each was shown before, each has its own transaction and result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right
from accounts.status import ProvedBy
from formulary.models import Reason
from formulary.reference import ReasonKind
from orders.models import DraftReading, Order
from orders.services.checks import evaluate
from orders.services.content import ContentChanged, content_sha256
from orders.services.drafts import TokenReused
from orders.services.handing_over import hand_over
from orders.services.moves import Refused, StaleOrder, ensure_own, stale
from orders.services.signed_text import Acknowledgement
from orders.services.signing import SigningForm, ensure_signable, sign
from orders.services.standing import misfit, obstacle
from orders.status import UNSIGNED


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    CHANGED = "changed"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Ticked:
    """One order of the list as it came back: its own token and the hash of what was shown of it."""

    order: Order
    token: UUID
    seen_sha256: str


@dataclass(frozen=True, slots=True)
class Result:
    order: Order
    outcome: Outcome
    words: str = ""


@transaction.atomic
def keep_reading(order: Order, *, by: User, form: SigningForm) -> DraftReading:
    """Remember that the prescriber was shown this content whole, with the reasons given.

    Raises as `sign` does: what cannot be signed is not kept for it.
    """
    ensure_own(order, by, Right.SIGN_ORDERS)
    if order.prescriber.user_id != by.pk:
        raise PermissionDenied("An order is signed by the prescriber it names.")
    if order.status not in UNSIGNED:
        raise stale(order)
    evaluation = evaluate(order, on=order.practice.today)
    if content_sha256(order, evaluation) != form.seen_sha256:
        raise ContentChanged(f"{order.reference} was changed after this page was shown.")
    if wrong := _in_the_way(order):
        raise Refused(wrong)
    ensure_signable(evaluation, form.reasons, refills=order.refills)
    kept = {
        "content_sha256": form.seen_sha256,
        "reasons": {key: [a.reason.code, a.text] for key, a in form.reasons.items()},
        "read_at": timezone.now(),
    }
    return DraftReading.objects.update_or_create(order=order, user=by, defaults=kept)[0]


def _in_the_way(order: Order) -> str:
    state = order.seen_state or order.practice.state
    return obstacle(order.prescriber, order.practice, state) or misfit(order)


def sign_together(
    ticked: Sequence[Ticked], *, by: User, ip: str | None, method: ProvedBy
) -> list[Result]:
    """Sign each of them; what is wrong with one leaves the others signed. Sent again, it tells the
    same. Raises PermissionDenied, with nothing signed, when one of them is not the signer's own."""
    for one in ticked:
        ensure_own(one.order, by, Right.SIGN_ORDERS)
        if one.order.prescriber.user_id != by.pk:
            raise PermissionDenied("An order is signed by the prescriber it names.")
    return [_sign_one(one, by=by, ip=ip, method=method) for one in ticked]


def _sign_one(one: Ticked, *, by: User, ip: str | None, method: ProvedBy) -> Result:
    order = one.order
    reading = DraftReading.objects.filter(order=order, user=by).first()
    if reading is None or reading.content_sha256 != one.seen_sha256:
        words = "Open it, read it and keep it for signing first."
        return Result(order, Outcome.CHANGED if reading else Outcome.REFUSED, words)
    form = SigningForm(one.token, one.seen_sha256, _reasons(reading), ip, method)
    try:
        sign(order, by=by, form=form)
    except Refused as refused:
        return Result(order, Outcome.REFUSED, str(refused))
    except ContentChanged:
        return Result(order, Outcome.CHANGED, "It changed after you read it: read it again.")
    except (StaleOrder, TokenReused) as lost:
        return Result(order, Outcome.BEFORE, str(lost))
    return Result(order, Outcome.DONE)


def _reasons(reading: DraftReading) -> dict[str, Acknowledgement]:
    codes = {code for code, _ in reading.reasons.values()}
    rows = Reason.objects.of(ReasonKind.ACKNOWLEDGEMENT).filter(code__in=codes)
    by_code = {row.code: row for row in rows}
    return {
        key: Acknowledgement(by_code[code], text)
        for key, (code, text) in reading.reasons.items()
        if code in by_code
    }


def hand_over_together(orders: Iterable[tuple[Order, int]], *, by: User) -> list[Result]:
    """Hand over each draft at the version that was shown, each with its own result."""
    return [_hand_over_one(order, version, by=by) for order, version in orders]


def _hand_over_one(order: Order, version: int, *, by: User) -> Result:
    try:
        hand_over(order, by=by, version=version)
    except Refused as refused:
        return Result(order, Outcome.REFUSED, str(refused))
    except StaleOrder as lost:
        return Result(order, Outcome.CHANGED, str(lost))
    return Result(order, Outcome.DONE)
