"""`manage.py relay`: looks at the outbox every two seconds, for as long as it runs."""

from __future__ import annotations

import logging
import os
import signal
import time

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections, connection

from notifications.relay import Relay

log = logging.getLogger(__name__)
EVERY = 2.0


class Command(BaseCommand):
    help = "Expand events and wake the workers for what is due; needs no Redis to look."

    def handle(self, *args: object, **options: object) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            # At once, wherever we are: every step is a transaction or may be repeated.
            signal.signal(number, lambda *_: os._exit(0))
        relay = Relay()
        while True:
            started = time.monotonic()
            _tick(relay)
            time.sleep(max(0.1, EVERY - (time.monotonic() - started)))


def _tick(relay: Relay) -> None:
    """One look; a lost database is asked again at the next."""
    try:
        close_old_connections()
        relay.tick()
    except Error as error:
        log.warning("database: %s", type(error).__name__)
        connection.close()
    except Exception:
        log.exception("the relay stumbled and goes on")
