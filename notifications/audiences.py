"""Who is to hear of an event, as things stand now: people who left or lost the right hear nothing."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User
from accounts.permissions import Right
from accounts.status import Duty, Role
from events.models import Event
from formulary.models import FormularyChange
from orders.models import Order

# A bare e-mail address stands for somebody without an account.
Recipient = User | str


def pharmacists(event: Event) -> Iterable[Recipient]:
    """Every active pharmacist."""
    return User.objects.with_role(Role.PHARMACIST).order_by("pk") or administrators(event)


def other_pharmacists(event: Event) -> Iterable[Recipient]:
    """Every active pharmacist but the one who acted; with no colleague an administrator hears."""
    others = User.objects.with_role(Role.PHARMACIST).exclude(pk=event.actor_id or 0)
    return others.order_by("pk") or administrators(event)


def other_keepers(event: Event) -> Iterable[Recipient]:
    """Who may decide on a change of the formulary: every keeper but its author."""
    author = FormularyChange.objects.values_list("author_id", flat=True).get(pk=event.subject_id)
    staff = User.objects.with_staff_right(Right.KEEP_FORMULARY).exclude(pk=author)
    return staff.order_by("pk") or administrators(event)


def author_of_change(event: Event) -> Iterable[Recipient]:
    """Who wrote the change, while they still keep the formulary."""
    change = FormularyChange.objects.select_related("author").get(pk=event.subject_id)
    return [change.author] if change.author.has_right(Right.KEEP_FORMULARY) else []


def administrators(event: Event) -> Iterable[Recipient]:
    """Who hears when nobody else is left to: an event that concerns somebody is never told to none."""
    return User.objects.with_role(Role.ADMINISTRATOR).order_by("pk")


def prescriber(event: Event) -> Iterable[Recipient]:
    """The prescriber, while the order is one of their practice; else somebody who can call them."""
    order = Order.objects.select_related("prescriber__user").get(pk=event.subject_id)
    user = order.prescriber.user
    mine = Right.VIEW_PRACTICE_ORDERS in user.rights_at(order.practice_id)
    return [user] if mine else administrators(event)


def answering(event: Event) -> Iterable[Recipient]:
    """The prescriber, and the delegates who may answer the pharmacist's questions."""
    order = Order.objects.get(pk=event.subject_id)
    delegates = User.objects.filter(
        memberships__practice=order.practice_id,
        memberships__ended_at=None,
        memberships__role=Role.DELEGATE,
        memberships__duties__contains=[Duty.CLARIFY],
    )
    helping = [
        one
        for one in delegates.order_by("pk")
        if Right.ANSWER_QUESTIONS in one.rights_at(order.practice_id)
    ]
    return [*prescriber(event), *helping]


def preparing(event: Event) -> Iterable[Recipient]:
    """The prescriber, and the delegate who prepared the order while they still prepare any."""
    order = Order.objects.select_related("prepared_by").get(pk=event.subject_id)
    helper = order.prepared_by
    helps = Right.PREPARE_ORDERS in helper.rights_at(order.practice_id)
    told = list(prescriber(event))
    return [*told, helper] if helps and helper not in told else told


def who_handed_over(event: Event) -> Iterable[Recipient]:
    """Who prepared the order for a signature, unless the draft went back by their own hand."""
    order = Order.objects.select_related("handed_over_by").get(pk=event.subject_id)
    helper = order.handed_over_by or order.prepared_by
    if helper.pk == event.actor_id or Right.PREPARE_ORDERS not in helper.rights_at(
        order.practice_id
    ):
        return []
    return [helper]


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
