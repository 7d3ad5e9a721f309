"""The condition and its diagnosis code. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from formulary.facts import Question
from formulary.findings import Code, Finding, Level
from formulary.order_rules.questions import for_cholestasis, needing
from formulary.order_rules.rule import ARTICLE, CODES, LABEL, OrderCase, Rule, Says
from formulary.reference import CodeStanding, Documented, Indication, IndicationCode

# Burns and corrosions, T20 to T28, are coded with an encounter in the seventh place: A is the first.
_FIRST_ENCOUNTER = re.compile(r"T2[0-8]\.[0-9A-Z]{3}A")


def indication_is_documented(case: OrderCase) -> Iterator[Finding]:
    """Off-label use beyond the article is allowed, and said."""
    indication, code = case.facts.indication, case.facts.diagnosis_code
    if indication is None:
        if not case.facts.other_diagnosis:
            return
        indication = _condition_of(case, code) if code else None
    documented = indication.documented_for(code) if indication else Documented.NOT_DOCUMENTED
    if documented.is_documented:
        return
    name = _named(indication, code) if indication else f"The diagnosis {code or ''}".strip()
    extent = f"{name} is not documented for low dose naltrexone"
    if documented is Documented.AUTOIMMUNE_ONLY:
        extent = f"{name} is documented as an autoimmune skin disease, not as treated"
    text = f"{extent}: off-label, a short rationale helps the pharmacist."
    source = indication.source if indication else ARTICLE
    yield Finding(Code.INDICATION_NOT_DOCUMENTED, Level.INFO, text, source=source)


def _named(indication: Indication, code: str | None) -> str:
    """The condition; of a code that is documented otherwise than its condition, the code's words."""
    row = indication.matching(code) if code else None
    return row.label if row and row.documented else indication.name


def _condition_of(case: OrderCase, code: str) -> Indication | None:
    """The formulary's condition that another diagnosis turns out to be."""
    kept = case.formulary.indications.values()
    return next((indication for indication in kept if indication.accepts(code)), None)


def diagnosis_code_is_right(case: OrderCase) -> Iterator[Finding]:
    """A header stops, and so does a code of another condition; what no list holds is not checked."""
    facts = case.facts
    indication, code, standing = facts.indication, facts.diagnosis_code, facts.code_standing
    if not code:
        return
    row = indication.matching(code) if indication else None
    if standing is CodeStanding.HEADER or (indication is None and _is_header(case, code)):
        text = f"{code} is the header of a group: choose one of the codes below it."
        yield Finding(Code.DIAGNOSIS_HEADER, Level.STOP, text, subject=code)
    elif indication is not None and row is None:
        text = f"{indication.name} is not coded with this diagnosis code: choose one of its codes."
        yield Finding(Code.DIAGNOSIS_CODE_DOES_NOT_FIT, Level.STOP, text)
    elif standing is not CodeStanding.BILLABLE:
        yield from _not_in_the_release(case, code, row)


def _is_header(case: OrderCase, code: str) -> bool:
    """Known without a release: the formulary holds a code below it, or a longer form of it."""
    if case.facts.code_standing is CodeStanding.BILLABLE:
        return False
    for indication in case.formulary.indications.values():
        for row in indication.codes:
            if row.code.startswith(code) and (row.is_prefix or row.code != code):
                return True
            if row.is_prefix and code.startswith(row.code):
                return len(code.replace(".", "")) < row.full_length
    return False


