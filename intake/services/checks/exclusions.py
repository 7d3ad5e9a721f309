"""The OIG's list of excluded individuals and entities, as it was last loaded."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from intake import names
from intake.models import Exclusion, ExclusionList
from intake.services.checks.local import in_words, today
from intake.services.checks.person import Person
from intake.services.checks.result import Query, Result
from intake.status import CheckKind, Outcome

# The OIG publishes by the 10th of each month.
OLD = timedelta(days=45)
TOO_OLD = timedelta(days=60)
# More namesakes than this a person has to look up on the OIG's own site.
_SHOWN = 20
_NONE = ("", "0000000000")
_SHOWN_FIELDS = (
    "last_name", "first_name", "middle_name", "business_name", "general", "specialty", "npi",
    "born", "city", "state", "exclusion_type", "excluded_on", "reinstated_on", "waived_on",
    "waiver_state",
)  # fmt: skip


def exclusion_query(person: Person) -> Query:
    born = person.birth_date
    return {
        "npi": person.npi,
        "names": _keys(person),
        "born": born.isoformat() if born else "",
    }


def check_exclusions(person: Person) -> Result:
    """Match by NPI or by name and birth date: a hit. By name alone: possible.

    A list that is missing or too old never clears anybody, but what stands in it still counts.
    """
    loaded = ExclusionList.objects.order_by("-pk").first()
    if loaded is None:
        return _result(person, Outcome.UNCHECKED, "No exclusion list has been loaded.", None)
    rows = [row for row in _candidates(person) if not _is_reinstated(row)]
    sure = [row for row in rows if _is_same_person(row, person)]
    if sure:
        return _result(person, Outcome.HIT, _hit_words(sure, person), loaded, sure)
    if rows:
        return _result(person, Outcome.POSSIBLE, _possible_words(rows, person), loaded, rows)
    if not _keys(person):
        return _result(person, Outcome.UNCHECKED, "There is no name to look for.", loaded)
    age = today() - _day_of(loaded)
    listed = f"list of {in_words(_day_of(loaded))}"
    if age > TOO_OLD:
        text = f"The {listed} is more than {TOO_OLD.days} days old: load the current one."
        return _result(person, Outcome.UNCHECKED, text, loaded)
    old = " The OIG has published a newer one since." if age > OLD else ""
    return _result(person, Outcome.PASS, f"Not on the {listed}.{old}", loaded)


def _candidates(person: Person) -> QuerySet[Exclusion]:
    by_name = Q(name_keys__overlap=_keys(person))
    by_npi = Q(npi=person.npi) if person.npi not in _NONE else Q(pk=None)
    return Exclusion.objects.filter(by_name | by_npi).order_by("last_name", "first_name", "pk")


def _keys(person: Person) -> list[str]:
    """Every way to write the name, also cut off as the list cuts names off."""
    families = person.families | {family[: names.LISTED_FAMILY] for family in person.families}
    givens = person.givens | {given[: names.LISTED_GIVEN] for given in person.givens}
    return names.keys(families, givens)


def _is_same_person(row: Exclusion, person: Person) -> bool:
    if row.npi == person.npi and row.npi not in _NONE:
        return True
    return person.birth_date is not None and row.born == f"{person.birth_date:%Y%m%d}"


def _is_reinstated(row: Exclusion) -> bool:
    """A date that cannot be read, or one to come, does not take anybody off the list."""
    day = _listed_day(row.reinstated_on)
    return day is not None and day <= today()


def _hit_words(rows: list[Exclusion], person: Person) -> str:
    by_npi = any(row.npi == person.npi for row in rows if row.npi not in _NONE)
    how = "the NPI" if by_npi else "name and birth date"
    return f"On the list by {how}: {'; '.join(map(_entry_words, rows[:3]))}."


def _possible_words(rows: list[Exclusion], person: Person) -> str:
    told = f"{len(rows)} of this name on the list: {'; '.join(map(_entry_words, rows[:3]))}."
    apart = []
    if person.birth_date is None:
        apart.append("No birth date is on file to tell them apart.")
    elif all(row.born for row in rows):
        apart.append("Their birth dates differ.")
    if all(row.npi not in _NONE for row in rows):
        apart.append("Their NPIs differ.")
    return " ".join((told, *apart))


def _entry_words(row: Exclusion) -> str:
    name = " ".join(part for part in (row.first_name, row.last_name) if part) or row.business_name
    since = _listed_day(row.excluded_on)
    told = f"{name[:60]}, {row.state[:2]}" if row.state else name[:60]
    told += f", excluded {in_words(since)}" if since else ""
    if _listed_day(row.waived_on):
        told += f", waiver for {row.waiver_state[:2] or 'a state'}"
    return told


def _listed_day(text: str) -> date | None:
    """YYYYMMDD; None for 00000000 and for what is no day."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])) if len(text) == 8 else None
    except ValueError:
        return None


def _day_of(loaded: ExclusionList) -> date:
    return timezone.localdate(loaded.loaded_at, ZoneInfo(settings.PHARMACY_TIME_ZONE))


def _result(
    person: Person,
    outcome: Outcome,
    text: str,
    loaded: ExclusionList | None,
    rows: list[Exclusion] | None = None,
) -> Result:
    told = f", list loaded {in_words(_day_of(loaded))}" if loaded else ""
    return Result(
        kind=CheckKind.EXCLUSION,
        outcome=outcome,
        text=text,
        query=exclusion_query(person),
        matches=[{name: getattr(row, name) for name in _SHOWN_FIELDS} for row in rows or ()][
            :_SHOWN
        ],
        source=f"OIG LEIE{told}",
    )
