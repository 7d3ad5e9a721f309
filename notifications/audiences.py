"""Who is to hear of an event, as things stand now: people who left or lost the right hear nothing."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User
from accounts.permissions import Right
from accounts.status import Role
from events.models import Event
from orders.models import Order

# A bare e-mail address stands for somebody without an account.
Recipient = User | str


def pharmacists(event: Event) -> Iterable[Recipient]:
    """Every active pharmacist."""
    return User.objects.with_role(Role.PHARMACIST).order_by("pk") or administrators(event)


def administrators(event: Event) -> Iterable[Recipient]:
    """Who hears when nobody else is left to: an event that concerns somebody is never told to none."""
    return User.objects.with_role(Role.ADMINISTRATOR).order_by("pk")


def prescriber(event: Event) -> Iterable[Recipient]:
    """The prescriber, while the order is one of their practice; else somebody who can call them."""
    order = Order.objects.select_related("prescriber__user").get(pk=event.subject_id)
    user = order.prescriber.user
    mine = user.is_active and Order.objects.visible_to(user).filter(pk=order.pk).exists()
    return [user] if mine else administrators(event)


def asking_pharmacist(event: Event) -> Iterable[Recipient]:
    """The pharmacist whose question was answered."""
    return _reviewer(event.data.get("asked_by"))


def concerned(event: Event) -> Iterable[Recipient]:
    """The pharmacists who held, asked about, awaited or verified the order when it was cancelled."""
    known = event.data.get("concerned", [])
    return [user for pk in known for user in _reviewer(pk)]


def _reviewer(pk: object) -> list[Recipient]:
    if not isinstance(pk, int):
        return []
    found = User.objects.filter(pk=pk, is_active=True)
    return [user for user in found if user.has_right(Right.REVIEW_ORDERS)]


def wants_mail_of(user: User, event: Event) -> bool:
    """The personal switch: every order, or urgent ones only."""
    return not user.mail_urgent_only or bool(event.data.get("urgent"))
