from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from formulary import rules
from formulary.dosing import Regimen, Step, Timing
from formulary.findings import Code, Finding, Level, Outcome, outcome, worst_first
from formulary.reference import DocumentedRange
from formulary.shipped import shipped_formulary
from tests.formulary.helpers import FORBIDDEN, LIQUID, ON, findings, product, regimen, said

LAST = "4.5x-"


def of(code: Code, found: Regimen) -> list[Finding]:
    return [finding for finding in findings(found) if finding.code is code]


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ("1.5x14 4.5x-", "LDN-CAP-1.5"),
        ("0.5x-", "LDN-CAP-0.5"),
        ("5x-", "LDN-CAP-0.5"),
        ("5x-", "LDN-LIQ-1"),
        ("2.5*2x-", "LDN-LIQ-1"),
        ("0.5*10x-", "LDN-CAP-0.5"),
        ("1x14 2x14 3x14 4x-", "LDN-CAP-1"),
        ("1.5x14@LDN-CAP-1.5 3x14@LDN-CAP-3 4.5x-@LDN-CAP-4.5", "LDN-CAP-1.5"),
    ],
)
def test_usual_regimens_raise_nothing(steps: str, code: str) -> None:
    assert said(regimen(steps, code)) == []


@pytest.mark.parametrize("template", shipped_formulary().templates, ids=lambda t: t.slug)
def test_every_shipped_titration_raises_nothing(template: object) -> None:
    found = template.regimen(shipped_formulary().products)  # type: ignore[attr-defined]
    assert findings(found) == ()


@pytest.mark.parametrize(
    ("steps", "code", "finding"),
    [
        ("5.5x-", "LDN-CAP-0.5", "above_range"),
        ("6x-", "LDN-CAP-1.5", "above_range"),
        ("5.1x-", "LDN-LIQ-1", "above_range"),
        ("3*2x-", "LDN-CAP-3", "above_range"),
        ("0.4x-", "LDN-LIQ-1", "below_range"),
        ("0.1*4x-", "LDN-LIQ-1", "below_range"),
    ],
)
def test_a_daily_total_outside_the_range_stops(steps: str, code: str, finding: str) -> None:
    assert (finding, "stop", 1) in said(regimen(steps, code))


def test_the_range_is_checked_in_every_step() -> None:
    found = said(regimen("1.5x14 5.5x7 0.5x7 6x-", "LDN-CAP-0.5"))
    assert [(code, step) for code, _, step in found if code == "above_range"] == [
        ("above_range", 2),
        ("above_range", 4),
    ]


def test_the_stop_names_range_entry_and_source() -> None:
    (finding,) = of(Code.ABOVE_RANGE, regimen("3*2x-", "LDN-CAP-3"))
    assert "3 mg twice daily is 6 mg a day" in finding.text
    assert "0.5 mg to 5 mg a day" in finding.text
    assert "Low Dose Naltrexone in Dermatology" in finding.text
    assert finding.source in finding.text


@pytest.mark.parametrize(
    ("dose", "code", "meaning"),
    [
        ("45", Code.TENFOLD_SUSPECTED, "4.5 mg"),
        ("50", Code.TENFOLD_SUSPECTED, "5 mg or 0.5 mg"),
        ("450", Code.TENFOLD_SUSPECTED, "4.5 mg"),
        ("10", Code.TENFOLD_SUSPECTED, "1 mg"),
        ("15", Code.TENFOLD_SUSPECTED, "1.5 mg"),
        ("0.05", Code.TENFOLD_SUSPECTED, "0.5 mg or 5 mg"),
        ("0.45", Code.TENFOLD_SUSPECTED, "4.5 mg"),
        ("0.15", Code.TENFOLD_SUSPECTED, "1.5 mg"),
        ("500", Code.TENFOLD_SUSPECTED, "5 mg or 500 mcg = 0.5 mg"),
        ("1500", Code.UNIT_SUSPECTED, "1,500 mcg = 1.5 mg"),
        ("4500", Code.UNIT_SUSPECTED, "4,500 mcg = 4.5 mg"),
        ("0.0045", Code.UNIT_SUSPECTED, "4.5 mg"),
    ],
)
@pytest.mark.parametrize("ordered", ["LDN-CAP-1.5", "LDN-LIQ-1"])
def test_the_smell_of_a_tenfold_or_unit_error_stops_and_names_the_meaning(
    dose: str, code: Code, meaning: str, ordered: str
) -> None:
    (finding,) = of(code, regimen(f"{dose}x-", ordered))
    assert finding.level is Level.STOP
    assert finding.text.endswith(f"Likely meaning: {meaning}")


