"""An order's history for its page: each event in words, the newest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from events.models import Event
from formulary.reference import Formulary, ReasonKind
from formulary.services import load_formulary
from orders.models import Order

# kind → icon, tone, words
_WORDS = {
    "order.drafted": ("pen", "neutral", "Draft saved"),
    "order.changed": ("pen", "neutral", "Draft changed"),
    "order.submitted": ("signature", "info", "Signed and sent to the pharmacy"),
    "order.claimed": ("user-check", "info", "Taken for review"),
    "order.given_back": ("rotate-left", "neutral", "Returned to the queue"),
    "order.claim_released": ("unlock", "neutral", "Claim released: returned to the queue"),
    "order.claim_lapsed": ("clock", "neutral", "Returned to the queue: the review stood still"),
    "order.clarification_asked": ("circle-question", "ask", "Question asked"),
    "order.clarification_answered": ("reply", "info", "Question answered"),
    "order.approved": ("circle-check", "ok", "Verified"),
    "order.cleared_first": ("user-check", "ask", "Cleared by a first of two pharmacists"),
    "order.rejected": ("circle-xmark", "stop", "Rejected"),
    "order.cancelled": ("ban", "neutral", "Cancelled"),
    "order.withdrawn": ("ban", "neutral", "Cancelled at the prescriber’s request"),
    "order.handed_over": ("signature", "neutral", "Handed over for the signature"),
    "order.taken_back": ("rotate-left", "neutral", "Taken back to be changed"),
    "order.revision_started": ("pen", "neutral", "Revision begun"),
    "order.replaced": ("arrows-rotate", "neutral", "Replaced by a revision"),
    "order.verbal_recorded": ("phone", "info", "Verbal order recorded, read back and signed"),
    "order.countersign_asked": ("signature", "neutral", "Countersignature asked for"),
    "order.countersigned": ("signature", "ok", "Countersigned by the prescriber"),
    "order.held": ("pause", "ask", "Put on hold"),
    "order.hold_ended": ("play", "info", "Back in the queue from hold"),
    "order.expired": ("hourglass-end", "neutral", "Expired: its validity ended"),
    "order.expiring": ("clock", "neutral", "Notice: its validity ends soon"),
    "order.refill_requested": ("rotate", "info", "Refill asked for"),
    "order.refill_released": ("box", "ok", "Refill released"),
    "order.refill_refused": ("circle-xmark", "stop", "Refill refused"),
    "order.refills_cancelled": ("ban", "neutral", "Refills ended: another order replaces this one"),
    "order.last_fill_ending": ("clock", "neutral", "Notice: the last supply ends soon"),
}
_REASONS = {
    "order.given_back": ReasonKind.GIVE_BACK,
    "order.claim_released": ReasonKind.RELEASE,
    "order.clarification_asked": ReasonKind.CLARIFICATION,
    "order.rejected": ReasonKind.REJECTION,
    "order.cancelled": ReasonKind.CANCELLATION,
    "order.withdrawn": ReasonKind.CANCELLATION,
    "order.held": ReasonKind.HOLD,
    "order.refill_refused": ReasonKind.REFILL_REFUSAL,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """For components/timeline.html."""

    icon: str
    tone: str
    verb: str
    actor: str
    at: datetime
    note: str


def history(order: Order) -> list[Entry]:
    formulary = load_formulary()
    events = Event.objects.about("order", order.pk).select_related("actor")
    return [_entry(event, formulary) for event in reversed(list(events))]


def _entry(event: Event, formulary: Formulary) -> Entry:
    icon, tone, verb = _WORDS.get(event.kind, ("circle-info", "neutral", event.kind))
    actor = event.actor.name if event.actor else ""
    return Entry(icon, tone, verb, actor, event.at, _reason(event, formulary) or _named(event))


def _named(event: Event) -> str:
    """The other order that an event names."""
    return str(event.data.get("revision") or event.data.get("replaced_by") or "")


def _reason(event: Event, formulary: Formulary) -> str:
    kind, code = _REASONS.get(event.kind), event.data.get("reason")
    found: Iterable[str] = (r.label for r in formulary.reasons if r.kind == kind and r.code == code)
    return next(iter(found), "")
