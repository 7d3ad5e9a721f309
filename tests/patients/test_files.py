"""Reading a list: its characters, its header, its rows; and one row by the rules of the order form."""

from __future__ import annotations

from datetime import date

import pytest

from orders.forms.patient_rows import Judging, typed_day
from orders.patient_files import NotAList, read
from orders.services.patient_imports import Listed
from tests.orders.corpus import text
from tests.patients.lists import HEADER, SAMPLE, people, row

judge = Judging()
RIGHT = dict(zip(
    ("family_name", "given_name", "birth_date", "sex", "address", "city", "state", "zip_code",
     "phone"),
    ("Sampleton", "Rosa", "Nov 22 1980", "Female", "12 Example Road", "Sampleton", "NC", "27514",
     "555-555-0123"),
    strict=True,
))  # fmt: skip


def test_the_sample_is_read_and_each_of_its_rows_is_right() -> None:
    table = read(SAMPLE.encode(), "utf-8")
    assert len(table.rows) == 2
    assert all(isinstance(judge(row), Listed) for row in table.rows)
    assert all(field for _, field in table.columns)


@pytest.mark.parametrize(
    ("content", "encoding", "words"),
    [
        (b"PK\x03\x04workbook", "utf-8", "workbook"),
        (b"\xd0\xcf\x11\xe0old workbook", "cp1252", "workbook"),
        ("naïve".encode("utf-16"), "utf-8", "not plain CSV text"),
        (b"a\0b", "utf-8", "not plain CSV text"),
        (f"{HEADER}\nPeña".encode("cp1252"), "utf-8", "Line 2 holds a character that is not UTF-8"),
        (f"{HEADER}\nPeña".encode(), "cp1252", "choose UTF-8"),
        (b"\x81\x8d", "cp1252", "not Windows-1252"),
        (b"Name,Born\nA,B", "utf-8", "Missing: Family name"),
        (f"{HEADER},Last\n".encode(), "utf-8", "Two columns are named Family name"),
        (f"{HEADER}\n\n , ,\n".encode(), "utf-8", "no patients below it"),
        (people([row()] * 501), "utf-8", "501 rows"),
        (f"{HEADER}\n{row()},one,more".encode(), "utf-8", "more cells than the header"),
        (b'"' + b"x" * 200_000, "utf-8", "cannot be read as CSV"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_told_what_to_do(content: bytes, encoding: str, words: str) -> None:
    with pytest.raises(NotAList, match=words):
        read(content, encoding)


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_headers_of_other_programs_are_known(between: str) -> None:
    headers = ["Last Name", "FIRST_NAME", "DOB", "Gender", "Address 1", "Town", "ST", "Zip",
               "Tel.", "MRN"]  # fmt: skip
    cells = ["Sampleton", "Rosa", "11/22/1980", "f", "12 Example Road", "Sampleton", "nc", "27514",
             "5555550123", "77"]  # fmt: skip
    table = read("\r\n".join(between.join(line) for line in (headers, cells)).encode(), "utf-8")
    assert [field for _, field in table.columns][:2] == ["family_name", "given_name"]
    assert table.columns[-1] == ("MRN", "")
    found = judge(table.rows[0])
    assert isinstance(found, Listed)
    assert (found.person.sex, found.person.state) == ("female", "NC")


def test_both_kinds_of_characters_arrive_as_they_are() -> None:
    listed = f"{HEADER}\n{row(family_name='Peña')}"
    for content, encoding in (
        (listed.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + listed.encode(), "cp1252"),
        (listed.encode("cp1252"), "cp1252"),
    ):
        assert read(content, encoding).rows[0]["family_name"] == "Peña"


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("1980-11-22", date(1980, 11, 22)), ("11/22/1980", date(1980, 11, 22)),
        ("Nov 22, 1980", date(1980, 11, 22)), ("november 2 1980", date(1980, 11, 2)),
        ("11/22/80", None), ("22/11/1980", None), ("22.11.1980", None), ("", None),
        ("1980-02-30", None), ("١٩٨٠-11-22", None),
    ],
)  # fmt: skip
def test_days_are_read_month_first_and_never_guessed(said: str, day: date | None) -> None:
    assert typed_day(said) == day


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        *(("family_name", value) for value in ["", "12", *text(60)[:6]]),
        *(("birth_date", value) for value in ["", "soon", "11/22/2980", "11/22/1780"]),
        *(("sex", value) for value in ["", "q", "female or male"]),
        *(("state", value) for value in ["", "ZZ", "Nowhere"]),
        *(("zip_code", value) for value in ["", "1234", "２７５１４"]),
        *(("phone", value) for value in ["", "123", "+44 20 7946 0000"]),
    ],
)  # fmt: skip
def test_a_row_is_refused_field_by_field(field: str, bad: str) -> None:
    found = judge(RIGHT | {field: bad})
    assert isinstance(found, dict)
    assert list(found) == [field]


def test_allergies_come_with_the_day_they_were_asked() -> None:
    listed = judge(RIGHT | {"allergies": "Latex", "allergies_on": "10/01/2026"})
    none = judge(RIGHT | {"allergies": "none known", "allergies_on": "10/01/2026"})
    assert isinstance(listed, Listed)
    assert isinstance(none, Listed)
    assert listed.allergies["allergies_text"] == "Latex"
    assert none.allergies == {
        "allergies": "none_known", "allergies_text": "", "allergies_on": date(2026, 10, 1),
    }  # fmt: skip
    assert list(judge(RIGHT | {"allergies": "Latex"})) == ["allergies_on"]  # type: ignore[arg-type]
    assert list(judge(RIGHT | {"allergies_on": "10/01/2026"})) == ["allergies"]  # type: ignore[arg-type]


def test_a_formula_is_text_and_stays_text() -> None:
    found = judge(RIGHT | {"given_name": "=HYPERLINK(A1)"})
    assert isinstance(found, Listed)
    assert found.person.given_name == "=HYPERLINK(A1)"
