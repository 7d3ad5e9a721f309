"""From signing an order to its e-mail files, through a real worker and relay."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings

from accounts.models import User
from bench import signing
from events.models import Event
from notifications.models import Delivery, Heartbeat
from notifications.status import Channel
from notifications.tasks import beat
from orders.services.signing import sign

ORDERS = 50
BAR = 2.0
_CELERY = ("-m", "celery", "-A", "config.celery", "worker", "--concurrency=2", "--loglevel=ERROR")
_PROGRAMS = (_CELERY, ("manage.py", "relay"))


def run() -> None:
    """Print the median and the 95th percentile over ORDERS orders, one after the other."""
    with ExitStack() as running:
        for program in _PROGRAMS:
            running.enter_context(_running(*program))
        _wait_for_the_worker()
        taken = sorted(_times())
    p95 = taken[int(len(taken) * 0.95)]
    mark = "within" if p95 <= BAR else "OVER"
    print(
        f"{'submit to e-mail file':<34} median {statistics.median(taken):.2f} s   "
        f"p95 {p95:.2f} s   max {taken[-1]:.2f} s   ({mark} {BAR:g} s)",
        flush=True,
    )


def _times() -> Iterator[float]:
    ada = User.objects.get(email="ada@example.org")
    for order, form in signing._drafts(ada, ORDERS):
        begin = time.time()
        sign(order, by=ada, form=form)
        event = Event.objects.about("order", order.pk).get(kind="order.submitted")
        yield _last_file_of(event) - begin


def _last_file_of(event: Event) -> float:
    """When the last of the event's mails was written; waits for it."""
    folder = Path(settings.EMAIL_FILE_PATH)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        found = Delivery.objects.filter(event=event, channel=Channel.EMAIL)
        files = [folder / f"{one.message_id.partition('@')[0]}.eml" for one in found]
        if files and all(file.exists() for file in files):
            return max(file.stat().st_mtime for file in files)
        time.sleep(0.01)
    raise TimeoutError(f"no mail about {event.reference}")


def _wait_for_the_worker() -> None:
    beat.delay()
    until = time.monotonic() + 60
    while not Heartbeat.objects.exists():
        if time.monotonic() > until:
            raise TimeoutError("the worker does not start")
        time.sleep(0.1)


@contextmanager
def _running(*command: str) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen([sys.executable, *command], stdout=quiet, stderr=quiet) as process:
        try:
            yield
        finally:
            process.terminate()
