"""Opioids now, recent opioids, and what the medicines list says of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from formulary.facts import OpioidClass, OpioidUse, Question
from formulary.findings import Code, Finding, Level
from formulary.order_rules.questions import needing
from formulary.order_rules.rule import LABEL, OrderCase, Rule, Says, days_text, long_day
from formulary.reference import MedicineKind


def no_opioids_now(case: OrderCase) -> Iterator[Finding]:
    """An opioid taken now would meet naltrexone: withdrawal."""
    if case.facts.opioids is OpioidUse.NOW:
        figures = case.figures
        text = (
            "Opioids are taken now: naltrexone would bring on withdrawal. It can start "
            f"{figures.short_acting_days} full days after the last short-acting opioid, "
            f"{figures.long_acting_days} days after a long-acting one."
        )
        yield Finding(Code.OPIOIDS_NOW, Level.STOP, text)


def opioid_washout_is_over(case: OrderCase) -> Iterator[Finding]:
    """Days from the last opioid to the first dose: stop under 7 or 14, warn from 7 to 10."""
    facts, figures = case.facts, case.figures
    last = facts.opioid_last_use
    if facts.opioids is not OpioidUse.WITHIN_30_DAYS or last is None:
        return
    if last > facts.today:
        text = "The last opioid use lies in the future: enter the day it was last taken."
        yield Finding(Code.OPIOID_DATE_IN_FUTURE, Level.STOP, text)
        return
    if (facts.today - last).days > figures.recent_opioid_days:
        text = (
            f"The last opioid lies more than {days_text(figures.recent_opioid_days)} back: "
            "correct the date or the answer."
        )
        # Days go by between signing and approval: longer ago is no risk, only worth a look.
        yield Finding(Code.OPIOID_CONTRADICTION, Level.INFO, text, subject="last use")
        return
    if facts.opioid_class is None:
        return
    listed = any(one.opioid is MedicineKind.OPIOID_LONG for one in case.medicines)
    long_acting = facts.opioid_class is OpioidClass.LONG_ACTING or listed
    needed = figures.long_acting_days if long_acting else figures.short_acting_days
    free = (case.first_dose - last).days
    if free < needed:
        kind = "long-acting" if long_acting else "short-acting"
        days = "1 full day lies" if free == 1 else f"{max(free, 0)} full days lie"
        text = (
            f"{days} between the last {kind} opioid and the first dose, at "
            f"least {needed} are needed: the first dose can be on "
            f"{long_day(last + timedelta(days=needed))} or later."
        )
        yield Finding(Code.OPIOID_TOO_RECENT, Level.STOP, text)
    elif free <= figures.short_acting_caution_days:
        text = (
            f"Opioid-free for {days_text(free)} before the first dose: "
            f"{figures.short_acting_days} to {figures.short_acting_caution_days} days call for care."
        )
        yield Finding(Code.OPIOID_FREE_SHORT, Level.WARN, text)


def opioid_answer_agrees_with_medicines(case: OrderCase) -> Iterator[Finding]:
    """`never` beside a listed opioid, or a drug given because of one, is a contradiction; so is
    `within 30 days, not now` beside an opioid that stands among the current medicines."""
    answer = case.facts.opioids
    if answer not in (OpioidUse.NEVER, OpioidUse.WITHIN_30_DAYS):
        return
    for listed in case.medicines:
        marker = listed.opioid is MedicineKind.OPIOID_MARKER
        if listed.opioid is None or (answer is OpioidUse.WITHIN_30_DAYS and marker):
            continue
        if answer is OpioidUse.WITHIN_30_DAYS:
            text = (
                f"{listed.name} stands among the current medicines, but opioid use is answered "
                "“not now”: correct one of the two."
            )
        else:
            what = "points to an opioid" if marker else "is an opioid"
            text = (
                f"Opioid use is answered “never”, but {listed.name} {what}: correct one of the two."
            )
        yield Finding(Code.OPIOID_CONTRADICTION, Level.STOP, text, subject=listed.name)


OPIOID_RULES = (
    Rule(
        no_opioids_now,
        (Says(Code.OPIOIDS_NOW, Level.STOP),),
        "No opioid is taken now.",
        LABEL,
        needing(Question.OPIOIDS),
    ),
    Rule(
        opioid_washout_is_over,
        (
            Says(
                Code.OPIOID_TOO_RECENT,
                Level.STOP,
                "under 7 full days, or under 14 after a long-acting one",
            ),
            Says(Code.OPIOID_DATE_IN_FUTURE, Level.STOP, "the last use lies in the future"),
            Says(Code.OPIOID_FREE_SHORT, Level.WARN, "7 to 10 days"),
            Says(Code.OPIOID_CONTRADICTION, Level.INFO, "the last use lies more than 30 days back"),
        ),
        "Enough full days lie between the last opioid and the first dose: 7 after a short-acting one "
        "(7 to 10 call for care), 14 after a long-acting one.",
        LABEL,
        needing(
            Question.OPIOIDS, Question.OPIOID_CLASS, Question.OPIOID_LAST_USE, Question.MEDICINES
        ),
    ),
    Rule(
        opioid_answer_agrees_with_medicines,
        (Says(Code.OPIOID_CONTRADICTION, Level.STOP, "answer and list contradict each other"),),
        "The answer on opioids agrees with the current medicines: “never” beside an opioid or a "
        "medicine that points to one, or “not now” beside an opioid, is a contradiction.",
        needs=needing(Question.OPIOIDS, Question.MEDICINES),
    ),
)
