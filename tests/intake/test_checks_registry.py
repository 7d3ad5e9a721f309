"""The registry's answer, from a real server: clear ones are compared, unclear ones never pass."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from config import env
from intake import registry as nppes
from intake.services.checks.person import LicenceToCheck, Person
from intake.services.checks.registry import check_registry
from intake.status import Outcome
from tests.intake.nppes import Registry, deactivated, served

NPI = "1234567893"


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    with served() as one:
        settings.NPPES_URL = one.url
        yield one


def person(**changes: Any) -> Person:
    given: dict[str, Any] = {
        "given_name": "Cora",
        "middle_name": "",
        "family_name": "Newcomer",
        "former_names": (),
        "birth_date": None,
        "npi": NPI,
        "dea": "",
        "dea_expires_on": None,
        "specialty": "Dermatology",
        "states": frozenset({"NC"}),
        "licences": (LicenceToCheck("NC", "S-1", None),),
    } | changes
    return Person(**given)


# --- Clear answers --------------------------------------------------------------------------------
def test_a_record_that_agrees_passes(registry: Registry) -> None:
    registry.add(NPI)
    result = check_registry(person())
    assert result.outcome == Outcome.PASS
    assert "Dermatology" in result.text
    assert result.source == "NPPES registry, 127.0.0.1"


def test_the_registry_is_told_the_npi_and_nothing_else(registry: Registry) -> None:
    registry.add(NPI)
    check_registry(person())
    assert registry.asked == [f"/api/?version=2.1&number={NPI}"]


def test_the_npi_may_be_a_number_and_the_status_missing(registry: Registry) -> None:
    record = registry.add(NPI)
    record["number"] = int(NPI)
    del record["basic"]["status"]
    assert check_registry(person()).outcome == Outcome.PASS


@pytest.mark.parametrize(
    ("registered", "given"),
    [
        ({"last_name": "NEWCOMER"}, {"family_name": "newcomer"}),
        ({"last_name": "MULLER"}, {"family_name": "Müller"}),
        ({"last_name": "O'BRIEN"}, {"family_name": "OBrien"}),
        ({"last_name": "NEWCOMER JR"}, {"family_name": "Newcomer"}),
        ({"last_name": "NEWCOMER"}, {"family_name": "Newcomer, Jr."}),
        ({"last_name": "SAMPLE"}, {"family_name": "Sample-Newcomer"}),
        ({"last_name": "SAMPLE-NEWCOMER"}, {"family_name": "Newcomer"}),
        ({"last_name": "SAMPLE NEWCOMER"}, {"family_name": "Sample-Newcomer"}),
        ({"last_name": "DE LA CRUZ"}, {"family_name": "Cruz"}),
        ({"last_name": "OLDNAME"}, {"former_names": ("Oldname",)}),
        ({"last_name": "OLDNAME"}, {"former_names": ("Cora Oldname",)}),
        ({"first_name": "CORA MARIE"}, {}),
        ({"first_name": "CORA-MARIE"}, {"given_name": "Cora Marie"}),
        ({"first_name": "MARIE"}, {"middle_name": "Marie"}),
        ({"first_name": "ZOE"}, {"given_name": "Zoë"}),
    ],
)
def test_names_agree_however_they_are_written(
    registry: Registry, registered: dict[str, str], given: dict[str, Any]
) -> None:
    registry.add(NPI, **registered)
    assert check_registry(person(**given)).outcome == Outcome.PASS


def test_a_former_name_on_the_registrys_side_agrees(registry: Registry) -> None:
    registry.add(NPI, last_name="MARRIEDNAME")["other_names"] = [
        {"type": "Former Name", "code": "1", "first_name": "CORA", "last_name": "NEWCOMER"}
    ]
    assert check_registry(person()).outcome == Outcome.PASS


@pytest.mark.parametrize(
    ("registered", "differs"),
    [
        ({"last_name": "SOMEBODY"}, ["family_name"]),
        ({"first_name": "BEN"}, ["given_name"]),
        ({"last_name": "SOMEBODY", "first_name": "BEN"}, ["family_name", "given_name"]),
        ({"last_name": "NEWCOMERS"}, ["family_name"]),
        ({"status": "D"}, ["inactive"]),
    ],
)
def test_what_differs_is_a_mismatch_and_named(
    registry: Registry, registered: dict[str, str], differs: list[str]
) -> None:
    registry.add(NPI, **registered)
    result = check_registry(person())
    assert result.outcome == Outcome.MISMATCH
    assert result.matches[0]["differs"] == differs


def test_an_organization_is_a_mismatch(registry: Registry) -> None:
    record = registry.add(NPI)
    record["enumeration_type"] = "NPI-2"
    record["basic"] = {"organization_name": "SAMPLE DERMATOLOGY, PA", "status": "A"}
    result = check_registry(person())
    assert result.outcome == Outcome.MISMATCH
    assert "organization" in result.text


def test_another_state_is_a_mismatch(registry: Registry) -> None:
    registry.add(NPI)
    result = check_registry(person(states=frozenset({"TX", "CA"})))
    assert result.outcome == Outcome.MISMATCH
    assert result.text == "No address or licence in CA, TX; the registry has NC."


@pytest.mark.parametrize("place", ["practiceLocations", "taxonomies"])
def test_the_state_may_be_that_of_a_further_location_or_a_licence(
    registry: Registry, place: str
) -> None:
    registry.add(NPI)[place] = [{"code": "207N00000X", "desc": "Dermatology", "state": "TX"}]
    registry.people[NPI]["taxonomies"] = registry.people[NPI]["taxonomies"] or []
    assert check_registry(person(states=frozenset({"TX"}))).outcome == Outcome.PASS


def test_no_specialty_on_record_is_a_mismatch(registry: Registry) -> None:
    registry.add(NPI)["taxonomies"] = []
    assert check_registry(person()).matches[0]["differs"] == ["taxonomy"]


@pytest.mark.parametrize(
    ("specialty", "is_told"), [("Dermatologist", False), ("Cardiology", True), ("", False)]
)
def test_another_specialty_is_told_and_passes(
    registry: Registry, specialty: str, is_told: bool
) -> None:
    registry.add(NPI)
    result = check_registry(person(specialty=specialty))
    assert result.outcome == Outcome.PASS
    assert ("Given was" in result.text) is is_told


def test_an_unknown_npi_is_a_mismatch(registry: Registry) -> None:
    result = check_registry(person())
    assert result.outcome == Outcome.MISMATCH
    assert "Not in the registry" in result.text


def test_a_deactivated_npi_is_a_mismatch(registry: Registry) -> None:
    registry.people[NPI] = deactivated(NPI)
    result = check_registry(person())
    assert result.outcome == Outcome.MISMATCH
    assert "Not in the registry" in result.text


# --- No clear answer: never a pass, never a crash -------------------------------------------------
def _unchecked(says: str) -> None:
    result = check_registry(person())
    assert result.outcome == Outcome.UNCHECKED
    assert says in result.text
    assert NPI not in result.text


def test_without_an_address_nothing_is_asked(settings: Settings) -> None:
    settings.NPPES_URL = ""
    _unchecked("No registry is set")


@pytest.mark.parametrize("url", ["no address", "ftp://127.0.0.1/", "http://", "http://[::1", "//x"])
def test_an_address_that_is_none_could_not_be_asked(settings: Settings, url: str) -> None:
    settings.NPPES_URL = url
    _unchecked("not reached")


@pytest.mark.parametrize("url", ["npiregistry.cms.hhs.gov", "ftp://example.org/", "https://"])
def test_an_address_that_is_none_is_refused_with_the_settings(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPPES_URL", url)
    with pytest.raises(ImproperlyConfigured, match="NPPES_URL must look like"):
        env.service_url("NPPES_URL")


def test_a_silent_registry_is_given_up_in_time(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nppes, "TIMEOUT", 0.3)
    registry.add(NPI)
    registry.wait = 1.5
    begin = time.monotonic()
    _unchecked("did not answer within 0.3 s")
    assert time.monotonic() - begin < 1.2


def test_a_registry_that_drips_is_given_up_in_the_same_time(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nppes, "TIMEOUT", 0.4)
    registry.add(NPI)
    registry.drip = 0.05
    begin = time.monotonic()
    _unchecked("did not answer")
    assert time.monotonic() - begin < 1.5


def test_nobody_there_could_not_be_asked(settings: Settings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.NPPES_URL = f"http://127.0.0.1:{closed.getsockname()[1]}/api/"
        _unchecked("not reached (ConnectError)")


@pytest.mark.parametrize("status", [204, 400, 404, 429, 500, 503])
def test_any_other_status_is_no_answer(registry: Registry, status: int) -> None:
    registry.add(NPI)
    registry.status = status
    _unchecked(f"status {status}")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"result_count": ' + b"9" * 5000 + b"}",
        b"{}",
        b'{"result_count": 1}',
        b'{"result_count": 1, "results": []}',
        b'{"result_count": 0, "results": {}}',
        b'{"result_count": true, "results": [{}]}',
        b'{"result_count": 1, "results": [null]}',
        b'{"result_count": 1, "results": [{"number": "1993999998"}]}',
        b'{"result_count": 2, "results": [{}, {}]}',
        b'{"Errors": [{"number": "04", "description": "No valid search criteria"}]}',
        b"<html>Sorry</html>",
    ],
)
def test_a_malformed_answer_is_no_answer(registry: Registry, body: bytes) -> None:
    registry.body = body
    _unchecked("The registry")


@pytest.mark.parametrize(
    "broken",
    [
        {"basic": None},
        {"basic": {"first_name": "CORA"}},
        {"basic": {"first_name": ["CORA"], "last_name": {"a": 1}}},
        {"enumeration_type": None},
        {"enumeration_type": "NPI-3"},
    ],
)
def test_a_record_without_its_main_parts_is_no_answer(
    registry: Registry, broken: dict[str, Any]
) -> None:
    registry.add(NPI).update(broken)
    _unchecked("The registry")


def test_odd_parts_of_a_record_do_no_harm(registry: Registry) -> None:
    record = registry.add(NPI)
    record["addresses"] = [None, "x", {"state": 5}, {"state": "NC"}]
    record["taxonomies"] = [{"code": "207N00000X", "desc": "A\x00B\ud800" + "x" * 5000}]
    record["other_names"] = "none"
    result = check_registry(person(specialty=""))
    assert result.outcome == Outcome.PASS
    assert len(result.text) < 300
    assert json.dumps(result.as_fields()).isascii()
    assert "\\u0000" not in json.dumps(result.as_fields())


def test_a_huge_answer_is_not_read_to_its_end(registry: Registry) -> None:
    registry.body = b" " * (nppes.LARGEST + 20_000)
    _unchecked("too long")


def test_another_content_type_is_no_answer(registry: Registry) -> None:
    registry.add(NPI)
    registry.headers = {"Content-Type": "text/html"}
    _unchecked("something else than JSON")


def test_a_compressed_answer_is_not_unpacked(registry: Registry) -> None:
    registry.add(NPI)
    registry.headers = {"Content-Encoding": "gzip"}
    _unchecked("encoding")


def test_a_redirect_to_another_host_is_not_followed(registry: Registry) -> None:
    with served() as other:
        other.add(NPI)
        registry.status = 302
        registry.headers = {"Location": f"{other.url}?version=2.1&number={NPI}"}
        _unchecked("another host")
        assert other.asked == []


def test_a_missing_slash_is_mended_by_the_registrys_own_redirect(
    registry: Registry, settings: Settings
) -> None:
    settings.NPPES_URL = registry.url.rstrip("/")
    registry.add(NPI)
    assert check_registry(person()).outcome == Outcome.PASS
    assert len(registry.asked) == 2


def test_redirects_on_the_same_host_end(registry: Registry) -> None:
    registry.status = 302
    registry.headers = {"Location": f"/api/?version=2.1&number={NPI}"}
    _unchecked("one redirect after another")
    assert len(registry.asked) == 3


def test_a_loop_that_runs_already_is_no_obstacle(registry: Registry) -> None:
    import asyncio

    async def inside() -> Outcome:
        return check_registry(person()).outcome

    registry.add(NPI)
    assert asyncio.run(inside()) == Outcome.PASS
