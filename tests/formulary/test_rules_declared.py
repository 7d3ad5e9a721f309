"""What a rule declares is what it says: codes, levels, questions, and the page written from them."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import formulary.order_rules
from formulary import rules
from formulary.checks_page import page
from formulary.facts import (
    QUESTION_LABELS,
    ActiveOrder,
    Allergies,
    Caution,
    OpioidClass,
    OpioidUse,
    OrderFacts,
    Question,
    Stage,
    TreatmentStatus,
)
from formulary.findings import Code, Finding, Level
from formulary.order_rules import GROUPS, ORDER_RULES, OrderCase, Rule, check_order
from formulary.order_rules.questions import NEEDS
from formulary.order_rules.regimen import REGIMEN_CHECKS
from formulary.order_rules.rule import Says
from formulary.reference import CodeStanding, MedicineKind, PortalOrders, StateRule
from formulary.shipped import shipped_formulary
from tests.formulary.helpers import FORBIDDEN, ON, regimen
from tests.formulary.test_order_rules import ANSWERED
from tests.formulary.test_properties import regimens

SHIPPED = shipped_formulary()
STATES = {
    "TX": StateRule("TX", "a source", unlicensed_ship_to_stops=True, needs_supervisor=True),
    "UT": StateRule("UT", "a source", PortalOrders.REFUSED),
}
FORMULARY = replace(SHIPPED, state_rules={**SHIPPED.state_rules, **STATES})
DECLARED = {(says.code, says.level) for rule in ORDER_RULES for says in rule.says}
NAMES = (
    "ReVia", "Vivitrol", "LDN 4.5 mg", "naltrexone 50 mg", "Lybalvi", "Narcan", "Antabuse", "Foo",
    "levothyroxine", "sertraline", "prednisone", "oxycodone", "methadone", "naloxegol", "cetirizine",
    "peanuts", "",
)  # fmt: skip
some_days = st.none() | st.integers(-400, 60).map(lambda n: ON + timedelta(days=n))
some_names = st.lists(st.sampled_from(NAMES), max_size=3).map(tuple)
states = st.sampled_from(["NC", "GA", "NY", "IL", "TX", "UT", "CA", "", None])
codes = ["L40.0", "L40", "L29.8", "T20.00XA", "T20", "K83.1", "Z99.9", "", None]


def one_of(enum: Any) -> Any:
    return st.none() | st.sampled_from(list(enum))


orders = st.builds(
    ActiveOrder,
    reference=st.sampled_from(["RX-AAAA", "RX-BBBB"]),
    daily_mg=st.sampled_from([Decimal("0.5"), Decimal("4.5")]),
    dispensed=st.booleans(),
    starts=some_days,
    ends=some_days,
    refills_left=st.integers(0, 2),
)
any_facts = st.builds(
    OrderFacts,
    today=st.just(ON),
    treatment=one_of(TreatmentStatus),
    opioids=one_of(OpioidUse),
    opioid_class=one_of(OpioidClass),
    opioid_last_use=some_days,
    first_dose=some_days,
    medicines=st.none() | some_names,
    naltrexone_last_dose=some_days,
    allergies=one_of(Allergies),
    allergy_names=some_names,
    cautions=st.none() | st.lists(st.sampled_from(list(Caution)), max_size=4).map(tuple),
    cautions_on=some_days,
    procedure_on=some_days,
    birth_date=st.none() | st.dates(date(1900, 1, 1), date(2027, 1, 1)),
    weight_kg=st.none() | st.just(Decimal(40)),
    indication=st.none() | st.sampled_from(list(SHIPPED.indications.values())),
    other_diagnosis=st.booleans(),
    diagnosis_code=st.sampled_from(codes),
    code_standing=st.sampled_from(list(CodeStanding)),
    obstruction_excluded=st.none() | st.booleans(),
    ship_to_state=states,
    seen_state=states,
    licence_states=st.none() | st.just(()) | st.just(("NC", "NY")),
    is_supervised_kind=st.booleans(),
    supervisor_named=st.booleans(),
    refills=st.none() | st.integers(0, 11),
    active_orders=st.none() | st.lists(orders, max_size=2).map(tuple),
    last_dispensed_mg=st.none() | st.sampled_from([Decimal("0.5"), Decimal(3), Decimal("4.5")]),
    signed_fills=st.none() | st.just(()) | st.just((25, 25)) | st.just((200,)),
    percent_used=st.none() | st.integers(0, 120),
    stage=st.sampled_from(list(Stage)),
    formulary_on=some_days,
)


def in_time(examples: int) -> settings:
    """Answers of thirty fields take a while to invent on a busy machine: that is no finding."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=examples, deadline=None, suppress_health_check=slow)


