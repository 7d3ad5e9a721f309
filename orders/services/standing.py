"""What stands in the way of any new order, known before a word of it is written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from accounts.models import Practice, Prescriber, User
from accounts.status import AccountStatus, Role
from orders.models import Order


def obstacle(prescriber: Prescriber, practice: Practice, state: str = "") -> str:
    """Why the prescriber signs no new order for the practice today; empty when nothing is wrong.

    `state` is where the patient was seen; while that is not known, any licence will do.
    """
    if not practice.is_active:
        return "Your practice’s account is not open for new orders. Call the pharmacy."
    if not prescriber.may_order_for(practice):
        return f"The account of {prescriber} is not open for new orders. Call the pharmacy."
    if not prescriber.licences.valid_on(practice.today, state=state).exists():
        where = state or practice.state
        return f"No licence of {prescriber} that holds in {where} today is on file."
    return ""


def misfit(order: Order) -> str:
    """What an order names that is not, or no longer, to be had; empty when all of it is."""
    to, seen, practice = order.ship_to_location, order.seen_location, order.practice
    if order.patient.practice_id != practice.pk:
        return "The patient belongs to another practice: choose one of your own."
    if to is not None and not (to.active and to.takes_deliveries):
        return f"Orders are no longer shipped to {to.name}: choose where to ship to."
    if seen is not None and not seen.active:
        return f"{seen.name} is no longer a place of the practice: say where the patient was seen."
    if order.supervision is not None and order.supervision.ended_at is not None:
        return "The supervising physician named has changed: choose again."
    for reason in (order.reason, order.urgent_reason):
        if reason is not None and not reason.active:
            return f"The reason “{reason.label}” is no longer offered: choose another."
    return _wrong_day(order, practice.today)


def _wrong_day(order: Order, today: date) -> str:
    """Dates that a form never sends; a clock that is wrong, or a page from another day, does."""
    if order.effective_on is not None and order.effective_on < today:
        return "The effective date lies before today, the date written: choose today or later."
    if order.cautions_on is not None and order.cautions_on > today:
        return "The answers on cautions are dated in the future: answer them again."
    if order.patient.birth_date > today:
        return "The patient’s date of birth lies in the future: correct it."
    return ""


def obstacles(by: User) -> list[str]:
    """The same for a whole order form: for its prescriber, or for all that a delegate may name."""
    practice = by.practice
    found = {obstacle(one, practice): None for one in _prescribers(by)}
    return [text for text in found if text]


def closed_since(order: Order) -> str:
    """Why an order that was signed cannot be verified now; empty while the accounts are open."""
    if order.prescriber.may_order_for(order.practice):
        return ""
    whose = str(order.prescriber) if order.practice.is_active else str(order.practice)
    return (
        f"The account of {whose} was suspended or closed after signing. The order cannot be "
        "approved: ask, reject, or give it back until the account is open again."
    )


def _prescribers(by: User) -> Iterable[Prescriber]:
    """A prescriber orders in the own name; a delegate for whoever is open for orders."""
    mine = Prescriber.objects.visible_to(by).select_related("user").order_by("family_name", "pk")
    if by.role == Role.PRESCRIBER:
        return mine.filter(user=by)
    return mine.filter(status=AccountStatus.APPROVED)
