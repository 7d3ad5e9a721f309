"""What stands in the way of any new order, known before a word of it is written."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Practice, Prescriber, User
from accounts.status import AccountStatus, Role
from orders.models import Order


def obstacle(prescriber: Prescriber, practice: Practice) -> str:
    """Why the prescriber signs no new order for the practice today; empty when nothing is wrong."""
    state = practice.state
    if not practice.is_active:
        return "Your practice’s account is not open for new orders. Call the pharmacy."
    if not prescriber.may_order_for(practice):
        return f"The account of {prescriber} is not open for new orders. Call the pharmacy."
    if prescriber.licence_for(state, on=practice.today) is None:
        return f"No licence of {prescriber} that holds in {state} today is on file."
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
