"""Reading the public files of ICD-10-CM: every code that exists, and nothing of a broken file."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest

from formulary.icd_file import NotARelease, read, release_of, shipped
from formulary.reference import WELL_FORMED_CODE
from tests.formulary.icd_sample import SAMPLE, codes, order_lines

TABULAR = SAMPLE.read_text()


def test_the_tabular_list_gives_headers_and_billable_codes_with_their_points() -> None:
    found = {row.code: row for row in codes()}
    assert len(found) == 74
    assert found["L40.0"].billable
    assert found["L40.0"].label == "Psoriasis vulgaris"
    assert found["L40.0"].other_names == ("Nummular psoriasis", "Plaque psoriasis")
    assert not found["L66.1"].billable
    assert found["L80"].billable
    assert all(WELL_FORMED_CODE.fullmatch(code) for code in found)


def test_seventh_characters_are_inherited_and_gaps_filled_with_x() -> None:
    found = {row.code: row for row in codes()}
    assert not found["T22.011"].billable
    words = "Burn of unspecified degree of right forearm, subsequent encounter"
    assert found["T22.011D"].label == words
    assert found["T22.00XA"].billable
    assert not {"T22A", "T22.0XXA", "T22.01XA"} & set(found), "only the lowest codes are extended"


def test_who_died_of_a_brain_injury_has_no_later_encounter() -> None:
    found = {row.code for row in codes()}
    assert "S06.1X7A" in found
    assert not {"S06.1X7D", "S06.1X7S"} & found
    assert {"S06.1X9A", "S06.1X9D", "S06.1X9S"} <= found


def test_the_shipped_release_holds_exactly_the_codes_of_its_list() -> None:
    path = shipped()
    assert release_of(path.name) == ("2026-04", date(2026, 4, 1))
    with path.open("rb") as file:
        found = {row.code: row.billable for row in read(file)}
    # Chapters and blocks stand in that list too.
    lines = next(path.parent.glob("code-list*.txt")).read_text().split("\n")
    listed = {code for line in lines if len(code := line.split(" ")[0]) > 2 and "-" not in code}
    assert {code.replace(".", "") for code in found} == listed
    assert sum("T20" <= code[:3] <= "T25" and billable for code, billable in found.items()) == 2304


def test_the_order_file_tells_the_same_without_other_names() -> None:
    found = codes("".join(order_lines()).encode())
    assert {(row.code, row.label, row.billable) for row in found} == {
        (row.code, row.label, row.billable) for row in codes()
    }
    assert {row.other_names for row in found} == {None}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        (" \n\n", "is empty"),
        (TABULAR[: len(TABULAR) // 2], "broken or cut off"),
        (TABULAR.replace("</ICD10CM.tabular>", ""), "broken or cut off"),
        ("<html><body>Not found</body></html>", "XML of something else"),
        ("<ICD10CM.tabular/>", "from A to Z"),
        (TABULAR.replace("<name>Z99.89<", "<name>Z99-89<"), "no ICD-10-CM code"),
        (TABULAR.replace("<name>L40.1<", "<name>L40.0<"), "twice"),
        (TABULAR.replace("<desc>Vitiligo</desc>", ""), "no title"),
        (TABULAR.replace(">Vitiligo<", f">{'x' * 301}<"), "no title"),
        (TABULAR.replace(">Vitiligo<", f">{'x' * 30_000}<"), "longer than any release"),
        (TABULAR.replace('char="A"', 'char="AB"', 1), "7th character"),
        (TABULAR.replace("<version>", "<a>" * 60 + "<version>"), "nested deeper"),
        (TABULAR.replace("</version>", "&bomb;</version>"), "broken"),
        (TABULAR.replace('encoding="utf-8"', 'encoding="klingon"'), "broken"),
        (
            TABULAR.replace(
                "<ICD10CM.tabular>",
                '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><ICD10CM.tabular>',
            ),
            "document type",
        ),
        ("LASTNAME,FIRSTNAME\nSAMPLE,ADA\n", "Line 1 is not"),
        ("\x00\x01\x02\x03", "Line 1 is not"),
    ],
)
def test_a_file_that_is_no_whole_release_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(NotARelease, match=says):
        codes(text.encode())


@pytest.mark.parametrize(
    ("keep", "says"),
    [
        (slice(0, 40), "ends at line 40|from A to Z"),
        (slice(1, None), "lines are missing"),
        (slice(0, None, 2), "lines are missing"),
    ],
)
def test_an_order_file_with_lines_missing_is_refused(keep: slice, says: str) -> None:
    with pytest.raises(NotARelease, match=says):
        codes("".join(order_lines()[keep]).encode())


def test_binary_rubbish_is_refused_not_guessed() -> None:
    with pytest.raises(NotARelease):
        list(read(BytesIO(bytes(range(256)) * 50)))


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("icd10cm_tabular_2027.xml", ("2026-10", date(2026, 10, 1))),
        ("icd10cm-order-April-2026.txt", ("2026-04", date(2026, 4, 1))),
        ("icd10c-tabular-April-1-2026.xml", ("2026-04", date(2026, 4, 1))),
        ("codes.xml", None),
    ],
)
def test_a_published_files_name_tells_its_release(
    name: str, release: tuple[str, date] | None
) -> None:
    assert release_of(name) == release
