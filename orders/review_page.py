"""Everything the review page shows of one order, read and put into words."""

from __future__ import annotations

import json
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right
from formulary.chart import dose_chart
from formulary.findings import Code
from orders import said
from orders.ages import age_of
from orders.banner import banner_of
from orders.forms.review import ChecklistForm, tick_name
from orders.history import history
from orders.models import FindingReview, Order, OrderFinding, Review
from orders.prescription import dose_lines, fills_shown, keep_units, sums
from orders.revision_page import conversation, countersigning, revision_of
from orders.services.checks import Evaluation
from orders.services.content import damage as damage_of
from orders.services.rechecking import new_since_signing
from orders.services.review import cleared_by
from orders.services.standing import closed_since
from orders.status import ALLOWED_MOVES, DONE, Decision, Status
from orders.supply_page import supply_of


class Standing(StrEnum):
    """Where the order is, seen by the reader."""

    MINE = "mine"
    HELD = "held"
    FREE = "free"
    RESERVED = "reserved"
    WAITING = "waiting"
    ON_HOLD = "on_hold"
    DONE = "done"


# Status → tone and icon of its badge.
_BADGES = {
    Status.SUBMITTED: ("info", "inbox"),
    Status.IN_REVIEW: ("neutral", "user-lock"),
    Status.NEEDS_CLARIFICATION: ("ask", "circle-question"),
    Status.APPROVED: ("ok", "circle-check"),
    Status.REJECTED: ("stop", "circle-xmark"),
    Status.CANCELLED: ("stop", "ban"),
    Status.ON_HOLD: ("ask", "pause"),
    Status.EXPIRED: ("neutral", "hourglass-end"),
}


def context(
    order: Order, user: User, found: Evaluation, checklist: ChecklistForm
) -> dict[str, object]:
    now = timezone.now()
    standing = standing_of(order, user, now)
    tone, icon = _BADGES[Status(order.status)]
    damage, news = damage_of(order), new_since_signing(order, found)
    mine = standing is Standing.MINE and user.has_right(Right.REVIEW_ORDERS)
    closed = "" if standing is Standing.DONE else closed_since(order)
    return {
        "order": order,
        "standing": standing,
        "badge": {"word": order.get_status_display(), "tone": tone, "icon": icon},
        "may_decide": mine,
        "may_approve": mine and not damage and not news and not closed,
        "may_claim": standing is Standing.FREE and user.has_right(Right.REVIEW_ORDERS),
        "may_release": standing is Standing.HELD and user.has_right(Right.RELEASE_CLAIMS),
        "damage": {"level": "stop", "text": f"{damage} It cannot be approved."} if damage else None,
        "closed": {"level": "stop", "text": closed} if closed else None,
        "banner": banner_of(order),
        "age": age_of(order, now),
        "news": news,
        "second": _second(order),
        "findings": _findings(order, checklist if mine else None),
        "talk": conversation(order),
        "line": revision_of(order),
        "verbal": countersigning(order, user),
        "supply": supply_of(order, found.formulary),
        **_acts(order, user, standing),
        "final": _final_review(order),
        "facts": _facts(order),
        "history": history(order),
        "fills": fills_shown(found.regimen, order.refills, found.formulary.figures),
        **_regimen(found),
    }


def _acts(order: Order, user: User, standing: Standing) -> dict[str, object]:
    """What a pharmacist may do with the order besides deciding it."""
    reviews = user.has_right(Right.REVIEW_ORDERS)
    may_cancel = (Status(order.status), Status.CANCELLED) in ALLOWED_MOVES
    held_by_others = standing in (Standing.HELD, Standing.FREE) and order.holder_id is not None
    return {
        "may_hold": reviews and standing is Standing.MINE,
        "may_end_hold": reviews and standing is Standing.ON_HOLD,
        "may_write_verbal": reviews and standing in (Standing.MINE, Standing.WAITING),
        "may_withdraw": reviews and may_cancel and not held_by_others,
    }


def standing_of(order: Order, user: User, now: datetime) -> Standing:
    if order.status == Status.NEEDS_CLARIFICATION:
        return Standing.WAITING
    if order.status == Status.ON_HOLD:
        return Standing.ON_HOLD
    if order.is_held_now(now):
        return Standing.MINE if order.holder_id == user.pk else Standing.HELD
    if order.status == Status.IN_REVIEW:
        return Standing.FREE
    if order.status != Status.SUBMITTED:
        return Standing.DONE
    reserved = order.is_reserved_now(now) and order.reserved_for_id != user.pk
    return Standing.RESERVED if reserved else Standing.FREE


def _regimen(found: Evaluation) -> dict[str, object]:
    regimen = found.regimen
    if regimen is None:
        return {"lines": [], "sums": [], "chart": None, "directions": "", "quantity": ""}
    limits = found.formulary.range_for(regimen.product, timezone.localdate())
    return {
        "lines": dose_lines(regimen),
        "sums": sums(regimen),
        "chart": dose_chart(regimen, limits),
        "directions": keep_units(found.directions or ""),
        "quantity": found.quantity.text(comma=True) if found.quantity else "",
    }


