"""Clinical rules that need the order form's answers. Pure: a rule is a function, its name in ORDER_RULES."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from formulary.dosing import Regimen
from formulary.facts import (
    QUESTION_LABELS,
    Allergies,
    OpioidClass,
    OpioidUse,
    OrderFacts,
    Question,
    TreatmentStatus,
)
from formulary.findings import Code, Finding, Level
from formulary.reference import Documented, Formulary, MedicineKind
from formulary.rules import check_regimen, run_rules
from formulary.words import milligrams_in_words, read_back

# Wash-out before naltrexone: label of the 50 mg tablet (DailyMed), 7 to 10 days for short-acting
# opioids, up to 14 days after methadone, buprenorphine or another long-acting one.
SHORT_ACTING_DAYS = 7
SHORT_ACTING_CAUTION_DAYS = 10
LONG_ACTING_DAYS = 14
# The span of the answer “within the last 30 days”.
RECENT_DAYS = 30
# Usual titrations start at 0.5 to 3 mg a day: a first dose above is read back.
CONFIRM_FIRST_DOSE_ABOVE_MG = Decimal(3)


@dataclass(frozen=True, slots=True)
class OrderCase:
    """What an order rule may look at; `regimen` is None while its steps cannot be read."""

    facts: OrderFacts
    formulary: Formulary
    regimen: Regimen | None = None
    comma: bool = True


_ASKED = (
    Question.TREATMENT, Question.OPIOIDS, Question.OPIOID_CLASS, Question.OPIOID_LAST_USE,
    Question.MEDICINES, Question.ALLERGIES, Question.INDICATION, Question.DIAGNOSIS_CODE,
)  # fmt: skip


def questions_are_answered(case: OrderCase) -> Iterator[Finding]:
    """Every question that a rule needs; the opioid details only after recent use."""
    facts = case.facts
    details = (Question.OPIOID_CLASS, Question.OPIOID_LAST_USE)
    for question in _ASKED:
        if question in details and facts.opioids is not OpioidUse.WITHIN_30_DAYS:
            continue
        if getattr(facts, question) in (None, ""):
            text = f"Answer the question on {QUESTION_LABELS[question]}: a check depends on it."
            yield Finding(Code.QUESTION_UNANSWERED, Level.NOT_ANSWERED, text, subject=question)


def no_opioids_now(case: OrderCase) -> Iterator[Finding]:
    """An opioid taken now would meet naltrexone: withdrawal."""
    if case.facts.opioids is OpioidUse.NOW:
        text = (
            "Opioids are taken now: naltrexone would bring on withdrawal. It can start "
            f"{SHORT_ACTING_DAYS} full days after the last short-acting opioid, "
            f"{LONG_ACTING_DAYS} days after a long-acting one."
        )
        yield Finding(Code.OPIOIDS_NOW, Level.STOP, text)


def opioid_washout_is_over(case: OrderCase) -> Iterator[Finding]:
    """Days from the last opioid to the first dose: stop under 7 or 14, warn from 7 to 10."""
    facts = case.facts
    last = facts.opioid_last_use
    if facts.opioids is not OpioidUse.WITHIN_30_DAYS or last is None:
        return
    if last > facts.today:
        text = "The last opioid use lies in the future: enter the day it was last taken."
        yield Finding(Code.OPIOID_DATE_IN_FUTURE, Level.STOP, text)
        return
    if (facts.today - last).days > RECENT_DAYS:
        text = f"The last opioid lies more than {RECENT_DAYS} days back: correct the date or the answer."
        # Days go by between signing and approval: longer ago is no risk, only worth a look.
        yield Finding(Code.OPIOID_CONTRADICTION, Level.INFO, text, subject="last use")
        return
    if facts.opioid_class is None:
        return
    long_acting = facts.opioid_class is OpioidClass.LONG_ACTING or _lists_long_acting(case)
    needed = LONG_ACTING_DAYS if long_acting else SHORT_ACTING_DAYS
    free = ((facts.first_dose or facts.today) - last).days
    kind = "long-acting" if long_acting else "short-acting"
    if free < needed:
        start = last + timedelta(days=needed)
        text = (
            f"{max(free, 0)} full days lie between the last {kind} opioid and the first dose, at "
            f"least {needed} are needed: the first dose can be on {_day(start)} or later."
        )
        yield Finding(Code.OPIOID_TOO_RECENT, Level.STOP, text)
    elif free <= SHORT_ACTING_CAUTION_DAYS:
        text = f"Opioid-free for {free} days before the first dose: 7 to 10 days call for care."
        yield Finding(Code.OPIOID_FREE_SHORT, Level.WARN, text)


def _lists_long_acting(case: OrderCase) -> bool:
    opioid = case.formulary.medicines.opioid
    return any(opioid(name) is MedicineKind.OPIOID_LONG for name in case.facts.medicines or ())


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def opioid_answer_agrees_with_medicines(case: OrderCase) -> Iterator[Finding]:
    """`never` beside a listed opioid, or a drug given because of one, is a contradiction; so is
    `within 30 days, not now` beside an opioid that stands among the current medicines."""
    answer = case.facts.opioids
    if answer not in (OpioidUse.NEVER, OpioidUse.WITHIN_30_DAYS):
        return
    for name in case.facts.medicines or ():
        kind = case.formulary.medicines.opioid(name)
        if kind is None:
            continue
        if answer is OpioidUse.WITHIN_30_DAYS:
            if kind is not MedicineKind.OPIOID_MARKER:
                text = (
                    f"{name.strip()} stands among the current medicines, but opioid use is answered "
                    "“not now”: correct one of the two."
                )
                yield Finding(Code.OPIOID_CONTRADICTION, Level.STOP, text, subject=name.strip())
            continue
        what = "points to an opioid" if kind is MedicineKind.OPIOID_MARKER else "is an opioid"
        text = f"Opioid use is answered “never”, but {name.strip()} {what}: correct one of the two."
        yield Finding(Code.OPIOID_CONTRADICTION, Level.STOP, text, subject=name.strip())


def medicines_are_recognised(case: OrderCase) -> Iterator[Finding]:
    """A name on no list is not checked: never a pass."""
    for name in case.facts.medicines or ():
        if not case.formulary.medicines.recognises(name):
            text = f"{name.strip()} is on no list here, so it was not checked for opioids."
            subject = name.strip()
            yield Finding(Code.MEDICINE_NOT_RECOGNISED, Level.NOT_CHECKED, text, subject=subject)


def indication_is_documented(case: OrderCase) -> Iterator[Finding]:
    """Off-label use beyond the article is allowed, and said."""
    indication, code = case.facts.indication, case.facts.diagnosis_code
    if indication is None:
        return
    documented = indication.documented_for(code)
    if documented.is_documented:
        return
    extent = f"{indication.name} is not documented for low dose naltrexone"
    if documented is Documented.AUTOIMMUNE_ONLY:
        extent = f"{indication.name} is documented as an autoimmune skin disease, not as treated"
    text = f"{extent}: off-label, a short rationale helps the pharmacist."
    yield Finding(Code.INDICATION_NOT_DOCUMENTED, Level.INFO, text, source=indication.source)


def diagnosis_code_fits(case: OrderCase) -> Iterator[Finding]:
    """The code belongs to the condition; one known by its beginning alone is not checked."""
    indication, code = case.facts.indication, case.facts.diagnosis_code
    if indication is None or not code:
        return
    row = indication.matching(code)
    if row is None:
        text = f"{indication.name} is not coded with this diagnosis code: choose one of its codes."
        yield Finding(Code.DIAGNOSIS_CODE_DOES_NOT_FIT, Level.STOP, text)
    elif row.is_prefix:
        text = f"Only the beginning of {code} was compared with the codes of {indication.name}."
        yield Finding(Code.DIAGNOSIS_CODE_NOT_CHECKED, Level.NOT_CHECKED, text, subject=code)


def allergies_are_known(case: OrderCase) -> Iterator[Finding]:
    """Allergies that could not be obtained are asked for by the pharmacy before the first fill."""
    if case.facts.allergies is Allergies.NOT_OBTAINED:
        text = "Allergies could not be obtained: the pharmacy asks before the first fill."
        yield Finding(Code.ALLERGIES_NOT_OBTAINED, Level.INFO, text)


def high_first_dose_is_confirmed(case: OrderCase) -> Iterator[Finding]:
    """A new start or restart above 3 mg a day is read back in words."""
    starting = (TreatmentStatus.NEW_START, TreatmentStatus.RESTART)
    if case.regimen is None or case.facts.treatment not in starting:
        return
    first = case.regimen.steps[0].daily_mg
    if first > CONFIRM_FIRST_DOSE_ABOVE_MG:
        label = "restart" if case.facts.treatment is TreatmentStatus.RESTART else "new start"
        text = f"Confirm the first dose of a {label}: {read_back(first, comma=case.comma)}"
        words = milligrams_in_words(first)
        yield Finding(Code.CONFIRM_DOSE, Level.WARN, text, 1, words=words)


def ship_to_state_is_served(case: OrderCase) -> Iterator[Finding]:
    """The pharmacy holds a licence for the state it ships to; without any on file, not checked."""
    state = case.facts.ship_to_state
    if state is None:
        return
    if not state or not case.formulary.ship_states:
        text = "The states that the pharmacy ships to are not on file, so this was not checked."
        if not state:
            text = "The address has no state, so it was not compared with where the pharmacy ships."
        yield Finding(Code.SHIP_STATE_NOT_CHECKED, Level.NOT_CHECKED, text)
        return
    served = case.formulary.served_states(case.facts.today)
    if state not in served:
        text = f"The pharmacy has no licence to ship to {state}: it ships {_listed(served)}."
        yield Finding(Code.SHIP_STATE_NOT_SERVED, Level.STOP, text)


def _listed(states: tuple[str, ...]) -> str:
    if len(states) < 2:
        return f"to {states[0]} alone" if states else "nowhere at present"
    return f"to {', '.join(states[:-1])} and {states[-1]}"


OrderRule = Callable[[OrderCase], Iterable[Finding]]
ORDER_RULES: tuple[OrderRule, ...] = (
    questions_are_answered,
    no_opioids_now,
    opioid_washout_is_over,
    opioid_answer_agrees_with_medicines,
    medicines_are_recognised,
    indication_is_documented,
    diagnosis_code_fits,
    allergies_are_known,
    high_first_dose_is_confirmed,
    ship_to_state_is_served,
)


def check_order(
    facts: OrderFacts,
    formulary: Formulary,
    regimen: Regimen | None = None,
    *,
    comma: bool = True,
) -> tuple[Finding, ...]:
    """Everything: the regimen rules on `facts.today` where there is a regimen, and the order rules."""
    found = list(check_regimen(regimen, formulary, on=facts.today, comma=comma)) if regimen else []
    return tuple(found + run_rules(ORDER_RULES, OrderCase(facts, formulary, regimen, comma)))
