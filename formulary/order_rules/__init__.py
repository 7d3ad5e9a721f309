"""Clinical rules that need the order form's answers. Pure: a rule is a `Rule`, told in ORDER_RULES."""

from __future__ import annotations

from formulary.dosing import Regimen
from formulary.facts import OrderFacts
from formulary.findings import Code, Finding
from formulary.order_rules.diagnosis import DIAGNOSIS_RULES
from formulary.order_rules.dose import DOSE_RULES
from formulary.order_rules.medicines import MEDICINE_RULES
from formulary.order_rules.opioids import OPIOID_RULES
from formulary.order_rules.patient import PATIENT_RULES
from formulary.order_rules.questions import questions_rule
from formulary.order_rules.rule import Need, OrderCase, Rule
from formulary.order_rules.states import STATE_RULES
from formulary.order_rules.supply import SUPPLY_RULES
from formulary.reference import Formulary
from formulary.rules import check_regimen, run_rules

__all__ = ["GROUPS", "ORDER_RULES", "Need", "OrderCase", "Rule", "check_order"]

# In the order in which they speak, by the part of the order that they look at.
GROUPS: tuple[tuple[str, tuple[Rule, ...]], ...] = (
    ("Opioids", OPIOID_RULES),
    ("Medicines and allergies", MEDICINE_RULES),
    ("The patient", PATIENT_RULES),
    ("Diagnosis", DIAGNOSIS_RULES),
    ("Dose", DOSE_RULES),
    ("Supply and other orders", SUPPLY_RULES),
    ("Licences and states", STATE_RULES),
)
_CLINICAL = tuple(rule for _, rules in GROUPS for rule in rules)
ORDER_RULES: tuple[Rule, ...] = (questions_rule(_CLINICAL), *_CLINICAL)


def check_order(
    facts: OrderFacts,
    formulary: Formulary,
    regimen: Regimen | None = None,
    *,
    comma: bool = True,
) -> tuple[Finding, ...]:
    """Everything: the regimen rules where there is a regimen, and the order rules. A fivefold change
    between steps is one reason of the one confirmation, so it does not stand beside it."""
    found: list[Finding] = []
    if regimen is not None:
        on = facts.formulary_on or facts.today
        said = check_regimen(regimen, formulary, on=on, comma=comma)
        found = [finding for finding in said if finding.code is not Code.FIVEFOLD_CHANGE]
    return tuple(found + run_rules(ORDER_RULES, OrderCase(facts, formulary, regimen, comma)))
