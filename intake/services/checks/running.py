"""Which checks a person needs, and making them."""

from __future__ import annotations

from collections.abc import Iterator

from intake.services.checks.exclusions import check_exclusions, exclusion_query
from intake.services.checks.local import (
    check_dea,
    check_licence,
    check_npi,
    dea_query,
    licence_query,
    npi_query,
)
from intake.services.checks.person import Person
from intake.services.checks.registry import check_registry, registry_query
from intake.services.checks.result import Query, Result
from intake.status import CheckKind, Outcome

Key = tuple[str, str]
NO_LICENCE = "No licence was given."


def expected(person: Person) -> dict[Key, Query]:
    """The checks the person needs, by kind and subject, with what each would ask now."""
    found: dict[Key, Query] = {(CheckKind.NPI_DIGITS, ""): npi_query(person)}
    if person.dea:
        found[CheckKind.DEA_DIGITS, ""] = dea_query(person)
    found[CheckKind.REGISTRY, ""] = registry_query(person)
    found[CheckKind.EXCLUSION, ""] = exclusion_query(person)
    for licence in person.licences:
        found[CheckKind.LICENCE, licence.subject] = licence_query(licence)
    if not person.licences:
        found[CheckKind.LICENCE, ""] = {}
    return found


def local_results(person: Person) -> list[Result]:
    """Every check that needs no network: made wherever a moment's work is allowed."""
    return list(_local_results(person))


def all_results(person: Person) -> list[Result]:
    """Every check, the registry's last: outside any transaction."""
    return [*_local_results(person), check_registry(person)]


def _local_results(person: Person) -> Iterator[Result]:
    yield check_npi(person)
    if person.dea:
        yield check_dea(person)
    yield check_exclusions(person)
    yield from map(check_licence, person.licences)
    if not person.licences:
        yield Result(CheckKind.LICENCE, Outcome.UNCHECKED, NO_LICENCE, {}, "The application")
