"""The fills of a verified order: the first, refills asked for and decided, and their end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right, ensure
from formulary.findings import Finding, Level
from formulary.models import Reason
from formulary.reference import ReasonKind
from formulary.services import load_formulary
from orders.models import Fill, Order
from orders.services.checks import Evaluation
from orders.services.content import damage
from orders.services.moves import Refused, StaleOrder, ensure_own, note
from orders.services.refill_checks import (
    EARLY,
    RefillAnswers,
    check_refill,
    ensure_passes,
    stored_findings,
)
from orders.services.signed_text import Acknowledgement
from orders.services.standing import closed_since
from orders.services.supply import Plan, Supply, signed_plan
from orders.status import FillState, Status

_REFERENCE = re.compile(r"RX-[0-9A-Z]{8}", re.ASCII)


class StaleFill(StaleOrder):
    """The refill was decided meanwhile; the message says how."""

    def __init__(self, order: Order, fill: Fill) -> None:
        self.fill = fill
        super().__init__(order)

    def _words(self) -> str:
        words = f"Refill {self.fill.number - 1} of {self.order.reference}"
        by = f" by {self.fill.decided_by.name}" if self.fill.decided_by else ""
        return f"{words} was {self.fill.get_state_display().lower()}{by} meanwhile."


@dataclass(frozen=True, slots=True)
class Asked:
    """A refill as the practice's page sends it; `number` is the fill the page was shown for."""

    number: int
    answers: RefillAnswers
    reasons: Mapping[str, Acknowledgement] = field(default_factory=dict)


# --- the first fill -----------------------------------------------------------------------------
def first(order: Order, *, by: User | None = None) -> Fill:
    """Release the whole titration, as signed. Called in the transaction of the approval.

    Ends the refills of the orders that this one was signed to replace. Raises Refused once the
    prescription's validity has passed.
    """
    today = order.practice.today
    if order.expires_on is not None and order.expires_on < today:
        raise Refused("The prescription’s validity has ended: it can no longer be filled.")
    plan = signed_plan(order, "first_fill", load_formulary())
    days = plan.days if plan else order.days_supply
    starts = max(order.effective_on or today, today)
    fill = Fill.objects.create(
        order=order,
        number=1,
        state=FillState.RELEASED,
        days=days,
        parts=list(plan.parts) if plan else [days],
        quantities=plan.quantities if plan else {},
        starts_on=starts,
        ends_on=starts + timedelta(days=days - 1),
        decided_by=by,
        decided_at=timezone.now(),
    )
    end_replaced(order, by=by)
    return fill


def end_replaced(order: Order, *, by: User | None = None) -> list[Order]:
    """End the refills of each verified order that this one was signed to replace; returns those."""
    answered = order.findings.filter(code="active_order", reason__code="replaces_it")
    named = {name for text in answered.values_list("text", flat=True) for name in _named(text)}
    older = Order.objects.replaceable_by(order).filter(reference__in=named).order_by("pk")
    ended = list(older.select_for_update(of=("self",)))
    for one in ended:
        asked = cancel_requested(one)
        Order.objects.filter(pk=one.pk).update(refills_ended_by=order, version=F("version") + 1)
        data = {"replaced_by": order.reference, "asked": asked}
        note(one, "order.refills_cancelled", by=by, data=data)
    return ended


def _named(text: str) -> list[str]:
    return _REFERENCE.findall(text.replace("\u2011", "-"))


def cancel_requested(order: Order) -> int:
    """Withdraw refills that were asked for and not decided; returns how many."""
    asked = order.fills.filter(state=FillState.REQUESTED)
    return int(asked.update(state=FillState.CANCELLED, decided_at=timezone.now()))


# --- a refill, asked for by the practice --------------------------------------------------------
@transaction.atomic
def ask(order: Order, *, by: User, asked: Asked) -> Fill:
    """Ask for the next refill. The same page sent again ends at the same request.

    Raises Refused with what stands in the way: no refill left, validity, a stop, a gap, a warning
    without a reason. What a warning means is for somebody who may sign to say.
    """
    ensure_own(order, by, Right.PREPARE_ORDERS)
    here = _locked(order)
    supply = Supply.of(here, load_formulary())
    if standing := here.fills.filter(number=asked.number, state__in=_STANDING).first():
        return _same(standing, by=by, asked=asked)
    plan = _ensure_open(supply)
    if asked.number != supply.next_number:
        raise Refused("This page was opened for another refill. Open the order again.")
    found = evaluation_of(supply, plan, asked.answers)
    _ensure_may_answer(found, by)
    ensure_passes(found, asked.reasons, found.formulary)
    return _request(supply, plan, found, by=by, asked=asked)


_STANDING = (FillState.REQUESTED, FillState.RELEASED)


def _locked(order: Order) -> Order:
    return Order.objects.for_page().select_for_update(of=("self",)).get(pk=order.pk)


def _same(fill: Fill, *, by: User, asked: Asked) -> Fill:
    """The refill itself when this very page asked for it before."""
    if fill.asked_by_id == by.pk and fill.answers == asked.answers.stored():
        return fill
    who = fill.asked_by.name if fill.asked_by else "a colleague"
    raise Refused(f"Refill {fill.number - 1} was asked for already, by {who}.")


def _ensure_open(supply: Supply) -> Plan:
    """The signed plan of a refill; Refused when none can be had today."""
    if broken := damage(supply.order):
        raise Refused(broken)
    if wrong := supply.obstacle or closed_since(supply.order):
        raise Refused(wrong)
    plan = signed_plan(supply.order, "each_refill", load_formulary())
    if plan is None:
        raise Refused("This titration ends with its last step, so nothing is left to repeat.")
    return plan


