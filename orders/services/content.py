"""The canonical text of an order: what is hashed, signed and compared, in one place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date
from decimal import Decimal
from typing import Any

from django.db.models import Model

from formulary.amounts import display
from formulary.fills import Dispensing, each_refill, first_fill
from orders.models import DoseStep, Order, OrderFinding, Signature
from orders.services.checks import Evaluation, findings_now


class ContentChanged(Exception):
    """The order's rows no longer say what was shown or signed."""


def canonical(value: object) -> str:
    """JSON with sorted keys and no spare space, so that equal content gives equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _fields(record: Model, *names: str) -> dict[str, str]:
    return {name: str(getattr(record, name)) for name in names}


_SUPERVISOR = ("name", "npi", "licence_state", "licence_number", "phone", "address")
_DAYS = (
    "opioid_last_use", "effective_on", "cautions_on", "procedure_on", "naltrexone_last_dose",
)  # fmt: skip
_ADDRESS = ("name", "address", "city", "state", "zip_code", "phone")


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else display(value)


def _step(step: DoseStep) -> dict[str, Any]:
    return {
        "product": step.product.code,
        "dose_mg": display(step.dose_mg),
        "times_per_day": step.times_per_day,
        "timing": step.timing,
        "days": step.days,
    }


def order_content(order: Order, found: Evaluation) -> dict[str, Any]:
    """Everything clinical about the order as plain strings and whole numbers, and what it comes to."""
    return {**stored_content(order), **_people(order), "says": _says(order, found)}


def _people(order: Order) -> dict[str, Any]:
    prescriber, practice = order.prescriber, order.practice
    return {
        "patient": _fields(
            order.patient, "reference", "family_name", "given_name", "birth_date", "sex",
            "address", "city", "state", "zip_code", "phone",
        ),
        "prescriber": _fields(prescriber, "printed_name", "npi")
        | {"credential": prescriber.printed_credential},
        "practice": _fields(practice, "name", "phone", "address", "city", "state", "zip_code"),
    }  # fmt: skip


def stored_content(order: Order, steps: Iterable[DoseStep] | None = None) -> dict[str, Any]:
    """What the order's own rows hold of it: all that `verify` compares, told without any rule."""
    steps = order.steps.all() if steps is None else steps
    to = order.ship_to_location
    content = {
        **_fields(order, "reference", "icd_code", "reason_text", "treatment_status"),
        **_fields(order, "allergies", "allergies_text", "opioid_use", "opioid_kind"),
        **_fields(order, "ship_to", "note", "bill_to", "avoid", "icd_label", "rationale"),
        **_fields(order, "seen_where", "seen_state", "revision"),
        "seen_location": order.seen_location and _fields(order.seen_location, *_ADDRESS),
        **{name: _day(getattr(order, name)) for name in _DAYS},
        "cautions": None if order.cautions is None else sorted(order.cautions),
        "obstruction_excluded": order.obstruction_excluded,
        "weight_kg": _amount(order.weight_kg),
        "height_cm": _amount(order.height_cm),
        "supervisor": order.supervision and _fields(order.supervision, *_SUPERVISOR),
        "revises": order.revises and order.revises.reference,
        "reorder_of": order.reorder_of and order.reorder_of.reference,
        "product": order.product.code,
        "steps": [_step(step) for step in steps],
        "days_supply": order.days_supply,
        "refills": order.refills,
        "indication": order.indication.slug if order.indication else None,
        "reason": order.reason.code,
        "medicines": order.medicines,
        "urgent": order.urgent_reason.code if order.urgent_reason else None,
    }
    # Not there at all for who needs no further address: what was signed before reads the same.
    return content | ({"ship_to_location": _fields(to, *_ADDRESS)} if to else {})


