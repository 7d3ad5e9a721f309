"""Verbal orders: a pharmacist writes down what the prescriber said, reads it back and signs.

Lawful for a medicine that is not controlled. The prescriber is asked to countersign, and nothing
waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right, ensure
from accounts.status import ProvedBy, Role
from events.models import Event
from formulary.editions import keep_edition
from orders.models import Countersignature, Message, Order, OrderFinding, Signature
from orders.services.checks import Evaluation, evaluate
from orders.services.claims import holds
from orders.services.content import order_content, sha256, verify
from orders.services.differences import Difference, differences
from orders.services.drafts import Draft, known, store
from orders.services.moves import Refused, ensure_own, move_within, note, stale
from orders.services.records import remember_answers
from orders.services.review import RESERVED_FOR_ASKER
from orders.services.revising import in_hand, replace_revised
from orders.services.signed_text import Acknowledgement, finding_rows, signed_text
from orders.services.signing import Found, ensure_signable, licence_of
from orders.services.validity import expires_on
from orders.status import SERVICE_HOURS, SignatureKind, Status, Urgency

MEANING = (
    "I wrote down this order as the prescriber said it, read it back, and it was confirmed as read."
)
ASKED = "order.countersign_asked"
REMIND_AFTER = timedelta(hours=48)
REMINDERS = 3


@dataclass(frozen=True, slots=True)
class Call:
    """Who spoke, when, and that what was written was read back and confirmed."""

    spoke_with: str
    at: datetime
    read_back: bool


@dataclass(frozen=True, slots=True)
class VerbalForm:
    """What the pharmacist's page sent: its token, the call, a reason for each warning."""

    token: UUID
    call: Call
    reasons: Mapping[str, Acknowledgement] = field(default_factory=dict)
    ip: str | None = None
    method: ProvedBy = ProvedBy.PASSWORD


# --- recording ----------------------------------------------------------------------------------
def may_record(order: Order, by: User) -> bool:
    """While `by` holds it, or while the prescriber is asked."""
    if order.status == Status.NEEDS_CLARIFICATION:
        return by.has_right(Right.REVIEW_ORDERS)
    return order.holder_id == by.pk and order.is_held_now(timezone.now())


def asked_at(order: Order) -> datetime:
    """From when on a call can have been about this order: its question, else its arrival."""
    questions = order.messages.filter(kind=Message.Kind.QUESTION).order_by("-id")
    if order.status == Status.NEEDS_CLARIFICATION and (last := questions.first()):
        return last.at
    assert order.submitted_at is not None  # noqa: S101  staff see sent orders alone
    return order.submitted_at


def speaker(order: Order) -> User:
    """The prescriber as a member of the order's practice, to read the order form as they would.

    Raises Refused when the prescriber left the practice: nobody can speak for the order then.
    """
    user = order.prescriber.user
    here = user.memberships.open().filter(practice_id=order.practice_id, role=Role.PRESCRIBER)
    if (found := here.select_related("practice").first()) is None:
        raise Refused(f"{order.prescriber} no longer works for {order.practice}.")
    one = User.objects.get(pk=user.pk)
    # Wherever else they work just now.
    one.__dict__["membership"] = found
    return one


def unanswered(order: Order) -> Order:
    """The order in memory, without the answer on opioids: it is asked anew."""
    copy = Order.objects.for_page().get(pk=order.pk)
    copy.opioid_use, copy.opioid_kind, copy.opioid_last_use = "", "", None
    return copy


def preview(order: Order, draft: Draft, *, by: User) -> Evaluation:
    """The check of what would be recorded. Stores nothing. Refused while the practice revises it."""
    return _tried(order, draft, by=by)[0]


def changes_of(order: Order, draft: Draft, *, by: User) -> list[Difference]:
    """What would be changed of the order as signed. Stores nothing."""
    signed = json.loads(order.signature.content)["order"]
    return differences(signed, _tried(order, draft, by=by)[1])


def _tried(order: Order, draft: Draft, *, by: User) -> tuple[Evaluation, dict[str, Any]]:
    """Recorded and undone: the check cannot differ from that of the signature."""
    if in_hand(order):
        raise Refused(_BEING_REVISED)
    with transaction.atomic():
        made = _whole(store(draft, practice=order.practice, by=by, token=uuid4()))
        found = evaluate(made, on=order.practice.today)
        content = order_content(made, found)
        transaction.set_rollback(True)
    return found, content


_BEING_REVISED = "The practice is writing a revision of this order: it takes precedence."


@transaction.atomic
def record(order: Order, draft: Draft, *, by: User, form: VerbalForm) -> Order:
    """Write the verbal order as a signed revision, which replaces the order and is kept for `by`.

    The same page sent again ends at the same order. Raises Refused with what stands in the way,
    StaleOrder when the order is no longer the pharmacist's to change.
    """
    ensure(by, Right.REVIEW_ORDERS)
    if made := known(draft, by=by, token=form.token):
        return made
    old = Order.objects.for_signing().select_for_update(of=("self",)).get(pk=order.pk)
    _ensure_recordable(old, draft, by=by, call=form.call)
    made = _whole(store(draft, practice=old.practice, by=by, token=form.token))
    found = evaluate(made, on=made.practice.today)
    _sign(made, found, by=by, form=form)
    remember_answers(made, on=made.practice.today)
    replace_revised(made, by=by, where=_standing_of(old, by))
    Order.objects.filter(pk=made.pk).update(
        reserved_for=by, reserved_until=timezone.now() + RESERVED_FOR_ASKER
    )
    note(made, ASKED, by=by)
    made.refresh_from_db()
    return made


