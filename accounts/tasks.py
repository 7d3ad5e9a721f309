"""Housekeeping that nobody waits for."""

from __future__ import annotations

from celery import shared_task

from accounts.security import forget_ended_sessions
from accounts.sessions import SessionStore


@shared_task
def forget_old_sessions() -> None:
    """Sessions end by their date; their rows, which may hold a search, must not outlive them."""
    SessionStore.clear_expired()
    forget_ended_sessions()