@pytest.mark.parametrize("dose", ["5.5", "6", "9", "9.5", "7000"])
def test_an_overshoot_is_not_called_a_slip(dose: str) -> None:
    found = regimen(f"{dose}x-", "LDN-CAP-0.5")
    assert not of(Code.TENFOLD_SUSPECTED, found)
    assert not of(Code.UNIT_SUSPECTED, found)


def test_an_entry_in_mcg_is_converted_and_shown() -> None:
    ordered = product("LDN-CAP-1.5")
    typed = Step(ordered, Decimal("1.5"), 1, None, entered_mcg=Decimal(1500))
    (finding,) = findings(Regimen(ordered, (typed,), 90))
    assert (finding.code, finding.level) == (Code.UNIT_MCG, Level.WARN)
    assert finding.text == "1,500 mcg = 1.5 mg"


def test_mcg_typed_for_mg_names_the_mg_first() -> None:
    ordered = product("LDN-CAP-0.5")
    typed = Step(ordered, Decimal("0.005"), 1, None, entered_mcg=Decimal(5))
    (finding,) = of(Code.UNIT_SUSPECTED, Regimen(ordered, (typed,), 90))
    assert finding.text.endswith("Likely meaning: 5 mg or 0.5 mg")


@pytest.mark.parametrize(
    ("steps", "read_back"),
    [
        ("0.5x14 2.5x-", "two and one half milligrams (2.5 mg) a day"),
        ("0.5x14 5x-", "five milligrams (5 mg) a day"),
        ("5x14 1x-", "one milligram (1 mg) a day"),
        ("5x14 0.5x-", "one half milligram (0.5 mg) a day"),
    ],
)
def test_a_fivefold_change_inside_the_range_is_read_back_and_never_a_stop(
    steps: str, read_back: str
) -> None:
    (finding,) = findings(regimen(steps, "LDN-CAP-0.5"))
    assert (finding.code, finding.level, finding.step) == (Code.FIVEFOLD_CHANGE, Level.WARN, 2)
    assert read_back in finding.text
    assert f"{finding.words} (" in finding.text


@pytest.mark.parametrize("steps", ["1.5x14 4.5x-", "1x14 4.5x-", "4.5x14 1x-", "0.5x7 2x7 5x-"])
def test_smaller_changes_need_no_words(steps: str) -> None:
    assert findings(regimen(steps, "LDN-CAP-0.5")) == ()


@pytest.mark.parametrize(
    ("dose", "code", "finding", "text"),
    [
        ("2", "LDN-CAP-1.5", "not_reachable", "2 mg cannot be made from whole 1.5 mg capsules"),
        ("2.25", "LDN-CAP-4.5", "not_reachable", "from whole 4.5 mg capsules; nearest: 4.5 mg"),
        ("4", "LDN-CAP-3", "not_reachable", "nearest: 3 mg"),
        ("4.55", "LDN-LIQ-1", "not_measurable", "nearest: 4.5 mg or 4.6 mg"),
        ("1.125", "LDN-LIQ-1", "not_measurable", "in steps of 0.1 mL"),
    ],
)
def test_a_dose_that_cannot_be_given_stops(dose: str, code: str, finding: str, text: str) -> None:
    (only,) = findings(regimen(f"{dose}x-", code))
    assert (only.code, only.level) == (finding, Level.STOP)
    assert text in only.text


@pytest.mark.parametrize(
    ("steps", "step"),
    [
        ("1.5x14 3x14", None),
        ("1.5x91", None),
        ("1.5x90 3x-", 2),
        ("1.5x365 3x-", 2),
        ("1.5x- 3x14", 1),
        ("1.5x14 3x- 4.5x-", 2),
    ],
)
def test_days_that_do_not_add_up_stop(steps: str, step: int | None) -> None:
    assert said(regimen(steps)) == [("days_do_not_add_up", "stop", step)]


def test_a_time_of_day_that_contradicts_the_count_stops() -> None:
    ordered = product("LDN-CAP-1.5")
    twice = Step(ordered, Decimal("1.5"), 2, None, Timing.BEDTIME)
    assert said(Regimen(ordered, (twice,), 90)) == [("timing_does_not_fit", "stop", 1)]


