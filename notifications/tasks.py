"""Celery tasks: they take ids, may run any number of times and call a service."""

from __future__ import annotations

from celery import shared_task

from notifications import sending, services, wake


@shared_task(time_limit=30)
def expand(event_id: int) -> None:
    wake_sends(services.expand(event_id))


# The attempt cuts itself off after 8 s; the limit is for what cannot be cut off.
@shared_task(time_limit=20)
def send(delivery_id: int) -> None:
    sending.send(delivery_id)


@shared_task
def beat() -> None:
    services.beat("worker")


def wake_expand(event_id: int) -> None:
    """Called after each commit that wrote an event; never waits, never fails."""
    wake.publish(expand, event_id, f"expand-{event_id}")


def wake_sends(delivery_ids: list[int]) -> None:
    """Publish until Redis refuses, and remember what it took."""
    taken = []
    for pk in delivery_ids:
        if not wake.publish(send, pk, f"send-{pk}"):
            break
        taken.append(pk)
    if taken:
        services.note_woken(taken)