def _second(order: Order) -> str:
    """Told where a rule failed at signing: two pharmacists answer for what it would have said."""
    failed = any(finding.code == Code.RULE_ERROR for finding in order.findings.all())
    if not failed or order.status in DONE:
        return ""
    first = cleared_by(order)
    if first is None:
        return "A rule failed at signing. Two pharmacists clear it by name; the first returns it."
    return f"A rule failed at signing. {first.name} cleared it; a second pharmacist decides."


def _final_review(order: Order) -> Review | None:
    final = (Decision.APPROVED, Decision.REJECTED)
    return order.reviews.filter(decision__in=final).select_related("pharmacist").first()


# --- findings -----------------------------------------------------------------------------------
def _findings(order: Order, checklist: ChecklistForm | None) -> list[dict[str, Any]]:
    """Each finding with the prescriber's reason and, for its holder, the controls beside it."""
    rows = list(order.findings.all())
    notes = {} if checklist else _review_notes(rows)
    return [_finding(row, checklist, notes.get(row.pk, "")) for row in rows]


def _finding(row: OrderFinding, checklist: ChecklistForm | None, note: str) -> dict[str, Any]:
    reason = ": ".join(filter(None, (row.reason_label, row.reason_text)))
    text = keep_units(row.text)
    shown = {"level": row.level, "text": text, "step": row.step, "reason": keep_units(reason)}
    found: dict[str, Any] = {"finding": shown, "note": note}
    if checklist and row.level == "warn":
        found["tick"] = checklist[f"reviewed_{row.pk}"]
    if checklist and row.level == "not_checked":
        found["cleared"] = checklist[f"cleared_{row.pk}"]
        found["words"] = checklist[f"cleared_{row.pk}_text"]
    return found


def elsewhere(others: list[Order], checklist: ChecklistForm | None) -> list[dict[str, Any]]:
    """Active orders of the same person at other practices, for their ticks beside them."""
    return [
        {
            "other": other,
            "url": reverse("queue:review", args=[other.reference]),
            "finding": {"level": "warn", "text": _same_person(other)},
            "tick": checklist[tick_name(other.reference)] if checklist else None,
        }
        for other in others
    ]


def _same_person(other: Order) -> str:
    state = str(other.get_status_display()).lower()
    sent = f", sent {_day(timezone.localdate(other.submitted_at))}" if other.submitted_at else ""
    return (
        f"A patient of {other.practice.name} has the same name and birth date, and an active order "
        f"there: {other.product.as_value().label}, {state}{sent}."
    )


def _review_notes(rows: list[OrderFinding]) -> dict[int, str]:
    """Who went through a finding, and why a point not checked was cleared."""
    done = FindingReview.objects.filter(finding__in=rows)
    return {
        review.finding_id: _review_note(review)
        for review in done.select_related("reason", "review__pharmacist")
    }


def _review_note(done: FindingReview) -> str:
    by = done.review.pharmacist.name
    if done.reason is None:
        return f"Reviewed by {by}"
    return f"Cleared by {by}: " + ": ".join(filter(None, (done.reason.label, done.text)))


# --- the rest of the prescription ---------------------------------------------------------------
def _facts(order: Order) -> list[dict[str, object]]:
    """As signed; of a text that cannot be read, the signature alone."""
    signed = order.signature
    try:
        content = json.loads(signed.content)["order"]
        facts = _prescribed(order, content)
    except (ValueError, KeyError, TypeError):
        facts = []
    validity = f"Written {_day(order.written_on)}" if order.written_on else ""
    if order.expires_on:
        validity += f", holds until {_day(order.expires_on)}"
    facts += [
        ("Validity", validity or "Not recorded"),
        ("Signed", f"{signed.printed_name}, {_moment(signed.signed_at)}\n"
         f"NPI {signed.npi}, licence {signed.licence}\n{signed.meaning}"),
        ("Fingerprint of the signed text", signed.sha256),
    ]  # fmt: skip
    return [{"term": term, "value": value} for term, value in facts]


def _prescribed(order: Order, content: said.Content) -> list[tuple[str, object]]:
    by, practice, patient = content["prescriber"], content["practice"], content["patient"]
    place = said.place_words
    supervisor = said.supervisor(content)
    return [
        ("Prescriber", f"{by['printed_name']}\nNPI {by['npi']}"),
        *([("Supervising physician", supervisor)] if supervisor else []),
        ("Practice", f"{practice['name']}\n{place(practice)}\n{practice['phone']}"),
        ("Patient’s address", f"{place(patient)}\n{patient['phone']}"),
        *said.clinical(content),
        ("Days’ supply", order.days_supply),
        ("Refills", order.refills),
        *said.delivery(content),
    ]


def _day(value: date) -> str:
    return f"{value:%b} {value.day}, {value.year}"


def _moment(value: datetime) -> str:
    local = timezone.localtime(value)
    return f"{_day(local)}, {local:%H:%M} {local.tzname()}"
