from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from formulary.dosing import Regimen
from formulary.facts import Allergies, OpioidClass, OpioidUse, OrderFacts, TreatmentStatus
from formulary.findings import Code, Outcome, outcome
from formulary.order_rules import check_order
from formulary.reference import ReasonKind
from formulary.shipped import shipped_formulary
from tests.formulary.helpers import FORBIDDEN, ON, regimen

INDICATIONS = shipped_formulary().indications
ANSWERED = OrderFacts(
    today=ON,
    treatment=TreatmentStatus.NEW_START,
    opioids=OpioidUse.NEVER,
    medicines=(),
    allergies=Allergies.NONE_KNOWN,
    cautions=(),
    cautions_on=ON,
    birth_date=date(1980, 11, 22),
    sex="female",
    indication=INDICATIONS["psoriasis"],
    diagnosis_code="L40.0",
    seen_state="NC",
    licence_states=("NC",),
    refills=2,
    active_orders=(),
)


def check(found: Regimen | None = None, **changes: Any) -> list[tuple[str, str]]:
    """(code, level) of the findings on an answered form with these changes."""
    facts = replace(ANSWERED, **changes)
    answers = check_order(facts, shipped_formulary(), found or regimen("1.5x14 3x14 4.5x-"))
    assert not any(FORBIDDEN.search(finding.text) for finding in answers)
    return [(str(finding.code), str(finding.level)) for finding in answers]


def after(days: int, kind: OpioidClass | None = OpioidClass.SHORT_ACTING, **more: Any) -> list[Any]:
    return check(
        opioids=OpioidUse.WITHIN_30_DAYS,
        opioid_class=kind,
        opioid_last_use=ON - timedelta(days=days),
        **more,
    )


def test_an_answered_form_with_a_usual_titration_raises_nothing() -> None:
    assert check() == []


def test_recent_opioids_ask_for_kind_and_date() -> None:
    found = check(opioids=OpioidUse.WITHIN_30_DAYS)
    assert found == [("question_unanswered", "not_answered")] * 2


def test_opioids_now_stop() -> None:
    assert check(opioids=OpioidUse.NOW) == [("opioids_now", "stop")]


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (0, [("opioid_too_recent", "stop")]),
        (6, [("opioid_too_recent", "stop")]),
        (7, [("opioid_free_short", "warn")]),
        (10, [("opioid_free_short", "warn")]),
        (11, []),
        (30, []),
    ],
)
def test_short_acting_opioids_need_seven_full_days_and_ten_without_a_word(
    days: int, found: list[Any]
) -> None:
    assert after(days) == found


@pytest.mark.parametrize(
    ("days", "found"),
    [(0, [("opioid_too_recent", "stop")]), (13, [("opioid_too_recent", "stop")]), (14, [])],
)
def test_long_acting_opioids_need_fourteen_days(days: int, found: list[Any]) -> None:
    assert after(days, OpioidClass.LONG_ACTING) == found


def test_the_wash_out_counts_to_the_first_dose() -> None:
    assert after(2, first_dose=ON + timedelta(days=9)) == []
    assert after(2, first_dose=ON + timedelta(days=5)) == [("opioid_free_short", "warn")]
    assert after(2, first_dose=ON - timedelta(days=30)) == [("opioid_too_recent", "stop")]


def test_the_stop_names_the_first_possible_day() -> None:
    facts = replace(
        ANSWERED,
        opioids=OpioidUse.WITHIN_30_DAYS,
        opioid_class=OpioidClass.LONG_ACTING,
        opioid_last_use=date(2026, 11, 20),
    )
    (finding,) = check_order(facts, shipped_formulary())
    assert "December 4, 2026" in finding.text


@pytest.mark.parametrize("kind", [OpioidClass.SHORT_ACTING, OpioidClass.LONG_ACTING, None])
def test_a_last_use_in_the_future_stops(kind: OpioidClass | None) -> None:
    assert ("opioid_date_in_future", "stop") in after(-1, kind)


