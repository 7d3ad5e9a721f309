"""A registry to ask: a real HTTP server that answers in the shape of the public one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

_EMPTY: dict[str, Any] = {"result_count": 0, "results": []}


def record(npi: str, **changes: Any) -> dict[str, Any]:
    """One individual as the registry publishes them; keywords replace parts of `basic`."""
    return {
        "created_epoch": "1183680000000",
        "enumeration_type": "NPI-1",
        "last_updated_epoch": "1269302400000",
        "number": npi,
        "addresses": [
            {
                "country_code": "US",
                "address_purpose": purpose,
                "address_type": "DOM",
                "address_1": "7 SAMPLE AVENUE",
                "city": "SAMPLETON",
                "state": "NC",
                "postal_code": "275140000",
                "telephone_number": "555-555-0150",
            }
            for purpose in ("LOCATION", "MAILING")
        ],
        "practiceLocations": [],
        "basic": {
            "first_name": "CORA",
            "last_name": "NEWCOMER",
            "credential": "M.D.",
            "sole_proprietor": "NO",
            "gender": "F",
            "enumeration_date": "2007-07-06",
            "last_updated": "2010-03-23",
            "status": "A",
            "name_prefix": "--",
            "name_suffix": "--",
        }
        | changes,
        "taxonomies": [
            {
                "code": "207N00000X",
                "taxonomy_group": "",
                "desc": "Dermatology",
                "state": "NC",
                "license": "S-1",
                "primary": True,
            }
        ],
        "identifiers": [],
        "endpoints": [],
        "other_names": [],
    }


def deactivated(npi: str) -> dict[str, Any]:
    words = f"CMS deactivated NPI {npi}. The provider can no longer use this NPI."
    return {"Errors": [{"description": words, "field": "number", "number": "15"}]}


@dataclass
class Registry:
    """What it answers, set by the test, and what it was asked."""

    url: str = ""
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    # Instead of what it knows: a status, headers, or a body of the test's own.
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    wait: float = 0
    drip: float = 0
    asked: list[str] = field(default_factory=list)

    def add(self, npi: str, **changes: Any) -> dict[str, Any]:
        """Make an individual known; returns the record, to be changed further."""
        self.people[npi] = record(npi, **changes)
        return self.people[npi]

    def answer(self, path: str) -> bytes:
        if self.body is not None:
            return self.body
        npi = parse_qs(urlsplit(path).query)["number"][0]
        found = self.people.get(npi)
        if found is not None and "Errors" in found:
            return json.dumps(found).encode()
        one = {"result_count": 1, "results": [found]}
        return json.dumps(one if found else _EMPTY).encode()


@contextmanager
def served() -> Iterator[Registry]:
    registry = Registry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            registry.asked.append(self.path)
            time.sleep(registry.wait)
            if self.path.startswith("/api?"):
                self.send_response(301)
                self.send_header("Location", self.path.replace("/api?", "/api/?"))
                self.end_headers()
                return
            body = registry.answer(self.path)
            self.send_response(registry.status)
            headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
            for name, value in (headers | registry.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self._send(body)

        def _send(self, body: bytes) -> None:
            try:
                for start in range(0, len(body), 1) if registry.drip else (0,):
                    self.wfile.write(body[start : start + 1] if registry.drip else body)
                    self.wfile.flush()
                    time.sleep(registry.drip)
            except OSError:
                pass  # whoever asked has hung up

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    registry.url = f"http://127.0.0.1:{server.server_port}/api/"
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