def _whole(order: Order) -> Order:
    return Order.objects.for_signing().get(pk=order.pk)


def _standing_of(old: Order, by: User) -> Q:
    """Under which the order may still be replaced: one's own claim can lapse while one types."""
    asked = Q(status=Status.NEEDS_CLARIFICATION)
    return asked if old.status == Status.NEEDS_CLARIFICATION else holds(by)


def _ensure_recordable(old: Order, draft: Draft, *, by: User, call: Call) -> None:
    if not may_record(old, by):
        raise stale(old)
    if in_hand(old):
        raise Refused(_BEING_REVISED)
    if draft.revises != old or draft.patient != (old.patient.merged_into or old.patient):
        raise Refused("A verbal order changes this order, for the same patient.")
    if draft.prescriber != old.prescriber or old.prescriber.user_id == by.pk:
        raise Refused("A verbal order is its prescriber’s, written down by somebody else.")
    if not call.read_back or not call.spoke_with:
        raise Refused("A verbal order names who spoke and is read back.")
    if not asked_at(old) - timedelta(minutes=1) <= call.at <= timezone.now():
        raise Refused("Enter when you spoke: not in the future, and not before you could ask.")


def _sign(order: Order, found: Evaluation, *, by: User, form: VerbalForm) -> None:
    licence = licence_of(order)
    passed = ensure_signable(found, form.reasons, refills=order.refills)
    now, today = timezone.now(), order.practice.today
    order.written_on = today
    order.expires_on = expires_on(today, found.formulary.rule_of(order.seen_state))
    signature = _signature(order, by=by, form=form, licence=str(licence), now=now)
    signature.edition = keep_edition(found.formulary)
    _store(signature, order, found, passed)
    hours = SERVICE_HOURS[Urgency.URGENT if order.is_urgent else Urgency.ROUTINE]
    move_within(
        order,
        Status.SUBMITTED,
        by=by,
        kind="order.verbal_recorded",
        submitted_at=now,
        due_at=now + timedelta(hours=hours),
        written_on=order.written_on,
        expires_on=order.expires_on,
    )


def _signature(
    order: Order, *, by: User, form: VerbalForm, licence: str, now: datetime
) -> Signature:
    prescriber, call = order.prescriber, form.call
    return Signature(
        order=order,
        prescriber=prescriber,
        token=form.token,
        form_sha256=order.form_sha256,
        meaning=MEANING,
        printed_name=prescriber.printed_name,
        credential=prescriber.printed_credential,
        npi=prescriber.npi,
        licence=licence,
        signed_at=now,
        ip=form.ip,
        method=form.method,
        kind=SignatureKind.VERBAL,
        recorded_by=by,
        spoke_with=call.spoke_with,
        spoken_at=call.at,
        read_back=call.read_back,
    )


def _store(signature: Signature, order: Order, found: Evaluation, passed: Found) -> None:
    rows = finding_rows(order, passed)
    signature.content = signed_text(signature, order_content(order, found), rows)
    signature.sha256 = sha256(signature.content)
    signature.save(force_insert=True)
    OrderFinding.objects.bulk_create(rows)


# --- the prescriber's countersignature ----------------------------------------------------------
@transaction.atomic
def countersign(order: Order, *, by: User, ip: str | None = None) -> Countersignature:
    """The prescriber's own signature under what a pharmacist wrote down; once is enough.

    Raises StaleOrder for an order that is no verbal order, ContentChanged for a damaged one.
    """
    ensure_own(order, by, Right.SIGN_ORDERS)
    if order.prescriber.user_id != by.pk:
        raise PermissionDenied("A verbal order is countersigned by the prescriber it names.")
    here = Order.objects.for_page().select_for_update(of=("self",)).get(pk=order.pk)
    if made := Countersignature.objects.filter(order=here).first():
        return made
    signature = getattr(here, "signature", None)
    if signature is None or signature.kind != SignatureKind.VERBAL:
        raise stale(order)
    verify(here)
    made = Countersignature.objects.create(
        order=here,
        by=by,
        content_sha256=here.signature.sha256,
        signed_at=timezone.now(),
        ip=ip,
    )
    note(here, "order.countersigned", by=by)
    return made


def remind_due() -> int:
    """Ask again for countersignatures: every 48 hours, three times at most; returns how many."""
    reminded, before = 0, timezone.now() - REMIND_AFTER
    waiting = Order.objects.to_countersign().filter(signature__signed_at__lte=before)
    for pk in waiting.values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            order = waiting.filter(pk=pk).select_for_update(skip_locked=True, of=("self",)).first()
            if order is None or not _is_due(order, before):
                continue
            note(order, ASKED, by=None)
            reminded += 1
    return reminded


def _is_due(order: Order, before: datetime) -> bool:
    asked = Event.objects.about("order", order.pk).filter(kind=ASKED)
    times = list(asked.values_list("at", flat=True))
    return len(times) <= REMINDERS and max(times, default=before) <= before
