"""Beside which field of the order page a finding belongs."""

from __future__ import annotations

from formulary.facts import Question
from formulary.findings import Code, Finding

_STEP_FIELDS = {
    Code.DAYS_DO_NOT_ADD_UP: "days",
    Code.TIMING_DOES_NOT_FIT: "timing",
    Code.OTHER_DRUG_OR_ROUTE: "product",
    Code.PRODUCT_RETIRED: "product",
}
_FIELDS = {
    Code.PRODUCT_RETIRED: "product",
    Code.RANGE_NOT_ON_FILE: "product",
    Code.DAYS_DO_NOT_ADD_UP: "days_supply",
    Code.INDICATION_NOT_DOCUMENTED: "diagnosis",
    Code.DIAGNOSIS_CODE_DOES_NOT_FIT: "diagnosis",
    Code.DIAGNOSIS_CODE_NOT_CHECKED: "icd_code",
    Code.OPIOIDS_NOW: "opioid_use",
    Code.OPIOID_TOO_RECENT: "opioid_last_use",
    Code.OPIOID_DATE_IN_FUTURE: "opioid_last_use",
    Code.OPIOID_FREE_SHORT: "opioid_last_use",
    Code.OPIOID_CONTRADICTION: "medicines",
    Code.MEDICINE_NOT_RECOGNISED: "medicines",
    Code.ALLERGIES_NOT_OBTAINED: "allergies",
    Code.SHIP_STATE_NOT_SERVED: "ship_to",
    Code.SHIP_STATE_NOT_CHECKED: "ship_to",
}
_QUESTIONS = {
    Question.TREATMENT: "treatment_status",
    Question.OPIOIDS: "opioid_use",
    Question.OPIOID_CLASS: "opioid_kind",
    Question.OPIOID_LAST_USE: "opioid_last_use",
    Question.MEDICINES: "medicines_answer",
    Question.ALLERGIES: "allergies",
    Question.INDICATION: "diagnosis",
    Question.DIAGNOSIS_CODE: "icd_code",
}
# Fields that share one place for notes on the page: the note stands under the last of them.
_NOTED_WITH = {"icd_code": "diagnosis", "opioid_kind": "opioid_last_use"}
NOTED = (
    "product", "days_supply", "diagnosis", "allergies", "medicines", "opioid_use",
    "opioid_last_use", "ship_to",
)  # fmt: skip


def field_of(finding: Finding) -> str:
    """The field's name: a step's field when the finding names a step, else the order form's."""
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
    first_of_group = name in {
        "product", "opioid_use", "opioid_last_use", "allergies", "treatment_status",
        "medicines_answer", "ship_to",
    }  # fmt: skip
    return f"id_{name}_0" if first_of_group else f"id_{name}"


def note_of(finding: Finding) -> str:
    """The place for notes: `step-2`, or a name of NOTED."""
    if finding.step is not None:
        return f"step-{finding.step}"
    name = field_of(finding)
    return _NOTED_WITH.get(name, name)