def test_a_listed_long_acting_opioid_counts_whatever_kind_is_answered() -> None:
    assert ("opioid_too_recent", "stop") in after(10, medicines=("methadone 10 mg",))


def test_an_opioid_taken_now_contradicts_an_answer_of_not_now() -> None:
    assert ("opioid_contradiction", "stop") in after(12, medicines=("oxycodone 5 mg daily",))
    assert after(12, medicines=("naloxegol 25 mg",)) == []


def test_a_last_use_longer_ago_than_the_answer_says_is_named() -> None:
    assert after(30) == []
    assert after(31) == [("opioid_contradiction", "info")]


@pytest.mark.parametrize("name", ["трамадол", "ibuprofen, трамадол", "ibuprofen モルヒネ"])
def test_a_name_in_another_script_is_never_recognised(name: str) -> None:
    assert not shipped_formulary().medicines.recognises(name)


@pytest.mark.parametrize(
    "medicine",
    [
        "oxycodone", "OXYCODONE 5 mg", "Percocet 5/325", "oxycodone/acetaminophen", "Tramadol ER",
        "Tylenol #3", "tylenol with codeine", "acetaminophen-codeine", "methadone", "Suboxone film",
        "buprenorphine patch", "fentanyl patch 25 mcg", "MS-Contin", "ms contin", "Lomotil", "kratom",
        "methylnaltrexone", "Relistor", "Movantik", "naloxegol", "naldemedine", "lofexidine",
        "ｃｏｄｅｉｎｅ", "one codeine tablet at night", "T3s", "Nucynta ER",
    ],
)  # fmt: skip
def test_never_beside_an_opioid_or_a_drug_that_points_to_one_stops(medicine: str) -> None:
    assert ("opioid_contradiction", "stop") in check(medicines=("cetirizine 10 mg", medicine))


@pytest.mark.parametrize(
    "medicines", [(), ("cetirizine 10 mg daily",), ("Vitamin D 1000 units", "metoprolol ER 25 mg")]
)
def test_known_harmless_medicines_raise_nothing(medicines: tuple[str, ...]) -> None:
    assert check(medicines=medicines) == []


@pytest.mark.parametrize(
    "medicine",
    [
        "Foozolam 3 mg", "cetirizine and something", "oxycodonex", "codein", "???", "", "10 mg",
        "tablet", "patch", "Tylenol", "loperamide", "take one at night",
    ],
)  # fmt: skip
def test_a_medicine_on_no_list_is_never_passed_as_checked(medicine: str) -> None:
    found = check(medicines=(medicine,))
    assert found == [("medicine_not_recognised", "not_checked")]


def test_an_opioid_name_is_matched_as_a_whole_word_only() -> None:
    assert check(medicines=("opiumless",)) == [("medicine_not_recognised", "not_checked")]


def test_each_unknown_medicine_is_named_on_its_own() -> None:
    facts = replace(ANSWERED, medicines=("Foo", "Bar", "aspirin"))
    found = check_order(facts, shipped_formulary())
    assert [f.subject for f in found] == ["Foo", "Bar"]
    assert len({f.key for f in found}) == 2


