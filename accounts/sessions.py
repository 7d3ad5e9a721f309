"""Sessions in the database. A cookie that cannot be a key of ours is none, whatever it holds."""

from __future__ import annotations

import re

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions

_KEY = re.compile(r"[a-z0-9]{8,40}")


class SessionStore(DatabaseSessions):
    def _validate_session_key(self, key: str | None) -> bool:
        return bool(key and _KEY.fullmatch(key))
