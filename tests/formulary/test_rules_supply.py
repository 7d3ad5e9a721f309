"""Refills, beyond-use dates, other orders, diagnosis codes and states: what their findings say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from formulary.dosing import Regimen
from formulary.facts import ActiveOrder, Caution, Stage
from formulary.findings import Code, Finding, Level
from formulary.order_rules import check_order
from formulary.reference import CodeStanding, PortalOrders, StateRule
from formulary.shipped import shipped_formulary
from tests.formulary.helpers import ON, regimen
from tests.formulary.test_order_rules import ANSWERED

SHIPPED = shipped_formulary()
LIQUID = "LDN-LIQ-1"
OTHER = ActiveOrder("RX-ABCD-EFGH", Decimal("4.5"), dispensed=True, ends=ON + timedelta(days=9))


def check(found: Regimen | None = None, **changes: Any) -> list[Finding]:
    facts = replace(ANSWERED, **changes)
    return list(check_order(facts, SHIPPED, found or regimen("1.5x14 3x14 4.5x-")))


def codes(found: Regimen | None = None, **changes: Any) -> list[tuple[str, str]]:
    return [(str(f.code), str(f.level)) for f in check(found, **changes)]


# --- Supply ---------------------------------------------------------------------------------------
def test_a_supply_past_its_beyond_use_date_shows_the_plan_of_fills() -> None:
    (finding,) = check(regimen("3x-", LIQUID, 90))
    assert (finding.code, finding.level) == (Code.PAST_BEYOND_USE, Level.WARN)
    assert finding.text.endswith("goes out as 4 fills of 25, 25, 25 and 15 days.")
    assert finding.source == "USP 795, beyond-use dates"


def test_first_fill_and_refills_are_told_apart_where_their_plans_differ() -> None:
    short = replace(SHIPPED.products["LDN-CAP-1.5"], beyond_use_days=40)
    mixed = regimen("0.5x10@LDN-LIQ-1 1.5x-", supply=60)
    steps = replace(
        mixed, product=short, steps=(mixed.steps[0], replace(mixed.steps[1], product=short))
    )
    (both,) = check(steps, refills=2)
    assert (
        "first fill: 3 fills of 25, 25 and 10 days; each refill: 2 fills of 35 and 25 days"
        in both.text
    )
    (alike,) = check(regimen("1.5x14 3x-@LDN-LIQ-1", supply=40), refills=2)
    assert "goes out as 2 fills of 25 and 15 days." in alike.text


def test_a_medicine_that_ends_on_its_way_is_not_sent() -> None:
    short = replace(SHIPPED.products[LIQUID], beyond_use_days=5)
    spoiled = replace(SHIPPED, products={**SHIPPED.products, LIQUID: short})
    steps = replace(regimen("3x-", LIQUID, 20), product=short)
    steps = replace(steps, steps=(replace(steps.steps[0], product=short),))
    (finding,) = check_order(ANSWERED, spoiled, steps)
    assert (finding.code, finding.level) == (Code.PAST_BEYOND_USE, Level.STOP)


@pytest.mark.parametrize("stage", [Stage.APPROVAL, Stage.FILL])
@pytest.mark.parametrize(("days", "level"), [(30, Level.WARN), (31, Level.STOP)])
def test_one_signed_fill_past_its_beyond_use_date_stops_at_approval_and_fill(
    stage: Stage, days: int, level: Level
) -> None:
    (finding,) = check(regimen("3x-", LIQUID, 60), stage=stage, signed_fills=(days, 5))
    assert (finding.code, finding.level) == (Code.PAST_BEYOND_USE, level)


def test_a_refill_is_held_to_the_product_of_its_own_step() -> None:
    mixed = regimen("0.5x10@LDN-LIQ-1 1.5x-", supply=90)
    assert codes(mixed, stage=Stage.FILL, signed_fills=(90,)) == []
    assert codes(mixed, stage=Stage.APPROVAL, signed_fills=(90,)) == [("past_beyond_use", "stop")]


@pytest.mark.parametrize(
    ("steps", "refills", "found"),
    [
        ("1.5x14 3x76", 1, [("refill_of_ending_step", "stop")]),
        ("1.5x14 3x76", 0, []),
        ("1.5x14 3x-", 11, []),
        ("3x90", 2, []),
    ],
)
def test_a_titration_whose_last_step_ends_has_no_refills(
    steps: str, refills: int, found: list[Any]
) -> None:
    assert codes(regimen(steps), refills=refills) == found


@pytest.mark.parametrize(
    ("used", "stage", "early"),
    [
        (74, Stage.FILL, True), (75, Stage.FILL, False), (74, Stage.ENTRY, True),
        (0, Stage.APPROVAL, False), (None, Stage.FILL, False), (130, Stage.FILL, False),
    ],
)  # fmt: skip
def test_a_refill_is_early_below_its_figure(used: int | None, stage: Stage, early: bool) -> None:
    found = codes(percent_used=used, stage=stage)
    assert found == ([("early_refill", "warn")] if early else [])


# --- Other orders ---------------------------------------------------------------------------------
def test_an_active_order_is_named_with_what_is_known_of_it() -> None:
    (finding,) = check(active_orders=(replace(OTHER, refills_left=1),))
    assert finding.subject == "RX-ABCD-EFGH"
    assert "4.5 mg a day, supply until December 1, 2026, 1 refill left" in finding.text
    assert "replaces it or is taken in addition" in finding.text


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        ({}, True),
        ({"ends": ON}, True),
        ({"ends": ON - timedelta(days=1)}, False),
        ({"ends": ON - timedelta(days=1), "refills_left": 1}, True),
        ({"dispensed": False, "ends": None}, True),
    ],
)
def test_an_order_overlaps_while_it_is_not_used_up(other: dict[str, Any], overlaps: bool) -> None:
    found = codes(active_orders=(replace(OTHER, **other),))
    assert found == ([("active_order", "warn")] if overlaps else [])


def test_an_order_that_ends_before_the_first_dose_does_not_overlap() -> None:
    assert codes(active_orders=(OTHER,), first_dose=ON + timedelta(days=10)) == []


def test_several_orders_are_one_question() -> None:
    two = (OTHER, replace(OTHER, reference="RX-IJKL-MNOP", dispensed=False, ends=None))
    (finding,) = check(active_orders=two)
    assert finding.subject == "RX-ABCD-EFGH and RX-IJKL-MNOP"
    assert "replaces them" in finding.text


# --- The patient ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days", "soon"), [(-1, False), (0, True), (1, True), (14, True), (15, False)]
)
def test_a_procedure_counts_for_fourteen_days(days: int, soon: bool) -> None:
    day = ON + timedelta(days=days)
    found = codes(cautions=(Caution.PROCEDURE,), procedure_on=day)
    assert found == ([("procedure_planned", "warn")] if soon else [])


def test_a_patient_is_of_age_on_the_eighteenth_birthday() -> None:
    weight: dict[str, Any] = {"weight_kg": Decimal(60)}
    assert codes(birth_date=date(2008, 11, 22), **weight) == []
    (finding,) = check(birth_date=date(2008, 11, 23), **weight)
    assert "age is 17" in finding.text
    leap: dict[str, Any] = {
        "birth_date": date(2008, 2, 29),
        "today": date(2026, 2, 28),
        "cautions_on": date(2026, 2, 1),
    }
    assert codes(**leap, **weight) == [("under_age", "warn")]
    assert codes(**(leap | {"today": date(2026, 3, 1)}), **weight) == []


def test_pregnancy_is_a_caution_whatever_sex_is_on_record() -> None:
    assert codes(cautions=(Caution.PREGNANT,), sex="male") == [("pregnant", "warn")]


# --- Diagnosis ------------------------------------------------------------------------------------
UNLISTED: dict[str, Any] = {"indication": None, "other_diagnosis": True}
OFF_LABEL = ("indication_not_documented", "info")


@pytest.mark.parametrize(
    ("code", "standing", "found"),
    [
        ("Z99.9", CodeStanding.BILLABLE, [OFF_LABEL]),
        ("Z99.9", CodeStanding.UNKNOWN, [OFF_LABEL, ("diagnosis_code_unknown", "not_checked")]),
        ("Z99.9", CodeStanding.ENDED, [OFF_LABEL, ("diagnosis_code_unknown", "not_checked")]),
        ("Z99.9", CodeStanding.NOT_LOADED, [OFF_LABEL, ("diagnosis_code_not_checked", "not_checked")]),
        ("L40", CodeStanding.NOT_LOADED, [OFF_LABEL, ("diagnosis_header", "stop")]),
        ("L29.8", CodeStanding.NOT_LOADED, [OFF_LABEL, ("diagnosis_header", "stop")]),
        ("T20.01", CodeStanding.NOT_LOADED, [OFF_LABEL, ("diagnosis_header", "stop")]),
        ("L40.0", CodeStanding.NOT_LOADED, []),
        ("L40.0", CodeStanding.ENDED, [("diagnosis_code_unknown", "not_checked")]),
        ("T22.011A", CodeStanding.BILLABLE, [("burn_initial_encounter", "warn")]),
        ("T26.01XA", CodeStanding.BILLABLE, [OFF_LABEL, ("burn_initial_encounter", "warn")]),
        ("T22.011D", CodeStanding.BILLABLE, []),
        ("T22.011D", CodeStanding.UNKNOWN, [("diagnosis_code_not_checked", "not_checked")]),
    ],
)  # fmt: skip
def test_another_diagnosis_is_compared_with_the_release_and_the_formulary(
    code: str, standing: CodeStanding, found: list[Any]
) -> None:
    assert codes(**UNLISTED, diagnosis_code=code, code_standing=standing) == found


def test_a_header_stops_for_a_condition_of_the_formulary_too() -> None:
    pruritus: dict[str, Any] = {
        "indication": SHIPPED.indications["pruritus"],
        "diagnosis_code": "L29.8",
    }
    assert codes(**pruritus, code_standing=CodeStanding.HEADER) == [("diagnosis_header", "stop")]


# --- States ---------------------------------------------------------------------------------------
def in_states(*rules: StateRule, **changes: Any) -> list[Finding]:
    kept = replace(SHIPPED, state_rules={rule.state: rule for rule in rules})
    facts = replace(ANSWERED, **{"ship_to_state": "NC", **changes})
    return list(check_order(facts, kept, regimen("1.5x14 3x14 4.5x-")))


def test_a_licence_is_held_where_the_patient_was_seen() -> None:
    (finding,) = in_states(seen_state="GA")
    assert (finding.code, finding.level) == (Code.LICENCE_NOT_HELD, Level.STOP)
    assert in_states(seen_state="GA", licence_states=("GA", "NC")) == []


def test_a_state_rule_raises_an_unlicensed_delivery_to_a_stop() -> None:
    (warned,) = in_states(ship_to_state="GA")
    assert (warned.code, warned.level) == (Code.SHIP_STATE_NOT_LICENSED, Level.WARN)
    (stopped,) = in_states(
        StateRule("GA", "a source", unlicensed_ship_to_stops=True), ship_to_state="GA"
    )
    assert (stopped.level, "a source" in stopped.text) == (Level.STOP, True)


def test_a_state_may_refuse_orders_of_this_site_or_take_them_as_an_exception() -> None:
    (refused,) = in_states(StateRule("NC", "a law", PortalOrders.REFUSED))
    assert (refused.code, refused.level, refused.source) == (
        Code.PORTAL_ORDER_REFUSED, Level.STOP, "a law",
    )  # fmt: skip
    exception = StateRule("NC", "a law", PortalOrders.WITH_EXCEPTION, exception="Compounded alone.")
    (told,) = in_states(exception)
    assert (told.level, told.text.endswith("Compounded alone.")) == (Level.INFO, True)


def test_ranges_count_as_on_the_day_of_signing() -> None:
    limits = replace(SHIPPED.ranges[0], ends=ON - timedelta(days=1))
    ended = replace(SHIPPED, ranges=(limits,))
    steps = regimen("1.5x14 3x14 4.5x-")
    signed = replace(ANSWERED, formulary_on=ON - timedelta(days=3), stage=Stage.APPROVAL)
    assert check_order(signed, ended, steps) == ()
    assert {f.code for f in check_order(ANSWERED, ended, steps)} == {Code.RANGE_NOT_ON_FILE}
