"""What the rules need to know: a question that some rule needs and that has no answer is named. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from formulary.facts import QUESTION_LABELS, Allergies, Caution, OpioidUse, Question
from formulary.findings import Code, Finding, Level
from formulary.order_rules.rule import Need, OrderCase, Rule, Says, long_day

CHOLESTASIS = "cholestasis"


# --- When a question is asked ---------------------------------------------------------------------
def after_recent_opioids(case: OrderCase) -> bool:
    return case.facts.opioids is OpioidUse.WITHIN_30_DAYS


def with_full_naltrexone(case: OrderCase) -> bool:
    return any(listed.is_full_naltrexone for listed in case.medicines)


def with_a_procedure(case: OrderCase) -> bool:
    return case.has(Caution.PROCEDURE)


def age(case: OrderCase) -> int | None:
    """Full years today; None while no patient is chosen, whom the form asks for."""
    born, today = case.facts.birth_date, case.facts.today
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def under_age(case: OrderCase) -> bool:
    years = age(case)
    return years is not None and years < case.figures.adult_years


def for_a_condition_of_the_formulary(case: OrderCase) -> bool:
    return not case.facts.other_diagnosis


def for_cholestasis(case: OrderCase) -> bool:
    """The condition itself, or one of its codes as another diagnosis."""
    facts = case.facts
    if facts.indication is not None:
        return facts.indication.slug == CHOLESTASIS
    kept = case.formulary.indications.get(CHOLESTASIS)
    return bool(kept and facts.diagnosis_code and kept.accepts(facts.diagnosis_code))


def under_supervision(case: OrderCase) -> bool:
    facts = case.facts
    if not facts.is_supervised_kind or not facts.seen_state:
        return False
    return case.formulary.rule_of(facts.seen_state).needs_supervisor


NEEDS: Mapping[Question, Need] = {
    need.question: need
    for need in (
        Need(Question.TREATMENT),
        Need(Question.OPIOIDS),
        Need(Question.OPIOID_CLASS, after_recent_opioids, "after opioids within 30 days"),
        Need(Question.OPIOID_LAST_USE, after_recent_opioids, "after opioids within 30 days"),
        Need(Question.MEDICINES),
        Need(
            Question.NALTREXONE_LAST_DOSE,
            with_full_naltrexone,
            "beside full-strength naltrexone among the medicines",
        ),
        Need(Question.ALLERGIES),
        Need(Question.CAUTIONS),
        Need(Question.PROCEDURE_ON, with_a_procedure, "when a procedure is planned"),
        Need(Question.WEIGHT, under_age, "under the adult age"),
        Need(
            Question.INDICATION,
            for_a_condition_of_the_formulary,
            "unless it is another diagnosis, told by its code",
        ),
        Need(Question.DIAGNOSIS_CODE),
        Need(Question.OBSTRUCTION, for_cholestasis, "with cholestasis"),
        Need(Question.SEEN_STATE),
        Need(
            Question.SUPERVISOR,
            under_supervision,
            "of a supervised credential, where the state asks for it",
        ),
    )
}


def needing(*questions: Question) -> tuple[Need, ...]:
    return tuple(NEEDS[question] for question in questions)


# --- Whether it is answered -----------------------------------------------------------------------
def _allergies_are_named(case: OrderCase) -> bool:
    facts = case.facts
    if facts.allergies is Allergies.LISTED:
        return any(name.strip() for name in facts.allergy_names)
    return facts.allergies is not None


def _cautions_hold(case: OrderCase) -> bool:
    """All were asked, and no longer ago than the figure says."""
    asked = case.facts.cautions_on
    if case.facts.cautions is None or asked is None or asked > case.facts.today:
        return False
    return months_later(asked, case.figures.caution_facts_months) >= case.on


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _supervisor_is_named(case: OrderCase) -> bool:
    return case.facts.supervisor_named


_OWN: Mapping[Question, Callable[[OrderCase], bool]] = {
    Question.ALLERGIES: _allergies_are_named,
    Question.CAUTIONS: _cautions_hold,
    Question.SUPERVISOR: _supervisor_is_named,
}


def is_answered(question: Question, case: OrderCase) -> bool:
    own = _OWN.get(question)
    if own is not None:
        return own(case)
    answer = getattr(case.facts, question)
    return answer is not None and answer != ""


def questions_rule(rules: Iterable[Rule]) -> Rule:
    """Every question that one of the rules needs, each once, in the order of the form."""
    asked = {need.question for rule in rules for need in rule.needs}
    needs = tuple(NEEDS[question] for question in Question if question in asked)

    def questions_are_answered(case: OrderCase) -> Iterator[Finding]:
        for need in needs:
            if not is_answered(need.question, case) and need.when(case):
                yield _unanswered(need.question, case)

    return Rule(
        questions_are_answered,
        (Says(Code.QUESTION_UNANSWERED, Level.NOT_ANSWERED),),
        "Every question that a rule needs has its answer, or the order is not signed.",
        needs=needs,
    )


def _unanswered(question: Question, case: OrderCase) -> Finding:
    label = QUESTION_LABELS[question]
    text = f"Answer the question on {label}: a check depends on it."
    if question is Question.SUPERVISOR:
        text = f"Name the {label}: {case.facts.seen_state} asks for one on the prescription."
    elif question is Question.CAUTIONS and case.facts.cautions is not None:
        asked = case.facts.cautions_on
        when = f"on {long_day(asked)}" if asked else "on a day not known"
        text = f"The {label} were last asked {when}: ask all of them again."
    elif question is Question.ALLERGIES and case.facts.allergies is Allergies.LISTED:
        text = "Name the allergies: they are compared with naltrexone and its kin."
    return Finding(Code.QUESTION_UNANSWERED, Level.NOT_ANSWERED, text, subject=question)