def evaluation_of(supply: Supply, plan: Plan, answers: RefillAnswers) -> Evaluation:
    """What the rules say of a refill today."""
    return check_refill(
        supply.order,
        answers,
        load_formulary(),
        plan=plan,
        percent_used=supply.percent_used,
        on=supply.today,
    )


def _ensure_may_answer(found: Evaluation, by: User) -> None:
    clinical = [finding for finding in found.warnings if finding.code != EARLY]
    if clinical and not by.has_right(Right.SIGN_ORDERS):
        raise Refused(f"For the prescriber to answer: {clinical[0].text}")


def _request(supply: Supply, plan: Plan, found: Evaluation, *, by: User, asked: Asked) -> Fill:
    early = next((f for f in found.warnings if f.code == EARLY), None)
    fill = Fill.objects.create(
        order=supply.order,
        number=asked.number,
        state=FillState.REQUESTED,
        days=plan.days,
        parts=list(plan.parts),
        quantities=plan.quantities,
        asked_by=by,
        asked_at=timezone.now(),
        answers=asked.answers.stored(),
        findings=stored_findings(found, asked.reasons),
        early_reason=asked.reasons[early.key].reason if early else None,
    )
    data = {"number": fill.number, "early": early is not None}
    note(supply.order, "order.refill_requested", by=by, data=data)
    return fill


# --- decided by a pharmacist --------------------------------------------------------------------
@transaction.atomic
def release(fill: Fill, *, by: User, reviewed: frozenset[str] = frozenset()) -> None:
    """Let the refill go out. Every rule is asked again as of today.

    `reviewed` holds the keys of the warnings and unchecked points that the pharmacist ticked.
    Raises Refused with what stands in the way, StaleOrder once it was decided.
    """
    ensure(by, Right.REVIEW_ORDERS)
    order = _locked(fill.order)
    _ensure_standing(order, fill)
    supply = Supply.of(order, load_formulary())
    if by.pk in (order.prescriber.user_id, fill.asked_by_id):
        raise Refused("Somebody else releases a refill than who prescribed it or asked for it.")
    plan = _ensure_open(supply)
    found = evaluation_of(supply, plan, RefillAnswers.read(fill.answers))
    if stops := found.stops + found.unanswered:
        raise Refused(" ".join(finding.text for finding in stops))
    for finding in to_review(found):
        if finding.key not in reviewed:
            raise Refused(f"Still to be reviewed: {finding.text}")
    starts, ends = supply.next_days(plan.days)
    _decide(order, fill, FillState.RELEASED, by=by, starts_on=starts, ends_on=ends)
    note(order, "order.refill_released", by=by, data={"number": fill.number})


def to_review(found: Evaluation) -> list[Finding]:
    """What a pharmacist goes through before a refill: the rest is for information."""
    return [f for f in found.findings if f.level in (Level.WARN, Level.NOT_CHECKED)]


@transaction.atomic
def refuse(fill: Fill, *, by: User, reason: Reason, text: str = "") -> None:
    """Refuse the refill for a coded reason, which the practice reads; it may be asked for again."""
    ensure(by, Right.REVIEW_ORDERS)
    order = _locked(fill.order)
    _ensure_standing(order, fill)
    if reason.kind != ReasonKind.REFILL_REFUSAL or len(text) < reason.min_chars:
        raise Refused("Choose a reason for refusing, in words where it asks for them.")
    _decide(order, fill, FillState.REFUSED, by=by, refusal=reason, refusal_text=text)
    data = {"number": fill.number, "reason": reason.code}
    note(order, "order.refill_refused", by=by, data=data)


def _ensure_standing(order: Order, fill: Fill) -> None:
    fill.refresh_from_db()
    if fill.state != FillState.REQUESTED or order.status != Status.APPROVED:
        raise StaleFill(order, fill)


def _decide(order: Order, fill: Fill, state: FillState, *, by: User, **changed: object) -> None:
    here = Fill.objects.requested().filter(pk=fill.pk)
    if not here.update(state=state, decided_by=by, decided_at=timezone.now(), **changed):
        raise StaleFill(order, Fill.objects.get(pk=fill.pk))
    fill.refresh_from_db()


# --- the end ------------------------------------------------------------------------------------
def notice_last() -> int:
    """Tell the practices whose last supply ends soon, once each; returns how many."""
    formulary, told = load_formulary(), 0
    days = formulary.figures.last_fill_notice_days
    # A day more than anywhere on earth; each practice's own day decides.
    until = timezone.now().date() + timedelta(days=days + 1)
    for pk in Fill.objects.ending_by(until).values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            fill = Fill.objects.ending_by(until).filter(pk=pk).select_for_update(
                skip_locked=True, of=("self",)
            ).select_related("order__practice").first()  # fmt: skip
            if fill is None or not _ends_treatment(Supply.of(fill.order, formulary), fill, days):
                continue
            Fill.objects.filter(pk=pk).update(end_noticed_at=timezone.now())
            note(fill.order, "order.last_fill_ending", by=None, data={"number": fill.number})
            told += 1
    return told


def _ends_treatment(supply: Supply, fill: Fill, days: int) -> bool:
    """Whether nothing follows: no refill, no fill after it, no newer order of the same drug."""
    assert fill.ends_on is not None  # noqa: S101  it was released
    soon = supply.today <= fill.ends_on <= supply.today + timedelta(days=days)
    is_last = fill == supply.released[-1] and supply.requested is None
    nothing_left = supply.refills_left == 0 or supply.has_ended
    return soon and is_last and nothing_left and not Order.objects.newer_than(supply.order).exists()
