"""The pharmacist's decision, the question to the prescriber and its answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right, ensure
from formulary.findings import Code
from formulary.models import Reason
from formulary.reference import ReasonKind
from orders.models import ChecklistDraft, FindingReview, Message, Order, OrderFinding, Review
from orders.services import elsewhere, fills
from orders.services.claims import holds, keep
from orders.services.content import verify
from orders.services.moves import Refused, ensure_own, ensure_right, move, stale
from orders.services.rechecking import new_since_signing
from orders.services.standing import closed_since
from orders.status import FACTUAL_ANSWERS, Check, Decision, Status

RESERVED_FOR_ASKER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Clearing:
    """Why a pharmacist lets pass what the check could not evaluate."""

    reason: Reason
    text: str = ""


def save_checklist(order: Order, *, by: User, ticks: Collection[str]) -> None:
    """Keep the ticks set so far and prolong the claim: ticking is work on the order."""
    known = sorted(set(ticks) & _tickable(order))
    with transaction.atomic():
        keep(order, by=by)
        ChecklistDraft.objects.update_or_create(
            order=order, pharmacist=by, defaults={"ticks": known}
        )


def _tickable(order: Order) -> set[str]:
    findings = {f"finding-{finding.pk}" for finding in order.findings.all()}
    return {*Check.values, *findings, *map(elsewhere.tick_of, elsewhere.of_same_person(order))}


def approve(
    order: Order,
    *,
    by: User,
    checklist: Collection[str],
    reviewed: Collection[int],
    cleared: Mapping[int, Clearing],
    read_elsewhere: Collection[str] = (),
) -> bool:
    """Verify the order. Every check ticked, every warning reviewed, every unchecked point cleared,
    every active order of the same person at another practice read (`read_elsewhere`: references).

    Returns False when it waits for a second pharmacist instead: a rule failed at signing, and two
    of them answer for what it would have said. Raises Refused with what is missing, ContentChanged
    when the signed text is not whole, StaleOrder when the order is no longer held by `by`.
    """
    _ensure_decidable(order, Status.APPROVED, by)
    if order.prescriber.user_id == by.pk:
        raise Refused("An order is verified by somebody other than its prescriber.")
    if closed := closed_since(order):
        raise Refused(closed)
    if missing := [check.label for check in Check if check.value not in checklist]:
        raise Refused("Still to be checked: " + "; ".join(missing) + ".")
    ensure_second(order, by)
    findings = list(order.findings.all())
    _ensure_reviewed(findings, reviewed, cleared)
    others = elsewhere.of_same_person(order)
    if unread := [one.reference for one in others if one.reference not in read_elsewhere]:
        raise Refused("Still to be read, of another practice: " + ", ".join(unread) + ".")
    verify(order)
    if new := new_since_signing(order):
        raise Refused("The check finds more than at signing: " + " ".join(f.text for f in new))
    if waits_for_a_second(order, findings):
        _clear_first(order, by=by, findings=findings, cleared=cleared)
        return False
    with transaction.atomic():
        ticks = map(elsewhere.tick_of, others)
        review = _decide(order, Status.APPROVED, Decision.APPROVED, by=by, more=ticks)
        _store_reviews(review, findings, cleared)
        if others:
            elsewhere.note(review, others, by=by)
        fills.first(order, by=by)
    return True


def waits_for_a_second(order: Order, findings: Collection[OrderFinding]) -> bool:
    """Whether a rule that failed is still to be cleared by a first pharmacist."""
    failed = any(finding.code == Code.RULE_ERROR for finding in findings)
    return failed and cleared_by(order) is None


def cleared_by(order: Order) -> User | None:
    """The first of two pharmacists, whose clearing stays on record."""
    first = order.reviews.filter(decision=Decision.CLEARED).select_related("pharmacist").first()
    return first.pharmacist if first else None


def ensure_second(order: Order, by: User) -> None:
    """Raise Refused for the pharmacist who cleared the order first."""
    if cleared_by(order) == by:
        raise Refused(
            "You cleared what could not be checked. A second pharmacist clears it too and decides."
        )


@transaction.atomic
def _clear_first(
    order: Order, *, by: User, findings: list[OrderFinding], cleared: Mapping[int, Clearing]
) -> None:
    """Keep the first clearing by name and return the order, with its age, for a second one."""
    failed = next(f.pk for f in findings if f.code == Code.RULE_ERROR)
    move(
        order,
        Status.SUBMITTED,
        by=by,
        kind="order.cleared_first",
        where=holds(by),
        reason="Waits for a second pharmacist",
        data={"reason": cleared[failed].reason.code},
        holder=None,
        held_until=None,
    )
    review = _store_review(
        order, Decision.CLEARED, by=by, reason=cleared[failed].reason, text=cleared[failed].text
    )
    _store_reviews(review, findings, cleared)
    ChecklistDraft.objects.filter(order=order, pharmacist=by).delete()


def _ensure_reviewed(
    findings: list[OrderFinding], reviewed: Collection[int], cleared: Mapping[int, Clearing]
) -> None:
    for finding in findings:
        if finding.level == "warn" and finding.pk not in reviewed:
            raise Refused(f"Still to be reviewed: {finding.text}")
        if finding.level == "not_checked":
            _ensure_cleared(finding, cleared.get(finding.pk))


def _ensure_cleared(finding: OrderFinding, clearing: Clearing | None) -> None:
    """A coded reason that fits this finding, in words where it asks for them."""
    reason = clearing.reason if clearing else None
    fits = reason and reason.kind == ReasonKind.CLEARANCE and reason.finding in ("", finding.code)
    if not fits or len(clearing.text) < reason.min_chars:  # type: ignore[union-attr]
        raise Refused(f"Still to be cleared, with a reason: {finding.text}")


def _store_reviews(
    review: Review, findings: list[OrderFinding], cleared: Mapping[int, Clearing]
) -> None:
    for finding in findings:
        clearing = cleared.get(finding.pk) if finding.level == "not_checked" else None
        if clearing or finding.level == "warn":
            FindingReview.objects.create(
                review=review,
                finding=finding,
                reason=clearing.reason if clearing else None,
                text=clearing.text if clearing else "",
            )


def reject(order: Order, *, by: User, reason: Reason, text: str) -> None:
    """Refuse the order for a coded reason, which the prescriber reads."""
    _ensure_decidable(order, Status.REJECTED, by)
    _decide(order, Status.REJECTED, Decision.REJECTED, by=by, reason=reason, text=text)


def ask(order: Order, *, by: User, reason: Reason, text: str) -> None:
    """Ask the prescriber a coded question; the service clock rests until the answer."""
    _ensure_decidable(order, Status.NEEDS_CLARIFICATION, by)
    with transaction.atomic():
        _decide(
            order, Status.NEEDS_CLARIFICATION, Decision.CLARIFICATION, by=by, reason=reason,
            text=text,
        )  # fmt: skip
        Message.objects.create(
            order=order, kind=Message.Kind.QUESTION, author=by, reason=reason, text=text
        )


def answer(order: Order, *, by: User, choice: Reason, text: str) -> None:
    """Answer the open question: back to the queue with its age, kept half an hour for the asker.

    What an order means is its prescriber's to say: others give information that was missing.
    """
    ensure_own(order, by, Right.ANSWER_QUESTIONS)
    if choice.code not in FACTUAL_ANSWERS:
        ensure(by, Right.SIGN_ORDERS)
    if order.status != Status.NEEDS_CLARIFICATION:
        raise stale(order)
    asker = order.messages.filter(kind=Message.Kind.QUESTION).latest("id").author
    with transaction.atomic():
        move(
            order,
            Status.SUBMITTED,
            by=by,
            kind="order.clarification_answered",
            data={"asked_by": asker.pk, "choice": choice.code},
            due_at=F("due_at") + (Now() - F("paused_at")),
            waited=F("waited") + (Now() - F("paused_at")),
            paused_at=None,
            reserved_for=asker,
            reserved_until=Now() + RESERVED_FOR_ASKER,
        )
        Message.objects.create(
            order=order, kind=Message.Kind.ANSWER, author=by, reason=choice, text=text
        )


def _ensure_decidable(order: Order, to: Status, by: User) -> None:
    """The right first: who may not decide learns nothing of where the order stands."""
    ensure(by, Right.REVIEW_ORDERS)
    ensure_right(order, to, by)


_KINDS = {
    Decision.APPROVED: "order.approved",
    Decision.REJECTED: "order.rejected",
    Decision.CLARIFICATION: "order.clarification_asked",
}


@transaction.atomic
def _decide(
    order: Order,
    to: Status,
    decision: Decision,
    *,
    by: User,
    reason: Reason | None = None,
    text: str = "",
    more: Iterable[str] = (),
) -> Review:
    waiting = to == Status.NEEDS_CLARIFICATION
    checklist = ChecklistDraft.objects.filter(order=order, pharmacist=by)
    move(
        order,
        to,
        by=by,
        kind=_KINDS[decision],
        where=holds(by),
        reason=reason.label if reason else "",
        data={"reason": reason.code} if reason else {},
        holder=None,
        held_until=None,
        paused_at=Now() if waiting else None,
        decided_at=None if waiting else Now(),
    )
    review = _store_review(order, decision, by=by, reason=reason, text=text, more=more)
    if not waiting:
        checklist.delete()
    return review


def _store_review(
    order: Order,
    decision: Decision,
    *,
    by: User,
    reason: Reason | None,
    text: str,
    more: Iterable[str] = (),
) -> Review:
    passed = decision in (Decision.APPROVED, Decision.CLEARED)
    return Review.objects.create(
        order=order,
        pharmacist=by,
        decision=decision,
        reason=reason,
        text=text,
        checklist=[*Check.values, *more] if passed else [],
        content_sha256=order.signature.sha256,
        decided_at=timezone.now(),
    )
