"""A stored order's content as the order form would send it, to start another order from."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from accounts.models import User
from accounts.status import Role
from orders.models import Order
from orders.services.drafts import Draft, DraftStep

_MADE_HERE = ("patient", "prescriber", "steps", "cautions", "supervision", "revises", "reorder_of")
# Asked on every order, whatever an earlier one answered.
NO_OPIOID_ANSWER: dict[str, Any] = {
    "opioid_use": "",
    "opioid_kind": "",
    "opioid_last_use": None,
}


def as_draft(order: Order, *, by: User, **changed: Any) -> Draft:
    """Everything the order says. Who prescribes signs in the own name, so a colleague's revision or
    reorder names the colleague; a record that was merged gives way to the one that was kept."""
    prescriber = order.prescriber
    if by.role == Role.PRESCRIBER and prescriber.user_id != by.pk:
        prescriber = by.prescriber
    same = {f.name: getattr(order, f.name) for f in fields(Draft) if f.name not in _MADE_HERE}
    content: dict[str, Any] = same | {
        "patient": order.patient.merged_into or order.patient,
        "prescriber": prescriber,
        "steps": tuple(_step(step) for step in order.steps.select_related("product")),
        "cautions": None if order.cautions is None else tuple(order.cautions),
        "supervision": order.supervision if prescriber == order.prescriber else None,
    }
    return Draft(**content | changed)


def _step(step: Any) -> DraftStep:
    return DraftStep(
        product=step.product,
        dose_mg=step.dose_mg,
        times_per_day=step.times_per_day,
        timing=step.timing,
        days=step.days,
    )
