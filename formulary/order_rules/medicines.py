"""Other medicines and allergies, by the formulary's lists. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from formulary.facts import Allergies, Caution, Question, Stage
from formulary.findings import Code, Finding, Level
from formulary.order_rules.listed import NALTREXONE_KINDS, Strength
from formulary.order_rules.questions import needing
from formulary.order_rules.rule import (
    LABEL,
    OrderCase,
    Rule,
    Says,
    days_text,
    joined,
    long_day,
)
from formulary.reference import MedicineKind, names_a_medicine


def medicines_are_recognised(case: OrderCase) -> Iterator[Finding]:
    """A name on no list is not checked: never a pass."""
    for listed in case.medicines:
        if not names_a_medicine(listed.kinds):
            text = f"{listed.name} is on no list here, so it was not checked for opioids."
            yield Finding(
                Code.MEDICINE_NOT_RECOGNISED, Level.NOT_CHECKED, text, subject=listed.name
            )


def no_full_strength_naltrexone(case: OrderCase) -> Iterator[Finding]:
    """Its last dose lies before the first low dose, of a monthly injection long enough before."""
    taken = [listed for listed in case.medicines if listed.is_full_naltrexone]
    if not taken:
        return
    depot = any(listed.naltrexone is Strength.DEPOT for listed in taken)
    needed = max(1, case.figures.depot_naltrexone_days) if depot else 1
    last = case.facts.naltrexone_last_dose
    if last is not None and (case.first_dose - last).days >= needed:
        return
    names = joined(listed.name for listed in taken)
    text = f"{names} counts as naltrexone at full strength, which low doses must not join. "
    if last is None:
        wait = f"{days_text(needed)} before" if depot else "before"
        text += f"Give the day of its last dose, {wait} the first dose of this order."
        if not depot:
            text += " Of a low dose, write the strength in mg behind the name."
    else:
        start = long_day(last + timedelta(days=needed))
        text += (
            f"After its last dose on {long_day(last)} the first dose can be on {start} or later."
        )
    yield Finding(Code.NALTREXONE_CURRENT, Level.STOP, text, subject=names)


def no_other_antagonist(case: OrderCase) -> Iterator[Finding]:
    """Samidorphan blocks the same receptors."""
    yield from _listed(
        case,
        MedicineKind.SAMIDORPHAN,
        Code.SAMIDORPHAN,
        "{names} holds samidorphan, another opioid antagonist: the two effects add up.",
    )


def no_interacting_medicine(case: OrderCase) -> Iterator[Finding]:
    """What the pharmacist lists as interacting: thioridazine, disulfiram."""
    yield from _listed(
        case,
        MedicineKind.INTERACTING,
        Code.INTERACTING_MEDICINE,
        "{names} is listed as interacting with naltrexone: sleepiness with thioridazine, liver harm "
        "with disulfiram.",
    )


def _listed(case: OrderCase, kind: MedicineKind, code: Code, text: str) -> Iterator[Finding]:
    names = [listed.name for listed in case.medicines if listed.tells(kind)]
    if names:
        named = joined(names)
        yield Finding(code, Level.WARN, text.replace("{names}", named), subject=named)


def no_rescue_kit(case: OrderCase) -> Iterator[Finding]:
    """A kit against an overdose is there because somebody expects opioids."""
    names = [one.name for one in case.medicines if one.tells(MedicineKind.OPIOID_RESCUE)]
    if names or case.has(Caution.RESCUE_KIT):
        kit = joined(names) if names else "An opioid rescue kit (naloxone)"
        text = (
            f"{kit} is at hand: ask once more for opioids in the household’s or the patient’s use."
        )
        yield Finding(Code.RESCUE_KIT, Level.WARN, text)


def no_allergy_to_naltrexone(case: OrderCase) -> Iterator[Finding]:
    """Any naltrexone product named as an allergy."""
    names = [one.name for one in case.allergies if one.kinds & NALTREXONE_KINDS]
    if names:
        text = f"{joined(names)} stands among the allergies: naltrexone is not given."
        yield Finding(Code.NALTREXONE_ALLERGY, Level.STOP, text)


_MORPHINANS = frozenset(
    {
        MedicineKind.OPIOID_SHORT,
        MedicineKind.OPIOID_LONG,
        MedicineKind.OPIOID_MARKER,
        MedicineKind.OPIOID_RESCUE,
        MedicineKind.SAMIDORPHAN,
    }
)


def no_allergy_to_another_morphinan(case: OrderCase) -> Iterator[Finding]:
    """Ticked, or an opioid or an opioid antagonist named as an allergy. Every opioid counts, a
    morphinan or not: which of them are is for the prescriber to say, who gives the reason."""
    names = [one.name for one in case.allergies if one.kinds & _MORPHINANS]
    if names or case.has(Caution.MORPHINAN_ALLERGY):
        what = f" ({joined(names)})" if names else ""
        text = (
            f"Hypersensitivity to an opioid or another morphinan{what}: naltrexone is built alike, a "
            "cross-reaction is possible."
        )
        yield Finding(Code.MORPHINAN_ALLERGY, Level.WARN, text)


def allergies_are_known(case: OrderCase) -> Iterator[Finding]:
    """Allergies that could not be obtained block the fill, not the order."""
    if case.facts.allergies is not Allergies.NOT_OBTAINED:
        return
    if case.facts.stage is Stage.FILL:
        text = "Allergies are still not known: ask for them before this fill."
        yield Finding(Code.ALLERGIES_NOT_OBTAINED, Level.STOP, text)
        return
    text = "Allergies could not be obtained: the pharmacy asks before the first fill."
    yield Finding(Code.ALLERGIES_NOT_OBTAINED, Level.INFO, text)


_LISTS = needing(Question.MEDICINES)
_ALLERGIES = needing(Question.ALLERGIES)
MEDICINE_RULES = (
    Rule(
        medicines_are_recognised,
        (Says(Code.MEDICINE_NOT_RECOGNISED, Level.NOT_CHECKED),),
        "Every current medicine is on a list; of one that is not, nothing was checked.",
        needs=_LISTS,
    ),
    Rule(
        no_full_strength_naltrexone,
        (Says(Code.NALTREXONE_CURRENT, Level.STOP),),
        "No full-strength naltrexone (ReVia, Contrave) is taken into the treatment: its last dose lies "
        "before the first low dose, of a monthly injection (Vivitrol) 28 days before.",
        "Labels of naltrexone 50 mg tablets and of Vivitrol, DailyMed",
        needing(Question.MEDICINES, Question.NALTREXONE_LAST_DOSE),
    ),
    Rule(
        no_other_antagonist,
        (Says(Code.SAMIDORPHAN, Level.WARN),),
        "No other opioid antagonist (samidorphan) is taken.",
        "Label of Lybalvi, DailyMed",
        _LISTS,
    ),
    Rule(
        no_rescue_kit,
        (Says(Code.RESCUE_KIT, Level.WARN),),
        "No opioid rescue kit is ticked or listed (naloxone, nalmefene).",
        LABEL,
        needing(Question.CAUTIONS, Question.MEDICINES),
    ),
    Rule(
        no_interacting_medicine,
        (Says(Code.INTERACTING_MEDICINE, Level.WARN),),
        "No medicine listed as interacting is taken (thioridazine, disulfiram).",
        LABEL,
        _LISTS,
    ),
    Rule(
        no_allergy_to_naltrexone,
        (Says(Code.NALTREXONE_ALLERGY, Level.STOP),),
        "No naltrexone product stands among the allergies.",
        LABEL,
        _ALLERGIES,
    ),
    Rule(
        no_allergy_to_another_morphinan,
        (Says(Code.MORPHINAN_ALLERGY, Level.WARN),),
        "No hypersensitivity to another morphinan is ticked, and no opioid stands among the allergies.",
        LABEL,
        needing(Question.CAUTIONS, Question.ALLERGIES),
    ),
    Rule(
        allergies_are_known,
        (
            Says(Code.ALLERGIES_NOT_OBTAINED, Level.INFO, "at entry and approval"),
            Says(Code.ALLERGIES_NOT_OBTAINED, Level.STOP, "before a fill"),
        ),
        "Allergies that could not be obtained are asked for by the pharmacy: they block a fill, never "
        "the order.",
        needs=_ALLERGIES,
    ),
)
