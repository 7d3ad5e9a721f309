"""Finding diagnosis codes as one types, and what is said of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from formulary.icd import Found, children, look_up, search
from formulary.models import DiagnosisCode
from formulary.reference import CodeStanding, Documented
from formulary.shipped import shipped_formulary
from tests.formulary.icd_sample import STARTS, load_sample

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 22)


@pytest.fixture
def sample(db: None) -> None:
    load_sample()


def found(text: str, limit: int = 10) -> Found:
    return search(text, on=ON, formulary=shipped_formulary(), limit=limit)


def listed(text: str) -> list[str]:
    return [row.code for row in found(text, limit=50).rows]


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("L40.0", "L40.0"),
        ("l400", "L40.0"),
        ("L400", "L40.0"),
        ("  l40.0 ", "L40.0"),
        ("L40.0 Psoriasis vulgaris", "L40.0"),
        ("L40: vulg", "L40.0"),
        ("T22.011d", "T22.011D"),
        ("t22011D", "T22.011D"),
        ("t22.01", "T22.01"),
        ("qa00101", "QA0.0101"),
        ("plaque psor", "L40.0"),
        ("PSOR, plaque", "L40.0"),
        ("psoriasis of the plaque", "L40.0"),
        ("Méniere right", "H81.01"),
        ("meniere's right", "H81.01"),
        ("ménière left", "H81.02"),
        ("labyrinthine", "H81.0"),
        ("forearm subsequent", "T22.011D"),
    ],
)
def test_codes_are_found_by_code_and_by_words_in_any_order(text: str, first: str) -> None:
    assert listed(text)[0] == first


@pytest.mark.usefixtures("sample")
def test_while_one_types_the_list_narrows_and_never_loses_the_code() -> None:
    totals = []
    for end in range(2, len("t22.011d") + 1):
        answer = found("t22.011d"[:end], limit=50)
        assert "T22.011D" in [row.code for row in answer.rows]
        totals.append(answer.total)
    assert totals == sorted(totals, reverse=True)
    assert totals[-1] == 1


@pytest.mark.usefixtures("sample")
def test_a_code_begins_with_its_header_then_follows_its_numbers() -> None:
    assert listed("L66.1") == ["L66.1", "L66.10", "L66.11", "L66.12", "L66.19"]


@pytest.mark.usefixtures("sample")
def test_documented_conditions_come_first_then_the_formularys_others_then_the_rest() -> None:
    rows = found("psoria", limit=50).rows
    places = [row.documented for row in rows if row.billable]
    assert places[0] is Documented.TREATABLE
    assert places == sorted(places, key=lambda said: said is not Documented.TREATABLE)
    assert listed("alopecia")[:2] == ["L63.1", "L66.12"]
    mixed = found("dis", limit=50)
    condition = [bool(row.condition) for row in mixed.rows if row.billable]
    assert condition == sorted(condition, reverse=True)
    assert True in condition
    assert False in condition


@pytest.mark.usefixtures("sample")
def test_a_row_tells_its_condition_and_the_other_name_that_was_typed() -> None:
    (row,) = found("plaque").rows
    assert (row.condition, row.documented) == ("psoriasis", Documented.TREATABLE)
    assert row.other_name == "Plaque psoriasis"
    assert found("vulgaris").rows[0].other_name == ""
    (diabetes,) = found("E11.9").rows
    assert (diabetes.condition, diabetes.documented) == ("", None)


@pytest.mark.usefixtures("sample")
def test_a_header_is_marked_and_brings_its_billable_codes() -> None:
    header = found("L66.1").rows[0]
    assert not header.billable
    assert header.condition == ""
    codes = ["L66.10", "L66.11", "L66.12", "L66.19"]
    assert [child.code for child in header.children] == codes
    assert header.children_total == 4
    assert [child.code for child in children("L66.1", on=ON)] == codes
    assert children("L80", on=ON) == ()


@pytest.mark.usefixtures("sample")
def test_of_many_hits_some_are_shown_and_all_counted() -> None:
    answer = found("l", limit=3)
    assert answer.too_short
    answer = found("psoria", limit=3)
    assert len(answer.rows) == 3
    assert answer.total > 3


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize(
    "text",
    ["'", "\\", "%", "l40' OR 1=1 --", "psor & | ! <-> :*", "((", "\x00psor", "🦴🦴", "_" * 5000,
     "a " * 3000, "L40%", "1e5", "ﬁ", "%(on)s {match}", "\ud800x"],
)  # fmt: skip
def test_no_text_breaks_the_search(text: str) -> None:
    assert found(text).total >= 0
    assert look_up(text, on=ON).standing is CodeStanding.UNKNOWN


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize("text", ["zzz", "psoriasis zzz", "L4099"])
def test_what_is_not_there_is_not_found(text: str) -> None:
    assert found(text) == Found()


@pytest.mark.parametrize("text", ["psoriasis", "L40", "L40 vulg"])
def test_without_codes_nothing_is_loaded(text: str) -> None:
    assert found(text) == Found(loaded=False)
    assert look_up("L40.0", on=ON).standing is CodeStanding.NOT_LOADED


@pytest.mark.usefixtures("sample")
def test_codes_are_in_force_from_the_first_day_to_the_last() -> None:
    DiagnosisCode.objects.filter(code="L80").update(valid_to=ON)
    assert listed("vitiligo") == ["L80"]
    assert look_up("L80", on=ON).standing is CodeStanding.BILLABLE
    DiagnosisCode.objects.filter(code="L80").update(valid_to=date(2026, 11, 21))
    assert listed("vitiligo") == []
    ended = look_up("L80", on=ON)
    assert (ended.standing, ended.label) == (CodeStanding.ENDED, "Vitiligo")
    assert look_up("L40.0", on=STARTS).standing is CodeStanding.BILLABLE
    assert look_up("L40.0", on=date(2026, 3, 31)).standing is CodeStanding.NOT_LOADED


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize(
    ("code", "standing"),
    [
        ("L40.0", CodeStanding.BILLABLE),
        (" l400", CodeStanding.BILLABLE),
        ("t22.011d", CodeStanding.BILLABLE),
        ("L40", CodeStanding.HEADER),
        ("T22.011", CodeStanding.HEADER),
        ("L40.7", CodeStanding.UNKNOWN),
        ("", CodeStanding.UNKNOWN),
    ],
)
def test_a_code_is_looked_up_however_it_is_written(code: str, standing: CodeStanding) -> None:
    assert look_up(code, on=ON).standing is standing


@pytest.mark.usefixtures("sample")
def test_a_search_and_a_look_up_are_one_query_each(
    django_assert_num_queries: Callable[[int], object],
) -> None:
    formulary = shipped_formulary()
    for text in ("psor", "L40", "L40 vulg"):
        with django_assert_num_queries(1):  # type: ignore[attr-defined]
            search(text, on=ON, formulary=formulary)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        look_up("L40", on=ON)


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize(
    "changes",
    [
        {"code": "L400"},
        {"code": "l40.0"},
        {"label": ""},
        {"release": ""},
        {"valid_to": date(2026, 3, 31)},
    ],
)
def test_the_database_refuses_rows_that_are_none(changes: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        DiagnosisCode.objects.filter(code="L40.0").update(**changes)


@pytest.mark.usefixtures("sample")
def test_a_code_means_one_thing_at_a_time() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        DiagnosisCode.objects.create(
            code="L80", label="Vitiligo", billable=True, release="2026-10", valid_from=ON
        )
