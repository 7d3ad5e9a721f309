"""One attempt at one delivery: claim, commit, send, record. Safe to run at any time, any number of times.

The row is claimed for LEASE by one conditional UPDATE and committed before the network is touched.
The attempt ends after CUT_OFF at the latest, and nothing is handed to the network after that, so a
process that slept through its lease does not send what another one has sent meanwhile.
"""

from __future__ import annotations

import logging
import random
import smtplib
import time
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from notifications import catalogue
from notifications.channels import TRANSMIT
from notifications.models import Delivery
from notifications.status import (
    CUT_OFF,
    JITTER,
    LEASE,
    MAX_ATTEMPTS,
    WAITS,
    Channel,
    State,
)

log = logging.getLogger(__name__)
_FREE: dict[str, object] = {"lease_until": None, "lease_token": None}


@dataclass(frozen=True)
class Outcome:
    state: State
    error: str = ""


def send(delivery_id: int) -> None:
    """Try once to send the delivery, if it is due and nobody else is at it."""
    deadline = time.monotonic() + CUT_OFF
    delivery = _claim(delivery_id)
    if delivery is not None:
        _record(delivery, _attempt(delivery, deadline))


def bury_exhausted() -> int:
    """Give up those whose sender died at the last attempt; returns their number."""
    return Delivery.objects.exhausted().update(state=State.DEAD, last_error="SenderDied", **_FREE)


def _claim(delivery_id: int) -> Delivery | None:
    """Lease the row. Durable: inside another transaction the claim would not be visible in time."""
    token = uuid.uuid4()
    with transaction.atomic(durable=True):
        won = (
            Delivery.objects.claimable()
            .filter(pk=delivery_id)
            .update(
                state=State.SENDING,
                attempts=F("attempts") + 1,
                lease_token=token,
                lease_until=Now() + LEASE,
            )
        )
    if not won:
        return None
    owned = Delivery.objects.filter(pk=delivery_id, lease_token=token)
    return owned.select_related("event", "recipient").first()


def _attempt(delivery: Delivery, deadline: float) -> Outcome:
    try:
        if not _is_wanted(delivery):
            return Outcome(State.SUPPRESSED)
        TRANSMIT[Channel(delivery.channel)](delivery, deadline)
    except Exception as error:
        # Whatever went wrong, the row must say so; the text may name people, so the class it is.
        log.warning("delivery %d, attempt %d: %s", delivery.pk, delivery.attempts, name_of(error))
        return Outcome(_state_after(error, delivery.attempts), name_of(error))
    return Outcome(State.SENT)


def _is_wanted(delivery: Delivery) -> bool:
    to = delivery.recipient or delivery.address
    return to in catalogue.recipients(delivery.event, Channel(delivery.channel))


def _state_after(error: Exception, attempts: int) -> State:
    return State.DEAD if attempts >= MAX_ATTEMPTS or is_permanent(error) else State.QUEUED


def is_permanent(error: Exception) -> bool:
    """Refused for good: this recipient or this message. A refused log-in or sender is ours to put right."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


def name_of(error: Exception) -> str:
    """Class and reply code: `SMTPRecipientsRefused 550`."""
    codes = [getattr(error, "smtp_code", None)]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    return " ".join([type(error).__name__, *(str(code) for code in codes[:1] if code)])


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts; spread, so that what failed together parts."""
    spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  nothing secret
    return WAITS[min(attempts, len(WAITS)) - 1] * spread


def _record(delivery: Delivery, outcome: Outcome) -> None:
    """Write the result, unless the lease is another's by now."""
    changes: dict[str, object] = {"state": outcome.state, "last_error": outcome.error, **_FREE}
    if outcome.state == State.SENT:
        changes["sent_at"] = Now()
    elif outcome.state == State.QUEUED:
        changes["due_at"] = Now() + wait_after(delivery.attempts)
    mine = Delivery.objects.filter(pk=delivery.pk, lease_token=delivery.lease_token)
    if not mine.update(**changes):
        log.warning("delivery %d: the lease was lost before the result came", delivery.pk)
