"""How long a session stays open: 15 minutes without an act of its person, 12 hours in all."""

from __future__ import annotations

import enum
import time

from django.contrib.sessions.backends.base import SessionBase

IDLE = 15 * 60
WHOLE = 12 * 60 * 60
# An act is noted at most this often, so that a busy page does not write its session each time.
NOTED_EVERY = 15
_SIGNED_IN, _SEEN, _LOCKED = "signed_in_at", "seen_at", "locked"


class Standing(enum.Enum):
    OPEN = enum.auto()
    LOCKED = enum.auto()
    OVER = enum.auto()


def begin(session: SessionBase) -> None:
    """Somebody has just signed in."""
    session[_SIGNED_IN] = session[_SEEN] = int(time.time())
    session.pop(_LOCKED, None)


def standing(session: SessionBase) -> Standing:
    """Whether the session may be used now. One from before this clock starts it now."""
    if _SIGNED_IN not in session:
        begin(session)
    if whole_left(session) <= 0:
        return Standing.OVER
    return Standing.OPEN if idle_left(session) > 0 else Standing.LOCKED


def idle_left(session: SessionBase) -> int:
    """Seconds until the session locks; 0 when it is locked."""
    if session.get(_LOCKED):
        return 0
    return max(0, int(session.get(_SEEN, 0)) + IDLE - int(time.time()))


def whole_left(session: SessionBase) -> int:
    """Seconds until the session ends, whatever is done in it."""
    return max(0, int(session.get(_SIGNED_IN, 0)) + WHOLE - int(time.time()))


def note(session: SessionBase) -> bool:
    """The person did something; True when it was written down this time."""
    now = int(time.time())
    if now - int(session.get(_SEEN, 0)) < NOTED_EVERY:
        return False
    session[_SEEN] = now
    return True


def lock(session: SessionBase) -> None:
    if not session.get(_LOCKED):
        session[_LOCKED] = True


def unlock(session: SessionBase) -> None:
    """The person proved again who they are; the 12 hours go on as they were."""
    session.pop(_LOCKED, None)
    session[_SEEN] = int(time.time())
