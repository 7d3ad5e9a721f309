"""Who is on the exclusion list: by NPI, by name and birth date, or perhaps by name alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from intake.leie import name_keys
from intake.models import Exclusion, ExclusionList
from intake.services.checks.exclusions import check_exclusions
from intake.services.checks.result import Result
from intake.status import Outcome
from tests.intake.test_checks_registry import NPI, person

pytestmark = pytest.mark.django_db
BORN = date(1979, 4, 5)


def listed(**parts: str) -> Exclusion:
    """A row of the list, as the import would store it."""
    given: dict[str, Any] = {
        "last_name": "NEWCOMER",
        "first_name": "CORA",
        "npi": "0000000000",
        "born": "",
        "state": "NC",
        "excluded_on": "20200319",
        "reinstated_on": "00000000",
        "waived_on": "00000000",
    } | parts
    keys = name_keys(given["last_name"], given["first_name"])
    return Exclusion.objects.create(**given, name_keys=keys)


def loaded(days_ago: int = 0) -> ExclusionList:
    row = ExclusionList.objects.create(file_name="l.csv", sha256="0" * 64, rows=1, bad_npis=0)
    row.loaded_at = timezone.now() - timedelta(days=days_ago)
    row.save()
    return row


def found(**changes: Any) -> Result:
    if not ExclusionList.objects.exists():
        loaded()
    return check_exclusions(person(**({"birth_date": BORN} | changes)))


def test_who_is_not_listed_passes() -> None:
    listed(last_name="SOMEBODY", npi="1993999998")
    result = found()
    assert result.outcome == Outcome.PASS
    assert "Not on the list of" in result.text
    assert result.matches == []


def test_without_a_list_nobody_could_be_checked() -> None:
    assert check_exclusions(person()).outcome == Outcome.UNCHECKED


@pytest.mark.parametrize("parts", [{}, {"last_name": "OTHER", "first_name": "BEN"}])
def test_the_npi_is_a_hit_whatever_the_name(parts: dict[str, str]) -> None:
    listed(npi=NPI, **parts)
    result = found(birth_date=None)
    assert result.outcome == Outcome.HIT
    assert "by the NPI" in result.text


def test_name_and_birth_date_are_a_hit() -> None:
    listed(born="19790405")
    result = found()
    assert result.outcome == Outcome.HIT
    assert "by name and birth date" in result.text


@pytest.mark.parametrize("born", ["", "19790406", "19800405", "1979-04-05", "00000000"])
def test_the_name_alone_is_possible(born: str) -> None:
    listed(born=born)
    assert found().outcome == Outcome.POSSIBLE


def test_a_possible_match_tells_what_tells_them_apart() -> None:
    listed(born="19600101", npi="1993999998")
    assert found().text.endswith("Their birth dates differ. Their NPIs differ.")
    assert "No birth date is on file" in found(birth_date=None).text
    listed()
    assert "differ" not in found().text


@pytest.mark.parametrize(
    ("on_the_list", "given"),
    [
        (("NEWCOMER", "CORA"), {"family_name": "newcomer", "given_name": "cora"}),
        (("NEWCOMER", "CORA"), {"family_name": "Néwcömer", "given_name": "Córa"}),
        (("NEWCOMER", "CORA"), {"family_name": "Sample-Newcomer"}),
        (("SAMPLE-NEWCOMER", "CORA"), {"family_name": "Newcomer"}),
        (("SAMPLE NEWCOMER", "CORA"), {"family_name": "Sample"}),
        (("NEWCOMER JR", "CORA"), {}),
        (("OLDNAME", "CORA"), {"former_names": ("Oldname",)}),
        (("OLDNAME", "KORA"), {"former_names": ("Kora Oldname",)}),
        (("OLD-NAME", "CORA"), {"former_names": ("Somename", "Old-Name")}),
        (("O BRIEN", "CORA"), {"family_name": "O'Brien"}),
        (("NEWCOMER", "CORA MARIE"), {}),
        (("NEWCOMER", "CORA"), {"given_name": "Cora Marie"}),
        (("NEWCOMER", "MARIE"), {"middle_name": "Marie"}),
        (("CHRISTOPHERSONWILLIA", "CORA"), {"family_name": "Christopherson-Williams"}),
        (("PEÑA", "CORA"), {"family_name": "Pena"}),
    ],
)
def test_names_are_found_however_they_are_written(
    on_the_list: tuple[str, str], given: dict[str, Any]
) -> None:
    listed(last_name=on_the_list[0], first_name=on_the_list[1])
    assert found(**given).outcome == Outcome.POSSIBLE


@pytest.mark.parametrize(
    "on_the_list",
    [("NEWCOMER", "BEN"), ("NEWCOMERS", "CORA"), ("CORA", "NEWCOMER"), ("DE", "CORA")],
)
def test_other_names_are_not_found(on_the_list: tuple[str, str]) -> None:
    listed(last_name=on_the_list[0], first_name=on_the_list[1])
    assert found(former_names=("de Somename",)).outcome == Outcome.PASS


@pytest.mark.parametrize("npi", ["", "0000000000"])
def test_no_npi_is_no_match_for_no_npi(npi: str) -> None:
    listed(last_name="SOMEBODY", npi=npi)
    assert found(npi=npi).outcome == Outcome.PASS
    listed(npi=npi)
    assert found(npi=npi).outcome == Outcome.POSSIBLE


@pytest.mark.parametrize("name", ["", "李", "-"])
def test_without_a_name_to_look_for_nobody_passes(name: str) -> None:
    assert found(family_name=name).outcome == Outcome.UNCHECKED


# --- Reinstated, waived, several -----------------------------------------------------------------
def test_who_was_reinstated_is_no_hit() -> None:
    listed(npi=NPI, born="19790405", reinstated_on="20220101")
    assert found().outcome == Outcome.PASS


@pytest.mark.parametrize("day", ["00000000", "", "20991231", "garbage!", "20221399"])
def test_what_is_no_day_in_the_past_reinstates_nobody(day: str) -> None:
    listed(npi=NPI, reinstated_on=day)
    assert found().outcome == Outcome.HIT


def test_a_waiver_is_told_and_still_a_hit() -> None:
    listed(npi=NPI, waived_on="20210505", waiver_state="MT")
    result = found()
    assert result.outcome == Outcome.HIT
    assert "waiver for MT" in result.text


def test_one_sure_entry_among_namesakes_is_a_hit() -> None:
    for state in ("TX", "CA", "NY"):
        listed(state=state)
    listed(born="19790405")
    result = found()
    assert result.outcome == Outcome.HIT
    assert len(result.matches) == 1


def test_of_many_namesakes_twenty_are_kept_and_all_counted() -> None:
    for _ in range(30):
        listed()
    result = found()
    assert result.text.startswith("30 of this name on the list")
    assert len(result.matches) == 20


# --- How old the list is --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days", "outcome", "says"),
    [
        (44, Outcome.PASS, "Not on the list of"),
        (46, Outcome.PASS, "published a newer one since"),
        (59, Outcome.PASS, "published a newer one since"),
        (62, Outcome.UNCHECKED, "more than 60 days old"),
    ],
)
def test_an_old_list_is_told_and_a_very_old_one_clears_nobody(
    days: int, outcome: Outcome, says: str
) -> None:
    loaded(days)
    result = found()
    assert result.outcome == outcome
    assert says in result.text


def test_a_very_old_list_still_finds_who_is_on_it() -> None:
    loaded(400)
    listed(npi=NPI)
    assert found().outcome == Outcome.HIT


def test_the_newest_list_counts() -> None:
    loaded(400)
    loaded(1)
    assert found().outcome == Outcome.PASS


def test_the_birth_date_stays_out_of_the_words() -> None:
    listed(born="19790405")
    result = found()
    assert "1979" not in result.text
    assert "1979" not in result.source
