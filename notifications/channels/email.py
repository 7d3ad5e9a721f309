"""E-mail: plain text and HTML from one source, handed over within the deadline or not at all."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from accounts import links
from accounts.models import User
from notifications import catalogue, categories, choices
from notifications.mail import CutOff
from notifications.status import Category

if TYPE_CHECKING:
    from notifications.models import Delivery

# After the cut the connection's own error comes within a moment, and says more than "cut off".
_GRACE = 0.3


def message(delivery: Delivery) -> EmailMultiAlternatives:
    """The mail, the same at every attempt; a private link in it is made now, for this mail."""
    text = catalogue.text(delivery.event, delivery.recipient, _token(delivery))
    category = catalogue.CATALOGUE[delivery.event.kind].category_of(delivery.event)
    foot = categories.foot(category, delivery.recipient)
    context = {"text": text, "foot": foot, "pharmacy_name": settings.PHARMACY_NAME}
    to = delivery.recipient.email if delivery.recipient else delivery.address
    mail = EmailMultiAlternatives(
        subject=text.subject,
        body=render_to_string("notifications/mail.txt", context),
        to=[to],
        headers={
            "Message-ID": f"<{delivery.message_id}>",
            "Auto-Submitted": "auto-generated",
            **_unsubscribe(category, delivery.recipient),
        },
    )
    mail.attach_alternative(render_to_string("notifications/mail.html", context), "text/html")
    return mail


def _unsubscribe(category: Category, reader: User | None) -> dict[str, str]:
    """RFC 8058: a mail program stops this kind of e-mail by one POST, where it may be stopped."""
    if reader is None or not categories.may_switch_off(category, reader):
        return {}
    return {
        "List-Unsubscribe": f"<{choices.unsubscribe_url(category, reader)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _token(delivery: Delivery) -> str:
    """The private link's token, where the entry has one."""
    link = catalogue.CATALOGUE[delivery.event.kind].link
    if link is None:
        return ""
    return links.issue(link, delivery.event.subject_id, seed=delivery.message_id)


def transmit(delivery: Delivery, deadline: float) -> None:
    """Hand the mail over before `deadline`; raises CutOff or the transport's own error."""
    _Attempt(message(delivery), get_connection(deadline=deadline)).run(deadline)


class _Attempt:
    """One hand-over in a thread of its own, as looking up a name cannot be given a time-out.

    The thread outlives the deadline only to find that it may send nothing any more.
    """

    def __init__(self, mail: EmailMultiAlternatives, backend: BaseEmailBackend) -> None:
        self._mail = mail
        self._backend = backend
        self._error: Exception | None = None
        self._finished = threading.Event()

    def run(self, deadline: float) -> None:
        threading.Thread(target=self._hand_over, daemon=True).start()
        if not self._finished.wait(max(0.0, deadline - time.monotonic())):
            abort = getattr(self._backend, "abort", None)
            if abort:
                abort()
            if not self._finished.wait(_GRACE):
                raise CutOff
        if self._error is not None:
            raise self._error

    def _hand_over(self) -> None:
        try:
            self._backend.open()
            if self._backend.send_messages([self._mail]) != 1:
                raise CutOff  # the backend swallowed a failure
        except Exception as error:
            self._error = error
        finally:
            # Accepted is accepted: a slow farewell must not turn it into a failure.
            self._finished.set()
            with suppress(Exception):
                self._backend.close()
