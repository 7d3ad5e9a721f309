"""The embedded PostgreSQL and Redis, and the supervisor behind `make run`."""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent


class StackError(Exception):
    """Something a person can put right; its text is the one line they read."""
