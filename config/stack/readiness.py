"""Asks the web for /readyz as a proxy in front of it would."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit


def ask(port: int, public_url: str) -> dict[str, str]:
    """The answer of /readyz, or {"status": "no answer"} while there is none."""
    public = urlsplit(public_url)
    headers = {"Host": public.hostname or "127.0.0.1", "X-Forwarded-Proto": public.scheme}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/readyz", headers=headers)
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return {"status": "no answer"}
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {"status": "no answer"}


def describe(answer: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in answer.items())
