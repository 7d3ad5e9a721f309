"""What a clinical rule says: one finding each, with its level. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256


class Level(StrEnum):
    """INVALID comes only from reading a line of `check_regimen`: forms say it at the field."""

    INVALID = "invalid"
    STOP = "stop"
    NOT_ANSWERED = "not_answered"
    NOT_CHECKED = "not_checked"
    WARN = "warn"
    INFO = "info"

    @property
    def blocks_signing(self) -> bool:
        return self in (Level.INVALID, Level.STOP, Level.NOT_ANSWERED)


class Outcome(StrEnum):
    """The worst level of all findings; info counts as ok."""

    INVALID = "invalid"
    STOP = "stop"
    NOT_ANSWERED = "not_answered"
    NOT_CHECKED = "not_checked"
    WARN = "warn"
    OK = "ok"


class Code(StrEnum):
    """Stored with signed orders: a code is never renamed."""

    # The line of check_regimen cannot be read as a regimen.
    MALFORMED_LINE = "malformed_line"
    KEY_UNKNOWN = "key_unknown"
    KEY_MISSING = "key_missing"
    KEY_TWICE = "key_twice"
    VALUE_NOT_READ = "value_not_read"
    DOSE_NOT_READ = "dose_not_read"
    UNIT_UNKNOWN = "unit_unknown"
    PRODUCT_UNKNOWN = "product_unknown"
    # Product and steps.
    OTHER_DRUG_OR_ROUTE = "other_drug_or_route"
    PRODUCT_RETIRED = "product_retired"
    RANGE_NOT_ON_FILE = "range_not_on_file"
    BELOW_RANGE = "below_range"
    ABOVE_RANGE = "above_range"
    TENFOLD_SUSPECTED = "tenfold_suspected"
    UNIT_SUSPECTED = "unit_suspected"
    FIVEFOLD_CHANGE = "fivefold_change"
    UNIT_MCG = "unit_mcg"
    NOT_REACHABLE = "not_reachable"
    NOT_MEASURABLE = "not_measurable"
    DAYS_DO_NOT_ADD_UP = "days_do_not_add_up"
    TIMING_DOES_NOT_FIT = "timing_does_not_fit"
    # The order form.
    QUESTION_UNANSWERED = "question_unanswered"
    INDICATION_NOT_DOCUMENTED = "indication_not_documented"
    DIAGNOSIS_CODE_DOES_NOT_FIT = "diagnosis_code_does_not_fit"
    DIAGNOSIS_CODE_NOT_CHECKED = "diagnosis_code_not_checked"
    OPIOIDS_NOW = "opioids_now"
    OPIOID_TOO_RECENT = "opioid_too_recent"
    OPIOID_DATE_IN_FUTURE = "opioid_date_in_future"
    OPIOID_CONTRADICTION = "opioid_contradiction"
    OPIOID_FREE_SHORT = "opioid_free_short"
    MEDICINE_NOT_RECOGNISED = "medicine_not_recognised"
    ALLERGIES_NOT_OBTAINED = "allergies_not_obtained"
    CONFIRM_DOSE = "confirm_dose"
    STEPS_NOT_ASCENDING = "steps_not_ascending"
    MANY_UNITS = "many_units"
    REFILL_OF_ENDING_STEP = "refill_of_ending_step"
    PAST_BEYOND_USE = "past_beyond_use"
    EARLY_REFILL = "early_refill"
    ACTIVE_ORDER = "active_order"
    # Other medicines and allergies.
    NALTREXONE_CURRENT = "naltrexone_current"
    NALTREXONE_ALLERGY = "naltrexone_allergy"
    MORPHINAN_ALLERGY = "morphinan_allergy"
    SAMIDORPHAN = "samidorphan"
    RESCUE_KIT = "rescue_kit"
    INTERACTING_MEDICINE = "interacting_medicine"
    # What the patient has.
    LIVER_FAILURE = "liver_failure"
    WITHDRAWAL = "withdrawal"
    FAILED_CHALLENGE = "failed_challenge"
    POSITIVE_SCREEN = "positive_screen"
    LIVER_DISEASE = "liver_disease"
    RENAL_DISEASE = "renal_disease"
    PREGNANT = "pregnant"
    NURSING = "nursing"
    UNDER_AGE = "under_age"
    TRANSPLANT = "transplant"
    PROCEDURE_PLANNED = "procedure_planned"
    THYROID = "thyroid"
    DEPRESSION = "depression"
    IMMUNOSUPPRESSED = "immunosuppressed"
    # Diagnosis.
    DIAGNOSIS_HEADER = "diagnosis_header"
    DIAGNOSIS_CODE_UNKNOWN = "diagnosis_code_unknown"
    BURN_INITIAL_ENCOUNTER = "burn_initial_encounter"
    OBSTRUCTION_NOT_EXCLUDED = "obstruction_not_excluded"
    # Licences and states.
    LICENCE_NOT_HELD = "licence_not_held"
    SHIP_STATE_NOT_LICENSED = "ship_state_not_licensed"
    PORTAL_ORDER_REFUSED = "portal_order_refused"
    PORTAL_ORDER_EXCEPTION = "portal_order_exception"
    SHIP_STATE_NOT_SERVED = "ship_state_not_served"
    SHIP_STATE_NOT_CHECKED = "ship_state_not_checked"
    # A rule itself failed.
    RULE_ERROR = "rule_error"


@dataclass(frozen=True, slots=True)
class Finding:
    """`step` counts from 1, None speaks of the whole. `subject` tells findings of one code and step
    apart: a medicine, a question, a rule. `words` is the dose that a confirmation reads back."""

    code: Code
    level: Level
    text: str
    step: int | None = None
    subject: str = ""
    words: str = ""
    source: str = ""

    @property
    def key(self) -> str:
        """Names this finding again after a recheck: `code`, `code-step` or `code-step-hash`."""
        parts = [str(self.code)]
        if self.step is not None or self.subject:
            parts.append(str(self.step or 0))
        if self.subject:
            parts.append(sha256(self.subject.encode("utf-8", "replace")).hexdigest()[:12])
        return "-".join(parts)


_RANK = [Level.INVALID, Level.STOP, Level.NOT_ANSWERED, Level.NOT_CHECKED, Level.WARN]


def outcome(findings: Iterable[Finding]) -> Outcome:
    """invalid > stop > not_answered > not_checked > warn > ok."""
    levels = {finding.level for finding in findings}
    return next((Outcome(level) for level in _RANK if level in levels), Outcome.OK)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sorted for reading: by level, then by step, in the order the rules gave them."""
    order = list(Level)
    return tuple(sorted(findings, key=lambda f: (order.index(f.level), f.step or 0)))
