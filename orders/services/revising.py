"""Starting one order from another: a revision, which stands in for it, and ordering again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right
from orders.models import Message, Order
from orders.services.drafts import save_draft
from orders.services.moves import ensure_own, move_within, note, stale
from orders.services.prefill import NO_OPIOID_ANSWER, as_draft
from orders.services.review import RESERVED_FOR_ASKER
from orders.status import SERVICE_HOURS, UNSIGNED, Allergies, Status, Urgency

# While nobody at the pharmacy works on it.
REVISABLE = (Status.SUBMITTED, Status.NEEDS_CLARIFICATION)


@transaction.atomic
def revise(order: Order, *, by: User) -> Order:
    """A draft that stands in for the order once it is signed; the one in hand where there is one.

    Raises StaleOrder once the pharmacy works on the order or has decided it.
    """
    ensure_own(order, by, Right.PREPARE_ORDERS)
    here = _locked(order)
    if made := in_hand(here):
        return made
    if here.status not in REVISABLE:
        raise stale(order)
    draft = as_draft(here, by=by, revises=here, reorder_of=here.reorder_of, **NO_OPIOID_ANSWER)
    made = save_draft(draft, by=by, token=uuid4())
    note(here, "order.revision_started", by=by, data={"revision": made.reference})
    return made


def in_hand(order: Order) -> Order | None:
    """The revision of the order that is being prepared; None when there is none."""
    return order.revisions.filter(status__in=UNSIGNED).first()


def _locked(order: Order) -> Order:
    return Order.objects.for_signing().select_for_update(of=("self",)).get(pk=order.pk)


# --- ordering again -----------------------------------------------------------------------------
@transaction.atomic
def order_again(order: Order, *, by: User) -> Order:
    """A draft with the order's regimen and the patient's present record; pressed twice, one draft.

    What is asked on every order stays unanswered: opioids, treatment, where the patient was seen.
    """
    ensure_own(order, by, Right.PREPARE_ORDERS)
    here = _locked(order)
    untouched = here.reorders.filter(status=Status.DRAFT, version=1, prepared_by=by)
    if made := untouched.first():
        return made
    asked_anew = {
        "treatment_status": "",
        "urgent_reason": None,
        "note": "",
        "effective_on": None,
        "naltrexone_last_dose": None,
        "seen_where": "",
        "seen_location": None,
        "seen_state": "",
    }
    content = NO_OPIOID_ANSWER | asked_anew | _on_record(here)
    draft = as_draft(here, by=by, reorder_of=here, revises=None, **content)
    return save_draft(draft, by=by, token=uuid4())


def _on_record(order: Order) -> dict[str, object]:
    """What the patient's record says by now, which other orders may have brought up to date."""
    patient = order.patient.merged_into or order.patient
    known: dict[str, object] = {}
    if patient.allergies in (Allergies.LISTED, Allergies.NONE_KNOWN):
        known |= {"allergies": patient.allergies, "allergies_text": patient.allergies_text}
    if patient.medicines_on is not None:
        known["medicines"] = patient.medicines
    if patient.cautions is not None:
        known |= {
            "cautions": tuple(patient.cautions),
            "cautions_on": patient.cautions_on,
            "procedure_on": patient.procedure_on,
        }
    if patient.weight_kg is not None:
        known |= {"weight_kg": patient.weight_kg, "height_cm": patient.height_cm}
    return known


# --- what the signature of a revision does ------------------------------------------------------
def replace_revised(order: Order, *, by: User | None = None, where: Q | None = None) -> None:
    """Cancel what a revision stands in for, and let the revision keep its age and its asker.

    Called in the transaction of the signature, after the move. `where` widens from which standing
    an order may be replaced. Raises StaleOrder once the pharmacy works on it or has decided it.
    """
    if order.revises_id is None:
        return
    old = Order.objects.select_for_update(of=("self",)).get(pk=order.revises_id)
    now = timezone.now()
    _put_away(old, order, by=by, where=where or Q(status__in=REVISABLE))
    asker = _asker(old)
    reserved = {"reserved_for": old.reserved_for, "reserved_until": old.reserved_until}
    if asker is not None:
        reserved = {"reserved_for": asker, "reserved_until": now + RESERVED_FOR_ASKER}
    Order.objects.filter(pk=order.pk).update(**_clock(order, old, now), **reserved)
    if asker is not None and asker != by:
        data = {"asked_by": asker.pk, "choice": "revised"}
        note(order, "order.clarification_answered", by=by, data=data)


def _put_away(old: Order, order: Order, *, by: User | None, where: Q) -> None:
    if (Status(old.status), Status.CANCELLED) not in _REPLACES:
        raise stale(old)
    move_within(
        old,
        Status.CANCELLED,
        by=by,
        kind="order.replaced",
        where=where,
        reason=f"Replaced by {order.reference}",
        data={"revision": order.reference, "was": old.status},
        holder=None,
        held_until=None,
        paused_at=None,
        reserved_for=None,
        reserved_until=None,
        decided_at=Now(),
    )


_REPLACES = {(here, Status.CANCELLED) for here in (*REVISABLE, Status.IN_REVIEW)}


def _asker(old: Order) -> User | None:
    """Who asked the question that the revision answers."""
    if old.status != Status.NEEDS_CLARIFICATION:
        return None
    questions = old.messages.filter(kind=Message.Kind.QUESTION).select_related("author")
    last = questions.order_by("-id").first()
    return last.author if last else None


def _clock(order: Order, old: Order, now: datetime) -> dict[str, object]:
    """As if the order itself had come back: the time in which it rested does not count."""
    assert old.submitted_at is not None  # noqa: S101  it was signed
    rested = now - old.paused_at if old.paused_at else timedelta()
    waited = old.waited + rested
    hours = SERVICE_HOURS[Urgency.URGENT if order.is_urgent else Urgency.ROUTINE]
    due = old.due_at + rested if old.due_at else None
    if order.is_urgent != old.is_urgent:
        due = old.submitted_at + timedelta(hours=hours) + waited
    return {"submitted_at": old.submitted_at, "due_at": due, "waited": waited}
