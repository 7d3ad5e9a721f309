"""The NPPES registry's public answer about one NPI, fetched and read without trusting a byte of it.

The address is the setting NPPES_URL; asked is `?version=2.1&number=`. Everything that is not a
clear answer about this NPI raises RegistrySilent: it could not be checked.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from django.conf import settings

TIMEOUT = 5.0
LARGEST = 512 * 1024
_REDIRECTS = 2
_LONGEST = 120
_NAME = "NPPES registry"
# The registry's own number for an NPI that is not in service any more.
_DEACTIVATED = "15"
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Scruple"}


class RegistrySilent(Exception):
    """No clear answer; the words say why, and name nobody."""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    code: str
    name: str
    state: str
    is_primary: bool


@dataclass(frozen=True, slots=True)
class Record:
    """What the registry says of one NPI; `families` and `givens` hold former names too."""

    is_individual: bool
    is_active: bool
    families: tuple[str, ...]
    givens: tuple[str, ...]
    organization: str
    states: frozenset[str]
    taxonomies: tuple[Taxonomy, ...]


def source() -> str:
    """Where the answer comes from, as checks record it."""
    host = _host(settings.NPPES_URL)
    return f"{_NAME}, {host}"[:200] if host else _NAME


def look_up(npi: str) -> Record | None:
    """Ask the registry; None when it knows no such NPI in service. Takes TIMEOUT at most.

    Raises RegistrySilent for everything else. Never call it inside a request or a transaction.
    """
    if not settings.NPPES_URL:
        raise RegistrySilent("No registry is set (NPPES_URL).")
    try:
        # A thread of its own, as the caller's may be running a loop already.
        with ThreadPoolExecutor(1) as one:
            body = one.submit(asyncio.run, _fetch(settings.NPPES_URL, npi)).result()
    except TimeoutError:
        raise RegistrySilent(f"The registry did not answer within {TIMEOUT:g} s.") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise RegistrySilent(f"The registry was not reached ({type(error).__name__}).") from None
    return _read(body, npi)


async def _fetch(url: str, npi: str) -> bytes:
    client = httpx.AsyncClient(timeout=TIMEOUT, verify=_trusted())
    async with asyncio.timeout(TIMEOUT), client:
        address = httpx.URL(url).copy_merge_params({"version": "2.1", "number": npi})
        for _ in range(_REDIRECTS + 1):
            async with client.stream("GET", address, headers=_HEADERS) as response:
                if not response.has_redirect_location:
                    return await _body(response)
                address = _same_host(address, response)
    raise RegistrySilent("The registry answered with one redirect after another.")


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that are trusted; reading them takes longer than asking."""
    return httpx.create_ssl_context()


def _same_host(asked: httpx.URL, response: httpx.Response) -> httpx.URL:
    """Where the redirect leads; an NPI is told to nobody but the registry that was set."""
    there = asked.join(response.headers["location"])
    if (there.scheme, there.host, there.port) != (asked.scheme, asked.host, asked.port):
        raise RegistrySilent("The registry redirects to another host.")
    return there


async def _body(response: httpx.Response) -> bytes:
    if response.status_code != 200:
        raise RegistrySilent(f"The registry answered with status {response.status_code}.")
    if "json" not in response.headers.get("content-type", ""):
        raise RegistrySilent("The registry answered with something else than JSON.")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise RegistrySilent("The registry answered in an encoding that was not asked for.")
    body = bytearray()
    async for chunk in response.aiter_raw(chunk_size=16 * 1024):
        body += chunk
        if len(body) > LARGEST:
            raise RegistrySilent("The registry's answer was too long.")
    return bytes(body)


def _read(body: bytes, npi: str) -> Record | None:
    unclear = RegistrySilent("The registry's answer could not be read.")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise unclear from None
    if not isinstance(answer, dict):
        raise unclear
    if errors := _rows(answer, "Errors"):
        _expect_deactivated(errors)
        return None
    results, count = answer.get("results"), answer.get("result_count")
    if not isinstance(results, list) or isinstance(count, bool) or count != len(results):
        raise unclear
    if not results:
        return None
    if len(results) > 1 or not isinstance(results[0], dict):
        raise RegistrySilent("The registry's answer names more than one person.")
    if str(results[0].get("number")) != npi:
        raise RegistrySilent("The registry answered about another NPI.")
    return _record(results[0])


def _expect_deactivated(errors: list[dict[str, Any]]) -> None:
    """Raises RegistrySilent for every other error."""
    if all(_text(error, "number") != _DEACTIVATED for error in errors):
        raise RegistrySilent("The registry did not take the question.")


def _record(result: dict[str, Any]) -> Record:
    """Raises RegistrySilent for a record without a type, or a person without a name."""
    basic = result.get("basic")
    kind = _text(result, "enumeration_type")
    if not isinstance(basic, dict) or kind not in ("NPI-1", "NPI-2"):
        raise RegistrySilent("The registry's answer could not be read.")
    called = [basic, *_rows(result, "other_names")]
    record = Record(
        is_individual=kind == "NPI-1",
        is_active=_text(basic, "status") in ("", "A"),
        families=tuple(filter(None, (_text(name, "last_name") for name in called))),
        givens=tuple(filter(None, (_text(name, "first_name") for name in called))),
        organization=_text(basic, "organization_name"),
        states=_states(result),
        taxonomies=tuple(_taxonomy(row) for row in _rows(result, "taxonomies")),
    )
    if record.is_individual and not (_text(basic, "last_name") and _text(basic, "first_name")):
        raise RegistrySilent("The registry's answer gives no name.")
    return record


def _states(result: dict[str, Any]) -> frozenset[str]:
    places = ("addresses", "practiceLocations", "taxonomies")
    found = (_text(row, "state").upper() for place in places for row in _rows(result, place))
    return frozenset(state for state in found if len(state) == 2)


def _taxonomy(row: dict[str, Any]) -> Taxonomy:
    return Taxonomy(
        code=_text(row, "code"),
        name=_text(row, "desc"),
        state=_text(row, "state"),
        is_primary=row.get("primary") is True,
    )


def _rows(part: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = part.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _text(part: dict[str, Any], name: str) -> str:
    """Printable text of bearable length: what is stored is shown, and PostgreSQL takes no NUL."""
    value = part.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    return "".join(sign for sign in value[:_LONGEST] if sign.isprintable()).strip()


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host
    except httpx.InvalidURL:
        return ""