@in_time(60)
@given(any_facts, st.none() | regimens())
def test_whatever_is_answered_only_declared_findings_come_each_in_words_and_told_apart(
    facts: OrderFacts, found: Any
) -> None:
    case = OrderCase(facts, FORMULARY, found)
    for rule in ORDER_RULES:
        said = list(rule(case))
        told = {(says.code, says.level) for says in rule.says}
        assert {(finding.code, finding.level) for finding in said} <= told
    findings = check_order(facts, FORMULARY, found)
    assert Code.RULE_ERROR not in {finding.code for finding in findings}
    for finding in findings:
        # A diagnosis code is no number: L40.0 keeps its zero.
        numbers = finding.text.replace(facts.diagnosis_code or "no code", "")
        assert not FORBIDDEN.search(numbers), numbers
        assert len(finding.key) <= 80
        labels = [r.label_for(finding) for r in FORMULARY.answers_to(finding)]
        assert all(len(label) <= 200 for label in labels)


@in_time(40)
@given(any_facts, st.none() | regimens())
def test_no_order_is_interrupted_twice_for_its_dose(facts: OrderFacts, found: Any) -> None:
    said = [finding.code for finding in check_order(facts, FORMULARY, found)]
    assert said.count(Code.CONFIRM_DOSE) <= 1
    assert said.count(Code.ACTIVE_ORDER) <= 1
    assert Code.FIVEFOLD_CHANGE not in said


@in_time(40)
@given(any_facts)
def test_a_question_is_asked_once_and_its_name_is_its_answer(facts: OrderFacts) -> None:
    asked = [f.subject for f in check_order(facts, FORMULARY) if f.level is Level.NOT_ANSWERED]
    assert len(asked) == len(set(asked))
    assert set(asked) <= set(OrderFacts.__dataclass_fields__)


def test_every_question_is_needed_by_a_rule_and_has_its_words() -> None:
    needed = {need.question for _, rules_ in GROUPS for rule in rules_ for need in rule.needs}
    assert needed == set(Question) == set(NEEDS) == set(QUESTION_LABELS)


def test_every_rule_of_check_regimen_is_told_too() -> None:
    assert [rule.check for rule in REGIMEN_CHECKS] == list(rules.REGIMEN_RULES)


def test_every_code_stands_on_the_page_with_each_of_its_levels() -> None:
    text = "\n".join(page())
    for code in Code:
        assert f"`{code}`" in text
    for code, level in DECLARED:
        assert f"| `{code}` | {level} |" in text
    for rule in (*ORDER_RULES, *REGIMEN_CHECKS):
        assert rule.text in text
        assert rule.source
        assert rule.text.endswith(".")
        assert not FORBIDDEN.search(rule.text), rule.text


def test_the_page_is_the_one_in_docs() -> None:
    kept = Path(__file__).parents[2] / "docs" / "checks.md"
    assert kept.read_text(encoding="utf-8") == "\n".join(page()) + "\n"


def test_every_warning_and_every_unchecked_point_has_a_coded_reason_of_its_own() -> None:
    general_will_do = {Code.INTERACTING_MEDICINE}
    for code, level in DECLARED:
        if level in (Level.WARN, Level.NOT_CHECKED) and code not in general_will_do:
            answers = SHIPPED.answers_to(Finding(code, level, "text"))
            assert answers[0].finding == code, code


def test_an_overlap_has_two_answers_and_no_other() -> None:
    answers = SHIPPED.answers_to(Finding(Code.ACTIVE_ORDER, Level.WARN, "text"))
    assert [(a.code, a.needs_text) for a in answers] == [
        ("replaces_it", False),
        ("in_addition", True),
    ]


def test_every_kind_of_medicine_has_names_and_the_commonest_are_known() -> None:
    kinds = list(SHIPPED.medicines.names.values())
    assert set(kinds) == set(MedicineKind)
    assert kinds.count(MedicineKind.NEUTRAL) >= 300


def test_a_rule_that_fails_hides_no_other_and_tells_the_log_its_class_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def knows_the_patient(case: OrderCase) -> list[Finding]:
        raise ValueError(f"Maria takes {case.facts.medicines}")

    broken = Rule(knows_the_patient, (Says(Code.OPIOIDS_NOW, Level.STOP),), "It fails.")
    monkeypatch.setattr(formulary.order_rules, "ORDER_RULES", (broken, *ORDER_RULES))
    facts = replace(ANSWERED, opioids=OpioidUse.NOW, medicines=("secret",))
    with caplog.at_level(logging.ERROR):
        found = check_order(facts, SHIPPED, regimen("1.5x-"))
    assert [f.code for f in found] == [
        Code.RULE_ERROR,
        Code.OPIOIDS_NOW,
        Code.MEDICINE_NOT_RECOGNISED,
    ]
    assert found[0].level is Level.NOT_CHECKED
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text
    assert "Maria" not in caplog.text + found[0].text
