"""Which event is told to whom, how and in what words. A new notification is one entry and its text.

An entry's text is `templates/notifications/messages/<kind>.txt`: the first line is the subject, then
paragraphs. It sees the reference, the urgency and the entry's own words, never the record itself:
what it does not know it cannot tell.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Right
from events.models import Event
from notifications import choices
from notifications.audiences import Recipient
from notifications.entries import accounts, formulary, intake, orders
from notifications.entry import Entry
from notifications.status import Channel

CATALOGUE: dict[str, Entry] = {
    **orders.ENTRIES,
    **formulary.ENTRIES,
    **intake.ENTRIES,
    **accounts.ENTRIES,
}


@dataclass(frozen=True)
class Text:
    """What a recipient reads, in whichever form: one source for the bell, plain text and HTML.

    `is_private`: the link opens without signing in, for whoever holds it.
    """

    subject: str
    paragraphs: tuple[str, ...]
    action: str
    path: str
    is_private: bool = False

    @property
    def url(self) -> str:
        return f"{settings.PUBLIC_URL}{self.path}"


def text(event: Event, reader: User | None = None, token: str = "") -> Text:
    """The words for an event of the catalogue; KeyError for any other. Staff read on their own page.

    `token` is the private link's; without one, as in a list of mails, nothing private is linked.
    """
    entry = CATALOGUE[event.kind]
    context = {"reference": event.reference, "urgent": event.data.get("urgent") is True}
    words = context | dict(entry.words(event))
    written = render_to_string(f"notifications/messages/{event.kind}.txt", words)
    subject, _, body = written.strip().partition("\n")
    paragraphs = tuple(" ".join(part.split()) for part in body.strip().split("\n\n"))
    path = _path(entry, event, reader, token)
    return Text(subject.strip(), paragraphs, entry.action, path, bool(token))


def _path(entry: Entry, event: Event, reader: User | None, token: str) -> str:
    if entry.link:
        return reverse(entry.page, args=[token]) if token else reverse("home")
    is_staff = reader is not None and reader.has_right(Right.VIEW_QUEUE)
    page = entry.staff_page if is_staff and entry.staff_page else entry.page
    return reverse(page, args=[event.reference] if entry.takes == "reference" else [])


def recipients(event: Event, channel: Channel) -> list[Recipient]:
    """Who hears of the event through the channel, as things stand now."""
    entry = CATALOGUE.get(event.kind)
    if entry is None or channel not in entry.channels:
        return []
    everybody = list(entry.audience(event))
    people = [one for one in everybody if isinstance(one, User)]
    if channel == Channel.BELL:
        return list(people)
    off = choices.switched_off(entry.category_of(event), people)
    return [one for one in everybody if isinstance(one, str) or one.pk not in off]


def settles(kind: str) -> list[str]:
    """The kinds whose notices an event of `kind` closes."""
    return [told for told, entry in CATALOGUE.items() if kind in entry.settled_by]