def _not_in_the_release(
    case: OrderCase, code: str, row: IndicationCode | None
) -> Iterator[Finding]:
    """Ended, unknown or nothing loaded. The formulary's own codes count while nothing is loaded."""
    standing = case.facts.code_standing
    if row is None and (found := _condition_of(case, code)):
        row = found.matching(code)
    by_beginning = row is not None and row.is_prefix
    if standing is CodeStanding.ENDED:
        text = f"{code} ended in the loaded release of ICD-10-CM: a pharmacist looks it up."
        yield Finding(Code.DIAGNOSIS_CODE_UNKNOWN, Level.NOT_CHECKED, text, subject=code)
    elif by_beginning:
        text = (
            f"Only the beginning of {code} was compared with the codes of {_condition(case, code)}."
        )
        yield Finding(Code.DIAGNOSIS_CODE_NOT_CHECKED, Level.NOT_CHECKED, text, subject=code)
    elif standing is CodeStanding.UNKNOWN:
        text = f"{code} is not in the loaded release of ICD-10-CM: a pharmacist looks it up."
        yield Finding(Code.DIAGNOSIS_CODE_UNKNOWN, Level.NOT_CHECKED, text, subject=code)
    elif row is None:
        text = f"No release of ICD-10-CM is loaded, so {code} was not checked."
        yield Finding(Code.DIAGNOSIS_CODE_NOT_CHECKED, Level.NOT_CHECKED, text, subject=code)


def _condition(case: OrderCase, code: str) -> str:
    found = case.facts.indication or _condition_of(case, code)
    return found.name if found else "a condition"


def burn_is_past_its_first_treatment(case: OrderCase) -> Iterator[Finding]:
    """The first encounter of a burn is acute care, where opioids are at hand."""
    code, indication = case.facts.diagnosis_code, case.facts.indication
    if not code or (indication is not None and not indication.accepts(code)):
        return
    if _FIRST_ENCOUNTER.fullmatch(code):
        text = (
            f"{code} codes a burn in active treatment (initial encounter): opioids are usual then. "
            "A later encounter ends in D or S."
        )
        yield Finding(Code.BURN_INITIAL_ENCOUNTER, Level.WARN, text)


def obstruction_is_excluded(case: OrderCase) -> Iterator[Finding]:
    """Cholestasis from a stone or a stricture needs another treatment."""
    if case.facts.obstruction_excluded is False and for_cholestasis(case):
        text = (
            "A mechanical obstruction of the bile ducts is not excluded: it is treated otherwise."
        )
        yield Finding(Code.OBSTRUCTION_NOT_EXCLUDED, Level.WARN, text)


_CODE = needing(Question.DIAGNOSIS_CODE)
DIAGNOSIS_RULES = (
    Rule(
        indication_is_documented,
        (Says(Code.INDICATION_NOT_DOCUMENTED, Level.INFO),),
        "The condition is documented as treatable or emergent; any other is off-label use that is told "
        "and never blocked.",
        ARTICLE,
        needing(Question.INDICATION, Question.DIAGNOSIS_CODE),
    ),
    Rule(
        diagnosis_code_is_right,
        (
            Says(Code.DIAGNOSIS_HEADER, Level.STOP, "the code is the header of a group"),
            Says(
                Code.DIAGNOSIS_CODE_DOES_NOT_FIT, Level.STOP, "it is none of the condition’s codes"
            ),
            Says(
                Code.DIAGNOSIS_CODE_UNKNOWN,
                Level.NOT_CHECKED,
                "the loaded release does not hold it, or it ended",
            ),
            Says(
                Code.DIAGNOSIS_CODE_NOT_CHECKED,
                Level.NOT_CHECKED,
                "no release is loaded, or its beginning alone was compared",
            ),
        ),
        "The diagnosis code is billable and one of its condition’s; a code that the loaded release does "
        "not hold is not checked.",
        CODES,
        _CODE,
    ),
    Rule(
        burn_is_past_its_first_treatment,
        (Says(Code.BURN_INITIAL_ENCOUNTER, Level.WARN),),
        "A burn is not coded as initial encounter (seventh character A).",
        CODES,
        _CODE,
    ),
    Rule(
        obstruction_is_excluded,
        (Says(Code.OBSTRUCTION_NOT_EXCLUDED, Level.WARN),),
        "With cholestasis a mechanical obstruction was excluded.",
        f"{ARTICLE}; {LABEL}",
        needing(Question.OBSTRUCTION),
    ),
)
