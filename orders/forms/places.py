"""Beside which field of the order page a finding belongs."""

from __future__ import annotations

from collections.abc import Iterable

from django.forms import BoundField

from formulary.facts import Question
from formulary.findings import Code, Finding

_STEP_FIELDS: dict[str, str] = {
    "days_do_not_add_up": "days",
    "timing_does_not_fit": "timing",
    "other_drug_or_route": "product",
    "product_retired": "product",
    "many_units": "product",
}
# By the stored names of the codes.
_FIELDS: dict[str, str] = {
    "product_retired": "product",
    "range_not_on_file": "product",
    "days_do_not_add_up": "days_supply",
    "past_beyond_use": "days_supply",
    "refill_of_ending_step": "refills",
    "early_refill": "treatment_status",
    "active_order": "treatment_status",
    "indication_not_documented": "diagnosis_search",
    "diagnosis_code_does_not_fit": "diagnosis_search",
    "diagnosis_header": "diagnosis_search",
    "diagnosis_code_not_checked": "diagnosis_search",
    "diagnosis_code_unknown": "diagnosis_search",
    "burn_initial_encounter": "diagnosis_search",
    "obstruction_not_excluded": "obstruction_excluded",
    "under_age": "weight_kg",
    "opioids_now": "opioid_use",
    "opioid_too_recent": "opioid_last_use",
    "opioid_date_in_future": "opioid_last_use",
    "opioid_free_short": "opioid_last_use",
    "opioid_contradiction": "medicines",
    "medicine_not_recognised": "medicines",
    "samidorphan": "medicines",
    "interacting_medicine": "medicines",
    "naltrexone_current": "naltrexone_last_dose",
    "allergies_not_obtained": "allergies",
    "naltrexone_allergy": "allergies",
    "procedure_planned": "procedure_on",
    "ship_state_not_served": "ship_to",
    "ship_state_not_checked": "ship_to",
    "ship_state_not_licensed": "ship_to",
    "licence_not_held": "seen_where",
    "portal_order_refused": "seen_where",
    "portal_order_exception": "seen_where",
} | dict.fromkeys(
    (
        "liver_failure", "withdrawal", "failed_challenge", "positive_screen", "liver_disease",
        "renal_disease", "pregnant", "nursing", "transplant", "morphinan_allergy", "rescue_kit",
        "thyroid", "depression", "immunosuppressed",
    ),
    "cautions",
)  # fmt: skip
_QUESTIONS = {
    Question.TREATMENT: "treatment_status",
    Question.OPIOIDS: "opioid_use",
    Question.OPIOID_CLASS: "opioid_kind",
    Question.OPIOID_LAST_USE: "opioid_last_use",
    Question.MEDICINES: "medicines_answer",
    Question.NALTREXONE_LAST_DOSE: "naltrexone_last_dose",
    Question.ALLERGIES: "allergies",
    Question.CAUTIONS: "cautions",
    Question.PROCEDURE_ON: "procedure_on",
    Question.WEIGHT: "weight_kg",
    Question.INDICATION: "diagnosis_search",
    Question.DIAGNOSIS_CODE: "diagnosis_search",
    Question.OBSTRUCTION: "obstruction_excluded",
    Question.SEEN_STATE: "seen_where",
    Question.SUPERVISOR: "supervision",
}
_GROUPS = frozenset({
    "product", "opioid_use", "opioid_last_use", "allergies", "treatment_status",
    "medicines_answer", "ship_to", "cautions", "procedure_on", "naltrexone_last_dose",
    "seen_where", "obstruction_excluded", "effective_on",
})  # fmt: skip
# Fields that share one place for notes on the page: the note stands under the last of them.
_NOTED_WITH = {
    "opioid_kind": "opioid_last_use",
    "medicines_answer": "medicines",
    "procedure_on": "cautions",
}
NOTED = (
    "product", "days_supply", "refills", "treatment_status", "diagnosis_search",
    "obstruction_excluded", "weight_kg", "allergies", "medicines", "naltrexone_last_dose",
    "cautions", "opioid_use", "opioid_last_use", "seen_where", "supervision", "ship_to",
)  # fmt: skip


def field_of(finding: Finding) -> str:
    """The field's name: a step's field when the finding names a step, else one of the page's forms."""
    if finding.step is not None:
        return _STEP_FIELDS.get(finding.code, "dose")
    if finding.code is Code.QUESTION_UNANSWERED:
        return _QUESTIONS[Question(finding.subject)]
    return _FIELDS.get(finding.code, "product")


def control_of(finding: Finding) -> str:
    """The id of the control to change, for a link."""
    name = field_of(finding)
    if finding.step is not None:
        return f"id_steps-{finding.step - 1}-{name}"
    return f"id_{name}_0" if name in _GROUPS else f"id_{name}"


def note_of(finding: Finding) -> str:
    """The place for notes: `step-2`, or a name of NOTED."""
    if finding.step is not None:
        return f"step-{finding.step}"
    name = field_of(finding)
    return _NOTED_WITH.get(name, name)


def control_id(field: BoundField) -> str:
    """The id of the control; of a group, that of its first control."""
    return field.id_for_label or f"{field.auto_id}_0"


def problems_of(fields: Iterable[BoundField]) -> list[tuple[str, str]]:
    """(control id, message) of every error of these fields."""
    return [(control_id(field), str(text)) for field in fields for text in field.errors]
