"""The decision table, line by line: what a pharmacist reads in the file is what the rules say."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from formulary.amounts import DoseError, display, parse_dose
from formulary.dosing import quantity
from formulary.fills import Dispensing, each_refill, first_fill
from formulary.findings import Code, Finding, Level, Outcome, outcome
from formulary.order_rules import ORDER_RULES, Rule, check_order
from formulary.rules import check_regimen
from tests.formulary.helpers import FORBIDDEN
from tests.formulary.table import (
    CLEAN,
    SHIPPED,
    TABLE,
    TEXTS,
    USUAL,
    Line,
    lines,
    read_regimen,
    texts,
)

ALL = lines()
CASES = ("usual", "just inside", "on the edge", "just outside", "missing", "absurd")
_EXPECTED = re.compile(
    r"(?P<code>[a-z_]+)(?:\((?P<subject>.+)\))?:(?P<level>[a-z_]+)(?::(?P<step>\d+))?"
)


def names(some: list[Line]) -> list[str]:
    return [f"line {line.number}: {line.rule}, {line.what}" for line in some]


def computed(line: Line) -> bool:
    """What the core computes or reads, rather than what a rule finds."""
    return "=" in line.expected or line.rule == "spelling of the dose"


FOUND = [line for line in ALL if not computed(line) and line.expected != "refused"]
REFUSED = [line for line in ALL if not computed(line) and line.expected == "refused"]
DATED = [line for line in ALL if line.expected.startswith("valid_until=")]
SPELLED = [line for line in ALL if line.rule == "spelling of the dose"]
DISPENSED = [line for line in ALL if computed(line) and line not in SPELLED + DATED]


# --- the table itself ---------------------------------------------------------------------------
def test_every_line_is_used_by_exactly_one_kind_of_test() -> None:
    kinds = FOUND + REFUSED + SPELLED + DATED + DISPENSED
    assert sorted(line.number for line in kinds) == [line.number for line in ALL]
    assert len(ALL) >= 300


def test_every_line_is_a_case_of_its_own_and_says_where_it_comes_from() -> None:
    said = Counter((line.facts, line.regimen, line.formulary, line.rule) for line in ALL)
    assert [case for case, times in said.items() if times > 1] == []
    told = Counter((line.rule, line.what) for line in ALL)
    assert [case for case, times in told.items() if times > 1] == []
    assert all(line.case in CASES and line.source and line.expected for line in ALL)


def test_the_file_holds_plain_lines_of_nine_columns() -> None:
    text = TABLE.read_text(encoding="utf-8")
    assert "\r" not in text
    assert "\t" not in text


@pytest.mark.parametrize("rule", sorted({line.rule for line in ALL}))
def test_every_rule_has_cases_on_both_sides_of_what_it_says(rule: str) -> None:
    found = {line.expected for line in ALL if line.rule == rule}
    assert len(found) >= 2 or rule == "usual titrations"


# --- the clean order ------------------------------------------------------------------------------
def test_the_order_that_every_line_changes_is_clean() -> None:
    assert check_order(CLEAN, SHIPPED, read_regimen(USUAL, SHIPPED)) == ()


# --- the findings -----------------------------------------------------------------------------------
@pytest.mark.parametrize("line", FOUND, ids=names(FOUND))
def test_the_rules_find_what_the_line_expects_and_nothing_else(line: Line) -> None:
    findings = list(line.findings())
    told = [_told(f) for f in findings]
    for expected in line.expects:
        match = _EXPECTED.fullmatch(expected)
        assert match, f"{expected} cannot be read"
        hit = next((f for f in findings if _fits(f, match)), None)
        assert hit is not None, f"{expected} is not among {told}"
        findings.remove(hit)
    assert [_told(f) for f in findings] == []


def _fits(finding: Finding, match: re.Match[str]) -> bool:
    """A step is compared where the line names it; a rule of one step always does."""
    step = int(match["step"]) if match["step"] else None
    return (
        (finding.code, finding.level) == (match["code"], match["level"])
        and match["subject"] in (None, finding.subject)
        and (step is None or step == finding.step)
    )


def _told(finding: Finding) -> str:
    subject = f"({finding.subject})" if finding.subject else ""
    step = f":{finding.step}" if finding.step else ""
    return f"{finding.code}{subject}:{finding.level}{step}"


@pytest.mark.parametrize("line", FOUND, ids=names(FOUND))
def test_every_finding_is_said_in_words_that_cannot_be_misread(line: Line) -> None:
    facts, _, _ = line.order()
    for finding in line.findings():
        # Diagnosis codes and typed names may end in what no dose may.
        text = finding.text.replace(finding.subject, "…") if finding.subject else finding.text
        assert text
        assert not FORBIDDEN.search(text.replace(facts.diagnosis_code or "…", "…"))
        assert finding.code is not Code.RULE_ERROR


def test_what_is_read_in_each_case_is_what_was_read_and_kept() -> None:
    """`python -m tests.formulary.table` writes it anew; read the difference."""
    assert json.loads(TEXTS.read_text(encoding="utf-8")) == json.loads(texts())


@pytest.mark.parametrize("line", REFUSED, ids=names(REFUSED))
def test_what_is_no_answer_never_becomes_one(line: Line) -> None:
    with pytest.raises((ValueError, KeyError)):
        line.order()


@pytest.mark.parametrize("line", SPELLED, ids=names(SPELLED))
def test_a_dose_is_read_in_one_spelling_only(line: Line) -> None:
    typed = re.fullmatch(r"dose=(.*); unit=(.*)", line.facts)
    assert typed
    if line.expected.startswith("dose="):
        read = parse_dose(typed[1], typed[2])
        assert display(read) == line.expected.removeprefix("dose=")
        return
    with pytest.raises(DoseError) as refused:
        parse_dose(typed[1], typed[2])
    assert refused.value.proposal == (line.expected.partition("write ")[2] or None)


@pytest.mark.parametrize("line", DISPENSED, ids=names(DISPENSED))
def test_quantities_and_fills_are_computed_from_the_steps(line: Line) -> None:
    _, formulary, regimen = line.order()
    first = first_fill(regimen, formulary.figures)
    refill = each_refill(regimen, formulary.figures)
    said = {
        "quantity": first.quantity if first else "none",
        "first_fill": _plan(first),
        "each_refill": _plan(refill),
    }
    for expected in line.expects:
        name, _, value = expected.partition("=")
        assert said[name] == value
    total = quantity(regimen)
    if total is not None and len(regimen.products) == 1 and "quantity" in line.expected:
        assert line.expected == f"quantity={total.text()}"


def _plan(fill: Dispensing | None) -> str:
    return "+".join(map(str, fill.parts)) if fill else "none"


# --- the registry -----------------------------------------------------------------------------------
def _in_the_table() -> set[tuple[str, str]]:
    found = (_EXPECTED.fullmatch(one) for line in FOUND for one in line.expects)
    return {(match["code"], match["level"]) for match in found if match}


@pytest.mark.parametrize("rule", ORDER_RULES, ids=lambda rule: rule.__name__)
def test_every_code_that_an_order_rule_may_say_stands_in_the_table(rule: Rule) -> None:
    says = {(str(one.code), str(one.level)) for one in rule.says}
    assert says - _in_the_table() == set()


def test_every_code_of_the_regimen_rules_stands_in_the_table() -> None:
    found = {code for code, _ in _in_the_table()}
    told = {str(f.code) for line in FOUND for f in check_of_steps(line)}
    assert told <= found | {"fivefold_change"}


def check_of_steps(line: Line) -> tuple[Finding, ...]:
    facts, formulary, regimen = line.order()
    return check_regimen(regimen, formulary, on=facts.formulary_on or facts.today)


@pytest.mark.parametrize("line", FOUND, ids=names(FOUND))
def test_a_line_that_expects_nothing_may_be_signed_and_a_stop_never(line: Line) -> None:
    levels = {str(f.level) for f in line.findings()}
    if line.expected == "nothing":
        assert outcome(line.findings()) is Outcome.OK
    if ":stop" in line.expected:
        assert outcome(line.findings()) is Outcome.STOP
    assert Level.INVALID not in levels
