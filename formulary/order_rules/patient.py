"""What the patient has: the facts asked once per patient, and age. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from formulary.facts import Caution, Question
from formulary.findings import Code, Finding, Level
from formulary.order_rules.questions import age, needing, under_age
from formulary.order_rules.rule import (
    LABEL,
    TITRATION,
    OrderCase,
    Rule,
    Says,
    days_text,
    joined,
    long_day,
)
from formulary.reference import MedicineKind

_CAUTIONS = needing(Question.CAUTIONS)
_WITH_LISTS = needing(Question.CAUTIONS, Question.MEDICINES)


def _ticked(caution: Caution, level: Level, holds: str, text: str, source: str = LABEL) -> Rule:
    """One caution, which carries the name of its code."""
    code = Code(caution)

    def check(case: OrderCase) -> Iterable[Finding]:
        return [Finding(code, level, text)] if case.has(caution) else ()

    check.__name__ = str(code)
    return Rule(check, (Says(code, level),), holds, source, _CAUTIONS)


def _counselled(
    caution: Caution, kind: MedicineKind, holds: str, text: str, source: str = LABEL
) -> Rule:
    """Shown to the pharmacist with counselling: ticked, or told by a listed medicine."""
    code = Code(caution)

    def check(case: OrderCase) -> Iterator[Finding]:
        names = [listed.name for listed in case.medicines if listed.tells(kind)]
        if names or case.has(caution):
            told = f"{text} Listed: {joined(names)}" if names else text
            yield Finding(code, Level.INFO, told)

    check.__name__ = str(code)
    return Rule(check, (Says(code, Level.INFO),), holds, source, _WITH_LISTS)


def patient_is_an_adult(case: OrderCase) -> Iterator[Finding]:
    """Under 18 is a caution, and asks for the weight."""
    years = age(case)
    if years is not None and under_age(case):
        adult = case.figures.adult_years
        text = f"The patient’s age is {max(years, 0)}: under {adult} naltrexone was not studied."
        yield Finding(Code.UNDER_AGE, Level.WARN, text)


def no_procedure_soon(case: OrderCase) -> Iterator[Finding]:
    """A procedure with opioid pain relief, from today to 14 days ahead."""
    day, facts = case.facts.procedure_on, case.facts
    if not case.has(Caution.PROCEDURE) or day is None:
        return
    ahead = (day - facts.today).days
    if 0 <= ahead <= case.figures.procedure_days:
        when = "today" if ahead == 0 else f"in {days_text(ahead)}, on {long_day(day)}"
        text = (
            f"A procedure with opioid pain relief is planned {when}: naltrexone weakens that pain "
            "relief. Agree on a pause before it."
        )
        yield Finding(Code.PROCEDURE_PLANNED, Level.WARN, text)


PATIENT_RULES = (
    _ticked(
        Caution.LIVER_FAILURE, Level.STOP, "No acute hepatitis or liver failure.",
        "Acute hepatitis or liver failure is a contraindication of naltrexone.",
    ),
    _ticked(
        Caution.WITHDRAWAL, Level.STOP, "No acute opioid withdrawal.",
        "Acute opioid withdrawal is a contraindication: naltrexone would deepen it.",
    ),
    _ticked(
        Caution.FAILED_CHALLENGE, Level.STOP, "No failed naloxone challenge.",
        "The naloxone challenge was failed: opioids are still at work. Wait and repeat it.",
    ),
    _ticked(
        Caution.POSITIVE_SCREEN, Level.STOP, "No urine screen positive for opioids.",
        "The urine screen is positive for opioids: naltrexone would bring on withdrawal.",
    ),
    _ticked(
        Caution.LIVER_DISEASE, Level.WARN, "No liver disease.",
        "Liver disease: naltrexone passes through the liver. Plan liver tests.",
    ),
    _ticked(
        Caution.RENAL_DISEASE, Level.WARN, "No severe renal disease.",
        "Severe renal disease: naltrexone and its metabolite leave with the urine and may build up.",
    ),
    _ticked(
        Caution.PREGNANT, Level.WARN, "No pregnancy.",
        "Pregnant: naltrexone is not established in pregnancy. The benefit must outweigh the risk.",
    ),
    _ticked(
        Caution.NURSING, Level.WARN, "No nursing.",
        "Nursing: naltrexone and its metabolite pass into milk.",
    ),
    Rule(
        patient_is_an_adult,
        (Says(Code.UNDER_AGE, Level.WARN),),
        "The patient is 18 or older; under that the weight is asked for.",
        LABEL,
        needing(Question.WEIGHT),
    ),
    _ticked(
        Caution.TRANSPLANT, Level.WARN, "No organ transplant.",
        "Organ transplant: low dose naltrexone beside medicines that keep a transplant is not "
        "documented. Involve the transplant team.",
        TITRATION,
    ),
    Rule(
        no_procedure_soon,
        (Says(Code.PROCEDURE_PLANNED, Level.WARN),),
        "No procedure with expected opioid pain relief is planned within 14 days.",
        "ldnresearchtrust.org, surgery",
        needing(Question.CAUTIONS, Question.PROCEDURE_ON),
    ),
    _counselled(
        Caution.THYROID, MedicineKind.THYROID, "Thyroid hormone is told to the pharmacist.",
        "Thyroid hormone: the need for it may change. Counsel: have thyroid values checked, report "
        "a racing heart, trembling or sweating.",
        TITRATION,
    ),
    _counselled(
        Caution.DEPRESSION, MedicineKind.ANTIDEPRESSANT,
        "Depression or an antidepressant is told to the pharmacist.",
        "Depression: low mood is reported with naltrexone. Counsel: report low mood or thoughts of "
        "self-harm at once.",
    ),
    _counselled(
        Caution.IMMUNOSUPPRESSED, MedicineKind.IMMUNOSUPPRESSANT,
        "An immunosuppressant or biologic is told to the pharmacist.",
        "Immunosuppressant or biologic: use together is not documented. Counsel: keep taking it as "
        "prescribed, report infections and a flare.",
        TITRATION,
    ),
)  # fmt: skip
