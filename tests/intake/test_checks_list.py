"""Loading the exclusion list: as published, all of it or nothing."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from threading import Event, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake import leie
from intake.leie import HEADER
from intake.models import CheckPlan, Exclusion, ExclusionList
from intake.services import checks, exclusion_list
from tests.conftest import Cast
from tests.intake import factories

pytestmark = pytest.mark.django_db
Write = Callable[..., Path]


def row(last: str = "SAMPLE", first: str = "ADA", npi: str = "0000000000", **parts: str) -> str:
    """One line of the published shape, every field quoted."""
    fields = dict.fromkeys(HEADER.split(","), "") | {
        "LASTNAME": last,
        "FIRSTNAME": first,
        "NPI": npi,
        "GENERAL": "IND- LIC HC SERV PRO",
        "SPECIALTY": "NURSE/NURSES AIDE",
        "STATE": "NC",
        "EXCLTYPE": "1128a1",
        "EXCLDATE": "20200319",
        "REINDATE": "00000000",
        "WAIVERDATE": "00000000",
    }
    return ",".join(f'"{value}"' for value in (fields | parts).values())


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of these lines, under the header unless another is given."""

    def make(*lines: str, header: str = HEADER, encoding: str = "utf-8", name: str = "l") -> Path:
        file = tmp_path / f"{name}.csv"
        file.write_bytes("".join(f"{line}\r\n" for line in (header, *lines)).encode(encoding))
        return file

    return make


def load(file: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_leie", str(file), *options, stdout=out)
    return out.getvalue()


# --- What is taken in -----------------------------------------------------------------------------
def test_rows_are_stored_as_published(write: Write) -> None:
    said = load(write(row("DE LA CRUZ", "MARY ANN", "1234567893", DOB="19601231", UPIN="B1")))
    stored = Exclusion.objects.get()
    assert (stored.last_name, stored.first_name) == ("DE LA CRUZ", "MARY ANN")
    assert (stored.npi, stored.born, stored.upin) == ("1234567893", "19601231", "B1")
    assert (stored.reinstated_on, stored.waived_on) == ("00000000", "00000000")
    assert "DELACRUZ MARYANN" in stored.name_keys
    assert "Exclusions loaded: 1 rows, the newest of 20200319." in said


@pytest.mark.parametrize(("days", "is_asked"), [(120, True), (30, False)])
def test_whoever_loads_an_old_list_is_asked_about_it(
    write: Write, days: int, is_asked: bool
) -> None:
    newest = f"{timezone.now() - timedelta(days=days):%Y%m%d}"
    said = load(write(row(EXCLDATE="20150101"), row(EXCLDATE=newest), row(EXCLDATE="99999999")))
    assert f"the newest of {newest}" in said
    assert ("Is this the list of this month?" in said) is is_asked


def test_the_list_itself_is_kept_on_record(write: Write) -> None:
    file = write(row(npi="1234567890"), row(), "broken")
    load(file)
    kept = ExclusionList.objects.get()
    assert (kept.rows, kept.bad_npis, kept.malformed, kept.file_name) == (2, 1, 1, "l.csv")
    assert len(kept.sha256) == 64


@pytest.mark.parametrize(
    "npi", ["1234567890", "12345", "ABCDEFGHIJ", "1" * 60, "１２３４５６７８９３"]
)
def test_bad_npis_are_counted_and_the_rows_kept(write: Write, npi: str) -> None:
    said = load(write(row(npi=npi), row(), row(npi="")))
    assert "NPIs that are none: 1." in said
    assert Exclusion.objects.filter(npi=npi).count() == 1


@pytest.mark.parametrize(
    "line",
    [
        "one field",
        row() + ',"one more"',
        '"OPEN,"ADA"' + "," * 16,
        row(last="NUL\0"),
        row(last="L" * 300),
        row(last="L" * 20_000),
        row(last="", first="NOBODY"),
    ],
)
def test_lines_that_are_no_rows_are_counted_and_named(write: Write, line: str) -> None:
    said = load(write(row(), line, row("AFTER")))
    assert "Left out, not readable: 1 (lines 3)." in said
    assert set(Exclusion.objects.values_list("last_name", flat=True)) == {"SAMPLE", "AFTER"}


def test_an_open_quote_spoils_its_own_line_alone(write: Write) -> None:
    load(write(row(), '"' + row("LOST").replace('"', ""), *[row(f"KEPT{n}") for n in range(20)]))
    assert Exclusion.objects.filter(last_name__startswith="KEPT").count() == 20


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_accents_come_through_in_any_encoding(write: Write, encoding: str) -> None:
    load(write(row("PEÑA"), encoding=encoding))
    stored = Exclusion.objects.get()
    assert stored.last_name == "PEÑA"
    assert stored.name_keys == ["PENA ADA"]


def test_businesses_are_found_by_npi_alone(write: Write) -> None:
    load(write(row("", "", "1234567893", BUSNAME='SAMPLE ""CARE"", INC')))
    stored = Exclusion.objects.get()
    assert stored.business_name == 'SAMPLE "CARE", INC'
    assert stored.name_keys == []


def test_empty_lines_and_unquoted_fields_are_read(write: Write) -> None:
    load(write("", row().replace('"', ""), "   "))
    assert Exclusion.objects.get().last_name == "SAMPLE"


# --- What is refused, leaving the old list --------------------------------------------------------
def _is_refused(file: Path, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        load(file)
    assert Exclusion.objects.get().last_name == "OLD"
    assert ExclusionList.objects.count() == 1


@pytest.fixture
def old(write: Write) -> None:
    load(write(row("OLD"), name="old"))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "LASTNAME,FIRSTNAME",
        HEADER + ",MORE",
        HEADER.replace("DOB", "BIRTH"),
        "<html>",
        "PK\x03",
    ],
)
def test_another_header_is_refused(write: Write, old: None, header: str) -> None:
    _is_refused(write(row(), header=header), "empty|first line")


