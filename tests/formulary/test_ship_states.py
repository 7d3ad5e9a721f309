"""Where the pharmacy may ship: rows, and the rule that reads them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from formulary.findings import Code, Finding, Level
from formulary.models import ShipState
from formulary.order_rules import check_order
from formulary.reference import Formulary
from formulary.reference import ShipState as Licence
from formulary.services import load_formulary, seed
from formulary.shipped import shipped_formulary
from tests.formulary.helpers import FORBIDDEN, ON
from tests.formulary.test_order_rules import ANSWERED

SHIPPED = shipped_formulary()


def found(state: str | None, formulary: Formulary = SHIPPED, on: date = ON) -> list[Finding]:
    facts = replace(ANSWERED, today=on, ship_to_state=state)
    answers = check_order(facts, formulary)
    assert not any(FORBIDDEN.search(finding.text) for finding in answers)
    ours = (Code.SHIP_STATE_NOT_SERVED, Code.SHIP_STATE_NOT_CHECKED)
    return [finding for finding in answers if finding.code in ours]


def kept(*rows: tuple[str, date, bool]) -> Formulary:
    licences = tuple(Licence(state, "A licence", since, active) for state, since, active in rows)
    return replace(SHIPPED, ship_states=licences)


@pytest.mark.parametrize("state", ["GA", "NC", "SC", "TN", "VA"])
def test_a_state_that_is_served_says_nothing(state: str) -> None:
    assert found(state) == []


@pytest.mark.parametrize("state", ["TX", "NY", "PR", "AE", "nc", "ZZ"])
def test_any_other_state_stops_and_says_where_we_ship(state: str) -> None:
    (finding,) = found(state)
    assert (finding.code, finding.level) == (Code.SHIP_STATE_NOT_SERVED, Level.STOP)
    assert finding.text == (
        f"The pharmacy has no licence to ship to {state}: it ships to GA, NC, SC, TN and VA."
    )
    assert finding.level.blocks_signing


def test_without_any_row_it_is_not_checked_and_never_a_pass() -> None:
    (finding,) = found("NC", kept())
    assert (finding.code, finding.level) == (Code.SHIP_STATE_NOT_CHECKED, Level.NOT_CHECKED)
    assert SHIPPED.answers_to(finding)[0].code == "ship_state_licence_seen"


def test_an_address_without_a_state_is_not_checked() -> None:
    (finding,) = found("")
    assert finding.level is Level.NOT_CHECKED


def test_while_no_address_is_chosen_there_is_nothing_to_say() -> None:
    assert found(None) == []


def test_a_licence_counts_from_its_first_day_until_it_is_retired() -> None:
    since = kept(("NC", ON, True), ("VA", ON - timedelta(days=400), False))
    assert found("NC", since) == []
    (early,) = found("NC", since, ON - timedelta(days=1))
    assert early.text.endswith("it ships nowhere at present.")
    (retired,) = found("VA", since)
    assert retired.text.endswith("it ships to NC alone.")


# --- rows -------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_row_acts_on_the_next_check(formulary: None) -> None:
    assert found("TX", load_formulary())
    ShipState.objects.create(state="TX", source="A licence", since=ON)
    assert found("TX", load_formulary()) == []
    ShipState.objects.filter(state="TX").update(active=False)
    assert found("TX", load_formulary())


@pytest.mark.django_db
def test_the_seed_leaves_what_a_pharmacist_keeps(formulary: None) -> None:
    assert str(ShipState.objects.get(state="NC")) == "North Carolina"
    ShipState.objects.exclude(state="NC").delete()
    assert not seed(SHIPPED)["ship states"]
    assert ShipState.objects.count() == 1
    ShipState.objects.all().delete()
    assert seed(SHIPPED)["ship states"] == 5


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["nc", "N", "", "N1"])
def test_a_state_is_a_code_of_two_letters(formulary: None, state: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ShipState.objects.create(state=state, source="A licence", since=ON)


@pytest.mark.django_db
def test_a_state_is_kept_once(formulary: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ShipState.objects.create(state="NC", source="Another", since=ON)