@pytest.mark.parametrize(
    ("slug", "code", "found"),
    [
        ("psoriasis", "L40.0", []),
        ("psoriasis", "L40.50", [("indication_not_documented", "info")]),
        ("alopecia-areata", "L63.1", []),
        ("alopecia-areata", "L63.0", [("indication_not_documented", "info")]),
        ("granuloma-annulare", "L92.0", [("indication_not_documented", "info")]),
        ("dermatomyositis", "M33.90", [("indication_not_documented", "info")]),
        ("hailey-hailey-disease", "Q82.8", []),
        ("burn-injury", "T30.0", []),
        ("burn-injury", "T20.00XD", [("diagnosis_code_not_checked", "not_checked")]),
        ("burn-injury", "T20.00", [("diagnosis_code_does_not_fit", "stop")]),
        ("burn-injury", "T26.00XA", [("diagnosis_code_does_not_fit", "stop")]),
        ("psoriasis", "L80", [("diagnosis_code_does_not_fit", "stop")]),
        ("psoriasis", "l40.0", [("diagnosis_code_does_not_fit", "stop")]),
        ("pruritus", "L29.8", [("diagnosis_code_does_not_fit", "stop")]),
    ],
)
def test_undocumented_conditions_inform_and_codes_must_fit(
    slug: str, code: str, found: list[Any]
) -> None:
    assert check(indication=INDICATIONS[slug], diagnosis_code=code) == found


def test_undocumented_use_never_blocks() -> None:
    facts = replace(ANSWERED, indication=INDICATIONS["granuloma-annulare"], diagnosis_code="L92.0")
    found = check_order(facts, shipped_formulary(), regimen("1.5x14 3x14 4.5x-"))
    assert outcome(found) is Outcome.OK
    assert "off-label" in found[0].text


def test_allergies_that_could_not_be_obtained_are_passed_on() -> None:
    found = check(allergies=Allergies.NOT_OBTAINED)
    assert found == [("allergies_not_obtained", "info")]


@pytest.mark.parametrize("status", list(TreatmentStatus))
@pytest.mark.parametrize(("dose", "high"), [("3", False), ("4.5", True)])
def test_a_start_or_restart_over_3_mg_is_read_back(
    status: TreatmentStatus, dose: str, high: bool
) -> None:
    found = check(regimen(f"{dose}x-"), treatment=status)
    starting = status in (TreatmentStatus.NEW_START, TreatmentStatus.RESTART)
    assert found == ([("confirm_dose", "warn")] if high and starting else [])


def test_the_confirmation_reads_the_dose_back_in_words() -> None:
    shipped = shipped_formulary()
    (finding,) = check_order(ANSWERED, shipped, regimen("4.5x-", "LDN-CAP-4.5"))
    assert finding.code is Code.CONFIRM_DOSE
    assert "four and one half milligrams (4.5 mg) a day" in finding.text
    labels = [reason.label_for(finding) for reason in shipped.answers_to(finding)]
    assert labels[0] == "Yes, four and one half milligrams a day is meant"
    assert not any("{" in label for label in labels)


@pytest.mark.parametrize("code", [Code.CONFIRM_DOSE, Code.FIVEFOLD_CHANGE, Code.UNIT_MCG])
def test_every_warning_has_its_own_coded_reasons_and_the_general_ones(code: Code) -> None:
    shipped = shipped_formulary()
    (finding,) = check_order(ANSWERED, shipped, regimen("4.5x-"))
    answers = shipped.answers_to(replace(finding, code=code))
    assert answers[0].finding == code
    assert {reason.kind for reason in answers} == {ReasonKind.ACKNOWLEDGEMENT}
    assert any(reason.needs_text for reason in answers)


def test_a_not_checked_is_cleared_by_its_own_reasons() -> None:
    shipped = shipped_formulary()
    (finding,) = check_order(replace(ANSWERED, medicines=("Foo",)), shipped)
    answers = shipped.answers_to(finding)
    assert answers[0].code == "medicine_looked_up"
    assert {reason.kind for reason in answers} == {ReasonKind.CLEARANCE}


def test_the_regimen_rules_speak_on_the_form_too() -> None:
    assert ("above_range", "stop") in check(regimen("5.5x-", "LDN-CAP-0.5"))


def test_answers_are_checked_while_the_steps_cannot_be_read() -> None:
    found = check_order(replace(ANSWERED, opioids=OpioidUse.NOW), shipped_formulary(), None)
    assert [finding.code for finding in found] == [Code.OPIOIDS_NOW]
