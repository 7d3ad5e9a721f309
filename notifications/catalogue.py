"""Which event is told to whom, how and in what words. A new notification is one entry and its text.

An entry's text is `templates/notifications/messages/<kind>.txt`: the first line is the subject, then
paragraphs. It sees the reference and the urgency, never the order itself: what it does not know it
cannot tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Right
from events.models import Event
from notifications import audiences
from notifications.audiences import Recipient
from notifications.status import Channel


@dataclass(frozen=True)
class Entry:
    """`page` is where the link leads, `action` what it is called."""

    audience: Callable[[Event], Iterable[Recipient]]
    page: str
    action: str
    channels: tuple[Channel, ...] = (Channel.BELL, Channel.EMAIL)
    wants_mail: Callable[[User, Event], bool] = lambda user, event: True
    # Events on the same subject that settle the matter, so that nobody need read the notice.
    settled_by: tuple[str, ...] = ()


_DECIDED = ("order.approved", "order.rejected", "order.cancelled")

CATALOGUE: dict[str, Entry] = {
    "order.submitted": Entry(
        audience=audiences.pharmacists,
        page="queue:review",
        action="Review the order",
        wants_mail=audiences.wants_mail_of,
        settled_by=("order.claimed", *_DECIDED),
    ),
    "order.clarification_asked": Entry(
        audience=audiences.prescriber,
        page="orders:detail",
        action="Answer the question",
        settled_by=("order.clarification_answered", *_DECIDED),
    ),
    "order.clarification_answered": Entry(
        audience=audiences.asking_pharmacist,
        page="queue:review",
        action="Read the answer",
        settled_by=("order.claimed", *_DECIDED),
    ),
    "order.approved": Entry(
        audience=audiences.prescriber, page="orders:detail", action="See the order"
    ),
    "order.rejected": Entry(
        audience=audiences.prescriber, page="orders:detail", action="See the reason"
    ),
    "order.cancelled": Entry(
        audience=audiences.concerned, page="queue:review", action="See the order"
    ),
}


@dataclass(frozen=True)
class Text:
    """What a recipient reads, in whichever form: one source for the bell, plain text and HTML."""

    subject: str
    paragraphs: tuple[str, ...]
    action: str
    path: str

    @property
    def url(self) -> str:
        return f"{settings.PUBLIC_URL}{self.path}"


def text(event: Event, reader: User | None = None) -> Text:
    """The words for an event of the catalogue; KeyError for any other. Staff read on their own page."""
    entry = CATALOGUE[event.kind]
    context = {"reference": event.reference, "urgent": event.data.get("urgent") is True}
    written = render_to_string(f"notifications/messages/{event.kind}.txt", context)
    subject, _, body = written.strip().partition("\n")
    paragraphs = tuple(" ".join(part.split()) for part in body.strip().split("\n\n"))
    staff = reader is not None and reader.has_right(Right.VIEW_QUEUE)
    path = reverse("queue:review" if staff else entry.page, args=[event.reference])
    return Text(subject.strip(), paragraphs, entry.action, path)


def recipients(event: Event, channel: Channel) -> list[Recipient]:
    """Who hears of the event through the channel, as things stand now."""
    entry = CATALOGUE.get(event.kind)
    if entry is None or channel not in entry.channels:
        return []
    everybody = entry.audience(event)
    if channel == Channel.BELL:
        return [one for one in everybody if isinstance(one, User)]
    return [one for one in everybody if isinstance(one, str) or entry.wants_mail(one, event)]


def settles(kind: str) -> list[str]:
    """The kinds whose notices an event of `kind` closes."""
    return [told for told, entry in CATALOGUE.items() if kind in entry.settled_by]