def test_a_step_keeps_to_the_drug_and_route_of_the_order() -> None:
    ordered = product("LDN-CAP-1.5")
    cream = replace(ordered, code="CREAM", route="topical", form="cream")
    other = replace(ordered, code="OTHER", drug="naloxone")
    for strange in (cream, other):
        steps = (Step(ordered, Decimal("1.5"), 1, 14), Step(strange, Decimal("4.5"), 1, None))
        found = said(Regimen(ordered, steps, 90))
        assert ("other_drug_or_route", "stop", 2) in found
        assert ("range_not_on_file", "not_checked", None) in found


def test_a_retired_product_stops() -> None:
    retired = replace(product("LDN-CAP-1.5"), active=False)
    found = Regimen(retired, (Step(retired, Decimal("1.5"), 1, None),), 90)
    assert said(found) == [("product_retired", "stop", None)]


def test_without_a_range_on_file_nothing_is_passed() -> None:
    bare = replace(shipped_formulary(), ranges=())
    found = rules.check_regimen(regimen("45x-", "LDN-CAP-4.5"), bare, on=ON)
    assert outcome(found) is Outcome.NOT_CHECKED
    assert [finding.code for finding in found] == [Code.RANGE_NOT_ON_FILE]


def test_a_range_counts_only_on_its_days_and_only_when_it_is_the_only_one() -> None:
    shipped = shipped_formulary()
    half, two = Decimal("0.5"), Decimal(2)
    old = DocumentedRange("naltrexone", "oral", half, two, "old", ends=date(2025, 12, 31))
    new = DocumentedRange("naltrexone", "oral", half, Decimal(5), "new", starts=date(2026, 1, 1))
    dated = replace(shipped, ranges=(old, new))
    ordered = product("LDN-CAP-4.5")
    assert dated.range_for(ordered, date(2025, 12, 31)) == old
    assert dated.range_for(ordered, date(2026, 1, 1)) == new
    doubled = replace(shipped, ranges=(*shipped.ranges, new))
    assert doubled.range_for(ordered, ON) is None


def test_a_failing_rule_is_named_and_hides_no_other() -> None:
    def speaks_then_fails(case: rules.RegimenCase) -> Iterator[Finding]:
        yield Finding(Code.ABOVE_RANGE, Level.STOP, "said before")
        raise ZeroDivisionError

    tried = (speaks_then_fails, rules.days_add_up)
    found = rules.check_regimen(regimen("1.5x1"), shipped_formulary(), on=ON, rules=tried)
    assert [f.code for f in found] == [Code.ABOVE_RANGE, Code.RULE_ERROR, Code.DAYS_DO_NOT_ADD_UP]
    assert found[1].level is Level.NOT_CHECKED
    assert "speaks then fails" in found[1].text


def test_a_failing_rule_alone_is_never_a_pass() -> None:
    def fails(case: rules.RegimenCase) -> Iterator[Finding]:
        raise RuntimeError
        yield

    tried = (*rules.REGIMEN_RULES, fails)
    found = rules.check_regimen(regimen(LAST), shipped_formulary(), on=ON, rules=tried)
    assert outcome(found) is Outcome.NOT_CHECKED


def test_the_outcome_is_the_worst_level() -> None:
    ranked = ["invalid", "stop", "not_answered", "not_checked", "warn"]
    found = [Finding(Code.UNIT_MCG, Level(level), "") for level in ranked]
    for at, level in enumerate(ranked):
        assert outcome(found[at:]) == level
    assert outcome([Finding(Code.UNIT_MCG, Level.INFO, "")]) is Outcome.OK
    assert outcome([]) is Outcome.OK
    assert [f.level for f in worst_first(reversed(found))] == ranked


def test_finding_keys_tell_findings_apart_and_outlive_a_recheck() -> None:
    one = Finding(Code.MEDICINE_NOT_RECOGNISED, Level.NOT_CHECKED, "x", subject="Foo 1")
    other = replace(one, subject="Foo 2")
    assert one.key == replace(one, text="y").key != other.key
    assert re.fullmatch(r"[a-z0-9_-]+", one.key)
    assert Finding(Code.CONFIRM_DOSE, Level.WARN, "x", 1).key == "confirm_dose-1"


@pytest.mark.parametrize(
    "steps", ["45x1 0.05x2 1500x3", "0.5x1 5x1", "2x90", "1.5x- 3x-", "4.55x-", "3*2x-"]
)
@pytest.mark.parametrize("code", ["LDN-CAP-1.5", LIQUID])
def test_texts_use_no_forbidden_token(steps: str, code: str) -> None:
    for finding in findings(regimen(steps, code)):
        assert not FORBIDDEN.search(finding.text)