def _says(order: Order, found: Evaluation) -> dict[str, Any]:
    """The words and sums a reader was shown: products, directions, quantities, labels, range."""
    labels = {
        "indication": order.diagnosis,
        "reason": order.reason.label,
        "urgent": order.urgent_reason.label if order.urgent_reason else None,
    }
    regimen, quantity = found.regimen, found.quantity
    if regimen is None:
        return labels
    limits = found.formulary.range_for(regimen.product, order.practice.today)
    each, figures = regimen.quantities() or {}, found.formulary.figures
    return labels | {
        "products": {p.code: f"{p.label}, {p.route_words}" for p in regimen.products},
        "directions": found.directions,
        "daily_mg": [display(total) for total in found.daily_mg],
        "quantity": quantity.text() if quantity else None,
        "quantities": {code: display(amount) for code, amount in each.items()},
        "first_fill": _fill(first_fill(regimen, figures)),
        "each_refill": _fill(each_refill(regimen, figures)) if order.refills else None,
        "range": f"{limits.text()} ({limits.source})" if limits else None,
    }


def _fill(fill: Dispensing | None) -> dict[str, Any] | None:
    """One fill: its days and amounts, its own directions and the parts it is sent in."""
    if fill is None:
        return None
    return {
        "days": fill.days,
        "quantity": fill.quantity,
        "quantities": {product.code: display(n.value) for product, n in fill.amounts},
        "directions": fill.directions,
        "parts": list(fill.parts),
    }


def content_sha256(order: Order, found: Evaluation | None = None) -> str:
    return sha256(canonical(order_content(order, found or findings_now(order))))


def verify(order: Order) -> None:
    """Raise ContentChanged unless the signed text is whole and the rows still say the same."""
    if wrong := damage(order):
        raise ContentChanged(wrong)


def damage(
    order: Order,
    *,
    steps: Iterable[DoseStep] | None = None,
    findings: Iterable[OrderFinding] | None = None,
) -> str:
    """What is wrong with what was signed, in words that can stand on a page; empty when whole.

    `steps` and `findings` are the order's own where many orders were read at once.
    """
    signature = getattr(order, "signature", None)
    if signature is None:
        return f"{order.reference} left draft without a signature."
    if sha256(signature.content) != signature.sha256:
        return f"The signed text of {order.reference} does not match its hash."
    try:
        text = json.loads(signature.content)
        now = stored_content(order, steps)
        rows = list(order.findings.all() if findings is None else findings)
        same = _says_the_same(order, signature, text, now) and _same_findings(
            text["findings"], rows
        )
    except (ValueError, KeyError, TypeError):
        return f"The signed text of {order.reference} cannot be read."
    return "" if same else f"{order.reference} no longer says what was signed."


# People move house, conditions are renamed; what was prescribed never changes.
_MAY_CHANGE_LATER = ("patient", "practice", "prescriber", "says")
_SIGNED = ("meaning", "printed_name", "npi", "licence")


def _says_the_same(
    order: Order, signature: Signature, text: Mapping[str, Any], now: Mapping[str, Any]
) -> bool:
    """What a later release signs in addition is not missed in what was signed before it."""
    signed, act = text["order"], text["signed"]
    written, expires = act.get("written_on"), act.get("expires_on")
    return (
        all(signed[key] == now.get(key) for key in signed if key not in _MAY_CHANGE_LATER)
        and signed["patient"]["reference"] == order.patient.reference
        and all(act[name] == getattr(signature, name) for name in _SIGNED)
        and act["at"] == signature.signed_at.astimezone(UTC).isoformat()
        and signature.prescriber_id == order.prescriber_id
        and ("written_on" not in act or (written, expires) == _validity(order))
    )


def _validity(order: Order) -> tuple[str | None, str | None]:
    return _day(order.written_on), _day(order.expires_on)


def _same_findings(signed: list[dict[str, Any]], rows: list[OrderFinding]) -> bool:
    texts = [finding_text(row, row.reason.code if row.reason else None) for row in rows]
    return len(signed) == len(texts) and all(
        finding[key] == text.get(key)
        for finding, text in zip(signed, texts, strict=True)
        for key in finding
    )


def finding_text(row: OrderFinding, reason: str | None) -> dict[str, object]:
    """A finding as it is signed, with the prescriber's coded reason for a warning."""
    names = ("code", "level", "step", "text", "key", "source", "reason_label", "reason_text")
    return {name: getattr(row, name) for name in names} | {"reason": reason}
