"""Which questions are asked of whom, and that none of them is passed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from formulary.facts import Allergies, Caution, OpioidUse, OrderFacts, Question
from formulary.findings import Code, Level
from formulary.order_rules import check_order
from formulary.order_rules.questions import months_later
from formulary.reference import StateRule
from formulary.shipped import shipped_formulary
from tests.formulary.helpers import ON, regimen
from tests.formulary.test_order_rules import ANSWERED

SHIPPED = shipped_formulary()
CHILD = date(2010, 6, 1)
CHOLESTASIS: dict[str, Any] = {
    "indication": SHIPPED.indications["cholestasis"],
    "diagnosis_code": "K83.1",
}
SUPERVISED: dict[str, Any] = {
    "is_supervised_kind": True,
    "seen_state": "TX",
    "licence_states": ("TX",),
}
ALWAYS = (
    "treatment",
    "opioids",
    "medicines",
    "allergies",
    "cautions",
    "diagnosis_code",
    "seen_state",
)


def asked(**changes: Any) -> list[str]:
    states = {**SHIPPED.state_rules, "TX": StateRule("TX", "a source", needs_supervisor=True)}
    facts = replace(ANSWERED, **changes)
    found = check_order(facts, replace(SHIPPED, state_rules=states), regimen("1.5x14 3x14 4.5x-"))
    unanswered = [f for f in found if f.code is Code.QUESTION_UNANSWERED]
    assert all(f.level is Level.NOT_ANSWERED and f.level.blocks_signing for f in unanswered)
    return [f.subject for f in unanswered]


def test_nothing_is_asked_of_who_answered_everything() -> None:
    assert asked() == []


@pytest.mark.parametrize("question", [*ALWAYS, "indication"])
def test_an_answer_that_is_missing_is_asked_for_by_name(question: str) -> None:
    assert asked(**{question: None}) == [question]
    assert question in set(Question)


@pytest.mark.parametrize(
    ("question", "when"),
    [
        ("opioid_class", {"opioids": OpioidUse.WITHIN_30_DAYS, "opioid_last_use": ON}),
        ("naltrexone_last_dose", {"medicines": ("ReVia 50 mg",)}),
        ("procedure_on", {"cautions": (Caution.PROCEDURE,)}),
        ("weight_kg", {"birth_date": CHILD}),
        ("obstruction_excluded", CHOLESTASIS),
        ("obstruction_excluded", {**CHOLESTASIS, "indication": None, "other_diagnosis": True}),
        ("supervisor_named", SUPERVISED),
    ],
)
def test_a_question_that_only_some_are_asked_is_named_for_them(
    question: str, when: dict[str, Any]
) -> None:
    assert asked(**when) == [question]


@pytest.mark.parametrize(
    "answered",
    [
        {"medicines": ("LDN 4.5 mg",)},
        {"medicines": ("ReVia 50 mg",), "naltrexone_last_dose": ON},
        {"cautions": (Caution.PROCEDURE,), "procedure_on": ON},
        {"birth_date": CHILD, "weight_kg": Decimal(50)},
        {"birth_date": None},
        {**CHOLESTASIS, "obstruction_excluded": False},
        {**SUPERVISED, "supervisor_named": True},
        {**SUPERVISED, "is_supervised_kind": False},
        {"is_supervised_kind": True},
        {"indication": None, "other_diagnosis": True},
        {"opioids": OpioidUse.NOW},
    ],
)
def test_whoever_it_is_no_question_for_is_not_asked(answered: dict[str, Any]) -> None:
    assert asked(**answered) == []


def test_listed_allergies_are_named() -> None:
    assert asked(allergies=Allergies.LISTED) == ["allergies"]
    assert asked(allergies=Allergies.LISTED, allergy_names=(" ",)) == ["allergies"]
    assert asked(allergies=Allergies.LISTED, allergy_names=("peanuts",)) == []


@pytest.mark.parametrize(
    ("on", "again"),
    [
        (ON, []),
        (date(2025, 11, 22), []),
        (date(2025, 11, 21), ["cautions"]),
        (date(2026, 11, 23), ["cautions"]),
        (None, ["cautions"]),
    ],
)
def test_cautions_are_asked_again_after_twelve_months(on: date | None, again: list[str]) -> None:
    assert asked(cautions_on=on) == again


def test_answers_on_cautions_that_grow_old_while_an_order_waits_still_hold() -> None:
    assert asked(cautions_on=date(2025, 11, 20), formulary_on=date(2026, 11, 20)) == []


def test_the_question_that_is_asked_again_says_since_when() -> None:
    facts = replace(ANSWERED, cautions_on=date(2025, 1, 31))
    (finding,) = check_order(facts, SHIPPED)
    assert "January 31, 2025" in finding.text


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 1, 1), 12, date(2027, 1, 1)),
        (date(2026, 1, 15), 11, date(2026, 12, 15)),
        (date(9999, 6, 1), 12, date.max),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_the_month(
    day: date, months: int, later: date
) -> None:
    assert months_later(day, months) == later


def test_an_empty_form_asks_everything_in_the_order_of_the_form() -> None:
    found = check_order(OrderFacts(today=ON), SHIPPED)
    assert [f.subject for f in found] == [
        "treatment", "opioids", "medicines", "allergies", "cautions", "indication", "diagnosis_code",
        "seen_state",
    ]  # fmt: skip
