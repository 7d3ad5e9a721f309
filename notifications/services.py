"""From an event to its deliveries, and what people do with them."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Coalesce, Now

from accounts.models import User
from accounts.permissions import Right, ensure
from events.models import Event
from notifications import catalogue
from notifications.audiences import Recipient
from notifications.models import Delivery, Heartbeat
from notifications.querysets import DeliveryQuerySet
from notifications.status import Channel, State


@transaction.atomic
def expand(event_id: int) -> list[int]:
    """Write the event's deliveries, once, and return the ids of those that are to be sent.

    Whoever else works on the event at this moment is left to it. Bell notices are the row itself.
    """
    event = (
        Event.objects.undispatched()
        .select_for_update(skip_locked=True, of=("self",))
        .filter(pk=event_id)
        .first()
    )
    if event is None:
        return []
    Delivery.objects.bulk_create(_deliveries(event), ignore_conflicts=True)
    _settle(event)
    Event.objects.filter(pk=event.pk).update(dispatched_at=Now())
    return list(
        Delivery.objects.filter(event=event, state=State.QUEUED).values_list("pk", flat=True)
    )


def _deliveries(event: Event) -> list[Delivery]:
    return [
        _delivery(event, channel, recipient)
        for channel in Channel
        for recipient in catalogue.recipients(event, channel)
    ]


def _delivery(event: Event, channel: Channel, recipient: Recipient) -> Delivery:
    delivery = Delivery(event=event, channel=channel)
    if isinstance(recipient, User):
        delivery.recipient = recipient
    else:
        delivery.address = recipient
    if channel == Channel.BELL:
        delivery.state = State.SENT
        delivery.sent_at = Now()
    return delivery


def _settle(event: Event) -> None:
    """Close the notices that this event settles, for everybody they went to."""
    same = Event.objects.about(event.subject, event.subject_id)
    settled = list(same.filter(pk__lt=event.pk, kind__in=catalogue.settles(event.kind)))
    entry = catalogue.CATALOGUE.get(event.kind)
    # Events may be expanded out of order: the one that settles this may have been first.
    if entry and same.filter(pk__gt=event.pk, kind__in=entry.settled_by).exists():
        settled.append(event)
    if settled:
        _mark_read(Delivery.objects.filter(channel=Channel.BELL, event__in=settled))


def _mark_read(notices: DeliveryQuerySet) -> None:
    """In the order of their ids, so that two who mark the same notices never block each other."""
    pks = list(notices.unread().order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    Delivery.objects.filter(pk__in=[pk for (pk,) in pks]).update(
        read_at=Now(), seen_at=Coalesce("seen_at", Now())
    )


# --- the bell -----------------------------------------------------------------------------------
@transaction.atomic
def mark_seen(*, by: User, up_to: int) -> None:
    """The list was opened: no notice up to this one counts in the badge any more."""
    shown = Delivery.objects.visible_to(by).unseen().filter(pk__lte=up_to)
    pks = list(shown.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=pks).update(seen_at=Now())


@transaction.atomic
def mark_read(notice: Delivery, *, by: User) -> None:
    _mark_read(Delivery.objects.visible_to(by).filter(pk=notice.pk))


@transaction.atomic
def mark_all_read(*, by: User) -> None:
    _mark_read(Delivery.objects.visible_to(by))


# --- the administrator and the machinery --------------------------------------------------------
@transaction.atomic
def retry(delivery: Delivery, *, by: User) -> bool:
    """Send again now, with all attempts anew; False when the delivery is not waiting or given up."""
    ensure(by, Right.MANAGE_DELIVERIES)
    return bool(
        Delivery.objects.manageable_by(by)
        .filter(pk=delivery.pk, state__in=[State.DEAD, State.QUEUED])
        .update(state=State.QUEUED, attempts=0, due_at=Now(), woken_at=None)
    )


def note_woken(pks: list[int]) -> None:
    """Remember that their tasks were published, so that they are not at once published again."""
    Delivery.objects.filter(pk__in=pks).update(woken_at=Now())


def beat(name: str) -> None:
    """Show that beat, broker and worker work together."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=Now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at"],
    )