def test_an_empty_file_is_refused(tmp_path: Path, old: None) -> None:
    (tmp_path / "empty").touch()
    _is_refused(tmp_path / "empty", "empty")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, old: None) -> None:
    _is_refused(tmp_path / "nowhere", "No such file")
    _is_refused(tmp_path, "directory")


def test_a_header_without_rows_is_refused(write: Write, old: None) -> None:
    _is_refused(write(), "0 rows")


def test_more_broken_lines_than_rows_are_refused(write: Write, old: None) -> None:
    _is_refused(write(row(), "x", "y"), "not the list")


def test_half_a_list_is_refused_unless_it_is_forced(write: Write) -> None:
    load(write(*[row(f"N{n}") for n in range(10)]))
    half = write(*[row(f"M{n}") for n in range(4)], name="half")
    with pytest.raises(CommandError, match="4 rows, the list there is 10"):
        load(half)
    assert Exclusion.objects.count() == 10
    load(half, "--force")
    assert Exclusion.objects.count() == 4


def test_the_same_file_again_does_not_look_newer(write: Write) -> None:
    file = write(row())
    load(file)
    before = ExclusionList.objects.get().loaded_at
    assert "already" in load(file)
    assert ExclusionList.objects.get().loaded_at == before


def test_a_new_list_replaces_the_old_one(write: Write, old: None) -> None:
    load(write(row("NEW")))
    assert Exclusion.objects.get().last_name == "NEW"
    assert ExclusionList.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_do_not_mix(write: Write) -> None:
    begun, go_on = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            exclusion_list._begin()
            begun.set()
            go_on.wait(5)
        connection.close()

    other = Thread(target=hold)
    other.start()
    begun.wait(5)
    with pytest.raises(CommandError, match="Another import is running"):
        load(write(row()))
    go_on.set()
    other.join()
    load(write(row()))


# --- Size -----------------------------------------------------------------------------------------
def test_the_file_is_never_held_in_memory(write: Write) -> None:
    file = write(*[row(f"NAME{n}") for n in range(8000)])
    tracemalloc.start()
    with file.open("rb") as source:
        count = sum(1 for _ in leie.read(source, leie.Tally()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 8000
    assert peak < file.stat().st_size / 4


def test_the_number_of_statements_does_not_grow_with_the_rows(write: Write) -> None:
    def statements(rows: int) -> int:
        with CaptureQueriesContext(connection) as made:
            load(write(*[row(f"N{n}") for n in range(rows)], name=f"n{rows}"))
        return len(made)

    statements(2)
    assert statements(3) == statements(300)


def test_a_new_list_has_everybody_checked_anew(write: Write, cast: Cast) -> None:
    application = factories.submitted_application(prescribers=2)
    for applicant in application.applicants.all():
        checks.plan(applicant)
    CheckPlan.objects.update(due_at=None)
    load(write(row()))
    planned = CheckPlan.objects.filter(due_at__isnull=False)
    assert planned.filter(applicant__isnull=False).count() == 2
    assert planned.filter(prescriber__isnull=False).count() == 2
    assert timedelta(0) <= checks_spread() <= timedelta(hours=2, minutes=1)


def checks_spread() -> timedelta:
    due = CheckPlan.objects.values_list("due_at", flat=True)
    moments = sorted(moment for moment in due if moment)
    return moments[-1] - moments[0]
