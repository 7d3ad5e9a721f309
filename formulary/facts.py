"""What the order form answers, as typed values for the order rules. Pure; None is unanswered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from formulary.reference import CodeStanding, Indication


class Stage(StrEnum):
    """When the rules are asked: while ordering and signing, by the pharmacist, before each fill."""

    ENTRY = "entry"
    APPROVAL = "approval"
    FILL = "fill"


class TreatmentStatus(StrEnum):
    """RESTART is a restart after a gap of 14 days or more."""

    NEW_START = "new_start"
    CONTINUING = "continuing"
    DOSE_CHANGE = "dose_change"
    RESTART = "restart"


class OpioidUse(StrEnum):
    NEVER = "never"
    WITHIN_30_DAYS = "within_30_days"
    NOW = "now"


class OpioidClass(StrEnum):
    """LONG_ACTING holds patches, methadone and buprenorphine; tramadol is SHORT_ACTING."""

    SHORT_ACTING = "short_acting"
    LONG_ACTING = "long_acting"


class Allergies(StrEnum):
    LISTED = "listed"
    NONE_KNOWN = "none_known"
    NOT_OBTAINED = "not_obtained"


class Caution(StrEnum):
    """What is asked once per patient, dated, and then only for changes."""

    LIVER_FAILURE = "liver_failure"
    WITHDRAWAL = "withdrawal"
    FAILED_CHALLENGE = "failed_challenge"
    POSITIVE_SCREEN = "positive_screen"
    LIVER_DISEASE = "liver_disease"
    RENAL_DISEASE = "renal_disease"
    PREGNANT = "pregnant"
    NURSING = "nursing"
    TRANSPLANT = "transplant"
    MORPHINAN_ALLERGY = "morphinan_allergy"
    RESCUE_KIT = "rescue_kit"
    PROCEDURE = "procedure"
    DEPRESSION = "depression"
    THYROID = "thyroid"
    IMMUNOSUPPRESSED = "immunosuppressed"


class Question(StrEnum):
    """The `subject` of a not-answered finding: also the name of the OrderFacts field."""

    TREATMENT = "treatment"
    OPIOIDS = "opioids"
    OPIOID_CLASS = "opioid_class"
    OPIOID_LAST_USE = "opioid_last_use"
    MEDICINES = "medicines"
    NALTREXONE_LAST_DOSE = "naltrexone_last_dose"
    ALLERGIES = "allergies"
    CAUTIONS = "cautions"
    PROCEDURE_ON = "procedure_on"
    WEIGHT = "weight_kg"
    INDICATION = "indication"
    DIAGNOSIS_CODE = "diagnosis_code"
    OBSTRUCTION = "obstruction_excluded"
    SEEN_STATE = "seen_state"
    SUPERVISOR = "supervisor_named"


QUESTION_LABELS = {
    Question.TREATMENT: "treatment status",
    Question.OPIOIDS: "opioid use",
    Question.OPIOID_CLASS: "kind of opioid",
    Question.OPIOID_LAST_USE: "date of the last opioid",
    Question.MEDICINES: "current medicines",
    Question.NALTREXONE_LAST_DOSE: "last dose of full-strength naltrexone",
    Question.ALLERGIES: "allergies",
    Question.CAUTIONS: "conditions that call for caution",
    Question.PROCEDURE_ON: "date of the planned procedure",
    Question.WEIGHT: "weight",
    Question.INDICATION: "condition treated",
    Question.DIAGNOSIS_CODE: "diagnosis code",
    Question.OBSTRUCTION: "mechanical obstruction",
    Question.SEEN_STATE: "where the patient was seen",
    Question.SUPERVISOR: "supervising physician",
}


@dataclass(frozen=True, slots=True)
class ActiveOrder:
    """Another order of the patient for the same drug that was signed and is not used up.

    `daily_mg` is its last step's daily total; `dispensed` whether the pharmacy verified it;
    `starts` and `ends` are the first and last day of the supply so far, None while not known.
    """

    reference: str
    daily_mg: Decimal
    dispensed: bool
    starts: date | None = None
    ends: date | None = None
    refills_left: int = 0


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """The form's answers; None is unanswered. `medicines` () says that none are taken, `cautions` ()
    that none of them applies. `first_dose` None counts to today, the earliest day possible.
    `ship_to_state` is a state's code; None while no address is chosen, which the form asks for.
    """

    today: date
    treatment: TreatmentStatus | None = None
    opioids: OpioidUse | None = None
    opioid_class: OpioidClass | None = None
    opioid_last_use: date | None = None
    # The first day on which a dose may be taken: the order's effective date.
    first_dose: date | None = None
    medicines: tuple[str, ...] | None = None
    # The last dose of full-strength naltrexone (ReVia, Contrave, Vivitrol).
    naltrexone_last_dose: date | None = None
    allergies: Allergies | None = None
    # One typed allergy each, when `allergies` is LISTED.
    allergy_names: tuple[str, ...] = ()
    cautions: tuple[Caution, ...] | None = None
    # The day on which all cautions were asked; after 12 months all are asked again.
    cautions_on: date | None = None
    procedure_on: date | None = None
    birth_date: date | None = None
    # Only `male` makes the questions on pregnancy and nursing idle.
    sex: str = ""
    weight_kg: Decimal | None = None
    indication: Indication | None = None
    # A condition outside the formulary is no gap: its code alone is the diagnosis.
    other_diagnosis: bool = False
    diagnosis_code: str | None = None
    code_standing: CodeStanding = CodeStanding.NOT_LOADED
    # Asked with cholestasis alone: a mechanical obstruction was excluded.
    obstruction_excluded: bool | None = None
    ship_to_state: str | None = None
    # Where the patient was, and where the prescriber holds a licence today.
    seen_state: str | None = None
    licence_states: tuple[str, ...] | None = None
    # Whether the credential is one that states put under supervision, and whether one is named.
    is_supervised_kind: bool = False
    supervisor_named: bool = False
    refills: int | None = None
    # Other active orders of the patient; None: not looked up yet, as no patient is chosen.
    active_orders: tuple[ActiveOrder, ...] | None = None
    # Daily total in mg that the pharmacy last dispensed for the patient.
    last_dispensed_mg: Decimal | None = None
    # Days of each fill as signed, at approval and before a fill; None at entry.
    signed_fills: tuple[int, ...] | None = None
    # At a refill: percent of the supply before that is used by now.
    percent_used: int | None = None
    stage: Stage = Stage.ENTRY
    # The day whose ranges and rules count; None: today. At approval it is the day of signing.
    formulary_on: date | None = None
