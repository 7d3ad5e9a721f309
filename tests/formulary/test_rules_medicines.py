"""How typed medicines and allergies are read, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from formulary.facts import Allergies, Caution, Stage
from formulary.findings import Code, Finding, Level
from formulary.order_rules import check_order
from formulary.order_rules.listed import Strength, read_medicine
from formulary.reference import MedicineKind
from formulary.shipped import shipped_formulary
from tests.formulary.helpers import ON, regimen
from tests.formulary.test_order_rules import ANSWERED

SHIPPED = shipped_formulary()
LOW, FULL, DEPOT = Strength.LOW, Strength.FULL, Strength.DEPOT


def check(**changes: Any) -> list[Finding]:
    facts = replace(ANSWERED, **changes)
    return list(check_order(facts, SHIPPED, regimen("1.5x14 3x14 4.5x-")))


def codes(**changes: Any) -> list[tuple[str, str]]:
    return [(str(f.code), str(f.level)) for f in check(**changes)]


@pytest.mark.parametrize(
    ("typed", "strength"),
    [
        ("ReVia", FULL), ("Contrave 8/90", FULL), ("naltrexone", FULL), ("naltrexone 50 mg", FULL),
        ("Naltrexone HCl 50mg tab", FULL), ("naltrexone 25 mg, half a tablet", FULL),
        ("naltrexone 1/2 tablet of 50 mg", FULL), ("naltrexone 5.5 mg", FULL),
        ("naltrexone 4.5", FULL), ("naltrexone 4,5 mg", FULL), ("LDN 50 mg", FULL),
        ("naltrexone/bupropion 8 mg/90 mg", FULL), ("naltrexone 1 tablet daily", FULL),
        ("LDN", LOW), ("LDN 4.5 mg", LOW), ("low-dose naltrexone", LOW), ("naltrexone 4.5 mg", LOW),
        ("4.5 mg naltrexone at bedtime", LOW), ("NALTREXONE 5 mg", LOW), ("naltrexone 4500 mcg", LOW),
        ("naltrexone 1 mg/mL", LOW), ("naltrexone 4.5 mg with bupropion 150 mg", LOW),
        ("Vivitrol", DEPOT), ("naltrexone ER injection", DEPOT), ("Vivitrol 380 mg monthly", DEPOT),
        ("methylnaltrexone", None), ("naloxone", None), ("Embeda", None), ("cetirizine", None),
    ],
)  # fmt: skip
def test_naltrexone_is_low_only_when_it_says_so(typed: str, strength: Strength | None) -> None:
    assert read_medicine(typed, SHIPPED, ON).naltrexone is strength


def test_without_a_documented_range_no_strength_counts_as_low() -> None:
    unknown = replace(SHIPPED, ranges=())
    assert read_medicine("naltrexone 4.5 mg", unknown, ON).naltrexone is FULL
    assert read_medicine("LDN", unknown, ON).naltrexone is LOW


@pytest.mark.parametrize("typed", ["Suboxone film", "buprenorphine and naloxone", "Zubsolv 5.7 mg"])
def test_naloxone_inside_an_opioid_is_an_opioid_and_no_rescue_kit(typed: str) -> None:
    assert codes(medicines=(typed,)) == [("opioid_contradiction", "stop")]


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("Targiniq ER", MedicineKind.OPIOID_LONG),
        ("oxycodone/naloxone", MedicineKind.OPIOID_SHORT),
        ("pentazocine/naloxone", MedicineKind.OPIOID_SHORT),
        ("naloxone nasal spray", None),
    ],
)
def test_what_holds_an_opioid_stays_one(typed: str, kind: MedicineKind | None) -> None:
    assert read_medicine(typed, SHIPPED, ON).opioid is kind


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Lybalvi 10/10", "samidorphan"),
        ("olanzapine and samidorphan 10 mg", "samidorphan"),
        ("Narcan nasal spray", "rescue_kit"),
        ("nalmefene", "rescue_kit"),
        ("disulfiram 250 mg", "interacting_medicine"),
        ("thioridazine", "interacting_medicine"),
    ],
)
def test_a_listed_medicine_is_a_warning_of_its_kind(name: str, code: str) -> None:
    assert codes(medicines=("cetirizine", name)) == [(code, "warn")]


def test_two_of_a_kind_are_one_warning() -> None:
    (finding,) = check(medicines=("disulfiram", "thioridazine"))
    assert "disulfiram and thioridazine" in finding.text
    both = check(medicines=("Narcan",), cautions=(Caution.RESCUE_KIT,))
    assert [f.code for f in both] == [Code.RESCUE_KIT]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("levothyroxine 50 mcg", "thyroid"),
        ("Armour Thyroid", "thyroid"),
        ("sertraline 50 mg", "depression"),
        ("bupropion XL 150 mg", "depression"),
        ("methotrexate weekly", "immunosuppressed"),
        ("Dupixent", "immunosuppressed"),
    ],
)
def test_what_calls_for_counselling_alone_is_told(name: str, code: str) -> None:
    (finding,) = check(medicines=(name,))
    assert (finding.code, finding.level) == (code, Level.INFO)
    assert "Counsel:" in finding.text
    assert name in finding.text


def test_a_low_dose_of_naltrexone_among_the_medicines_says_nothing() -> None:
    assert codes(medicines=("LDN 4.5 mg",)) == []


@pytest.mark.parametrize(
    ("name", "days", "stops"),
    [
        ("ReVia 50 mg", 0, True), ("ReVia 50 mg", 1, False), ("ReVia 50 mg", -3, True),
        ("Vivitrol", 27, True), ("Vivitrol", 28, False),
    ],
)  # fmt: skip
def test_full_strength_naltrexone_stops_until_its_last_dose_lies_before(
    name: str, days: int, stops: bool
) -> None:
    found = codes(medicines=(name,), naltrexone_last_dose=ON - timedelta(days=days))
    assert found == ([("naltrexone_current", "stop")] if stops else [])


def test_its_last_dose_counts_to_the_first_dose_of_the_order() -> None:
    last, first = ON + timedelta(days=2), ON + timedelta(days=3)
    assert codes(medicines=("ReVia",), naltrexone_last_dose=last, first_dose=first) == []
    (stop,) = check(medicines=("Vivitrol",), naltrexone_last_dose=date(2026, 11, 1))
    assert "November 29, 2026 or later" in stop.text


def test_without_a_last_dose_it_stops_and_asks() -> None:
    found = check(medicines=("naltrexone",))
    assert [f.code for f in found] == [Code.QUESTION_UNANSWERED, Code.NALTREXONE_CURRENT]
    assert "write the strength in mg" in found[1].text


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("peanuts", "latex", "yellow dye 5"), []),
        (("naltrexone",), [("naltrexone_allergy", "stop")]),
        (("Vivitrol: rash",), [("naltrexone_allergy", "stop")]),
        (("LDN",), [("naltrexone_allergy", "stop")]),
        (("naltrexone and morphine",), [("naltrexone_allergy", "stop"), ("morphinan_allergy", "warn")]),
        (("codeine", "penicillin"), [("morphinan_allergy", "warn")]),
        (("naloxone",), [("morphinan_allergy", "warn")]),
        (("Suboxone",), [("morphinan_allergy", "warn")]),
        (("samidorphan",), [("morphinan_allergy", "warn")]),
    ],
)  # fmt: skip
def test_allergies_are_compared_with_naltrexone_and_its_kin(
    names: tuple[str, ...], found: list[Any]
) -> None:
    assert codes(allergies=Allergies.LISTED, allergy_names=names) == found


def test_names_left_over_from_another_answer_are_no_allergies() -> None:
    assert codes(allergies=Allergies.NONE_KNOWN, allergy_names=("naltrexone",)) == []


def test_unknown_allergies_block_the_fill_and_not_the_order() -> None:
    answer = {"allergies": Allergies.NOT_OBTAINED}
    assert codes(**answer) == [("allergies_not_obtained", "info")]
    assert codes(**answer, stage=Stage.APPROVAL) == [("allergies_not_obtained", "info")]
    assert codes(**answer, stage=Stage.FILL) == [("allergies_not_obtained", "stop")]


@pytest.mark.parametrize(
    "typed",
    [
        "Lipitor 20 mg daily", "metformin 500 mg twice daily with meals", "Humira pen", "Ozempic 1 mg",
        "vitamin D3 2000 IU", "insulin glargine 10 units at bedtime", "potassium chloride ER 20 mEq",
        "Flonase nasal spray", "amoxicillin/clavulanate", "Retin-A cream at night", "HCTZ 25 mg po",
    ],
)  # fmt: skip
def test_common_medicines_are_recognised(typed: str) -> None:
    unknown = [f.subject for f in check(medicines=(typed,)) if f.level is Level.NOT_CHECKED]
    assert unknown == []
