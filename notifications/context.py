"""What every page shows of the bell; asked of the database only where a template uses it."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.permissions import Right
from notifications import polling


def bell(request: HttpRequest) -> dict[str, object]:
    return {
        "bell_unread": SimpleLazyObject(lambda: _unread(request)),
        "queue_stamp": SimpleLazyObject(lambda: _queue_stamp(request)),
    }


def _unread(request: HttpRequest) -> int:
    user = getattr(request, "user", None)
    return polling.bell(user).unread if user is not None and user.is_authenticated else 0


def _queue_stamp(request: HttpRequest) -> int:
    user = getattr(request, "user", None)
    may = user is not None and user.is_authenticated and user.has_right(Right.VIEW_QUEUE)
    return polling.queue_stamp() if may else 0
