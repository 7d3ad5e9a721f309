"""Work that nobody waits for."""

from __future__ import annotations

from celery import shared_task

from orders.services import claims


@shared_task(name="orders.tasks.release_lapsed_claims")
def release_lapsed_claims() -> None:
    claims.release_lapsed_claims()
