"""How often something may be tried, by account and by address; counted in the database's cache."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from django.http import HttpRequest

# What asks for a secret of an account answers no sooner than this, known account or not.
ANSWER_AFTER = 0.25


def count(request: HttpRequest, action: str, key: str) -> Any:
    """One more try of `action` (settings.ACCOUNT_RATE_LIMITS) at `key`; one too many answers 429.

    Counted before anything is looked at, so that many tries at once are no more than allowed.
    Returns what takes the count back, `.rollback()`, for when the answer was right.
    """
    usage = ratelimit.consume(request, app="allauth.account", action=action, key=key)
    if not usage:
        raise too_many(request)
    return usage


def too_many(request: HttpRequest) -> ImmediateHttpResponse:
    return ImmediateHttpResponse(ratelimit.respond_429(request))


@contextmanager
def even_pace() -> Iterator[None]:
    """Takes the same time whatever is found inside, as long as it takes less than ANSWER_AFTER."""
    until = time.monotonic() + ANSWER_AFTER
    try:
        yield
    finally:
        time.sleep(max(0.0, until - time.monotonic()))
