"""The registry's record of an NPI against what the person says of themself."""

from __future__ import annotations

import re
from dataclasses import replace

from intake import names
from intake import registry as nppes
from intake.digits import npi_error
from intake.services.checks.person import Person
from intake.services.checks.result import Query, Result
from intake.status import CheckKind, Outcome

_WORDS = {
    "absent": "Not in the registry: unknown there, or deactivated.",
    "type": "Registered as an organization, not as a person.",
    "inactive": "The registry does not list it as active.",
    "family_name": "Another family name: {families}.",
    "given_name": "Another given name: {givens}.",
    "state": "No address or licence in {asked}; the registry has {states}.",
    "taxonomy": "The registry has no specialty on record.",
}
_NO_SPECIALTY_WORDS = frozenset(
    {"medicine", "medical", "specialist", "general", "and", "physician"}
)


def registry_query(person: Person) -> Query:
    """What is compared; the registry itself is told the NPI alone."""
    return {
        "npi": person.npi,
        "family_names": sorted(person.families),
        "given_names": sorted(person.givens),
        "states": sorted(person.states),
    }


def check_registry(person: Person) -> Result:
    """Ask the registry, over the network, for up to nppes.TIMEOUT seconds."""
    if npi_error(person.npi):
        return _result(person, Outcome.UNCHECKED, "There is no NPI to ask about.", ())
    try:
        record = nppes.look_up(person.npi)
    except nppes.RegistrySilent as silence:
        return replace(_result(person, Outcome.UNCHECKED, str(silence), ()), ask_again=True)
    if record is None:
        return _result(person, Outcome.MISMATCH, _WORDS["absent"], ({"differs": ["absent"]},))
    differs = _differences(record, person)
    match = {"differs": differs, **_as_json(record)}
    if differs:
        return _result(person, Outcome.MISMATCH, _mismatch_words(differs, record, person), (match,))
    return _result(person, Outcome.PASS, _pass_words(record, person), (match,))


def _differences(record: nppes.Record, person: Person) -> list[str]:
    """What differs, most telling first; of an organization nothing else is compared."""
    if not record.is_individual:
        return ["type"]
    families = frozenset[str]().union(*map(names.variants, record.families))
    givens = frozenset[str]().union(*map(names.given_variants, record.givens))
    found = {
        "inactive": not record.is_active,
        "family_name": not families & person.families,
        "given_name": not givens & person.givens,
        "state": not record.states & person.states,
        "taxonomy": not any(taxonomy.code for taxonomy in record.taxonomies),
    }
    return [name for name, differs in found.items() if differs]


def _mismatch_words(differs: list[str], record: nppes.Record, person: Person) -> str:
    return " ".join(
        _WORDS[name].format(
            families=", ".join(record.families),
            givens=", ".join(record.givens),
            asked=", ".join(sorted(person.states)) or "any state given",
            states=", ".join(sorted(record.states)) or "no state",
        )
        for name in differs
    )


def _pass_words(record: nppes.Record, person: Person) -> str:
    main = next((t for t in record.taxonomies if t.is_primary), record.taxonomies[0])
    told = f"Active, name and state agree. Specialty there: {main.name or main.code}."
    if person.specialty and not _speak_alike(record, person.specialty):
        return f"{told} Given was: {person.specialty}."
    return told


def _speak_alike(record: nppes.Record, specialty: str) -> bool:
    """Whether a word of the specialty begins like one of the registry's: dermatolog-y, -ist."""
    theirs = _stems(" ".join(taxonomy.name for taxonomy in record.taxonomies))
    return bool(theirs & _stems(specialty))


def _stems(text: str) -> frozenset[str]:
    found = re.findall(r"[a-z]{4,}", text.lower())
    return frozenset(word[:6] for word in found if word not in _NO_SPECIALTY_WORDS)


def _as_json(record: nppes.Record) -> dict[str, object]:
    return {
        "type": "individual" if record.is_individual else "organization",
        "organization": record.organization,
        "family_names": list(record.families),
        "given_names": list(record.givens),
        "states": sorted(record.states),
        "taxonomies": [f"{t.code} {t.name}".strip() for t in record.taxonomies],
    }


def _result(
    person: Person, outcome: Outcome, text: str, matches: tuple[dict[str, object], ...]
) -> Result:
    return Result(
        kind=CheckKind.REGISTRY,
        outcome=outcome,
        text=text,
        query=registry_query(person),
        matches=matches,
        source=nppes.source(),
    )
