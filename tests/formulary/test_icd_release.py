"""Loading releases of ICD-10-CM one after the other."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from formulary.icd import look_up
from formulary.models import DiagnosisCode, Version
from formulary.reference import CodeStanding
from tests.formulary.icd_sample import SAMPLE, load_sample, order_lines

pytestmark = pytest.mark.django_db
NEXT, LATER = date(2026, 10, 1), date(2027, 4, 1)
TABULAR = SAMPLE.read_text()
VITILIGO = TABULAR[TABULAR.index("      <diag>\n        <name>L80<") :]
VITILIGO = VITILIGO[: VITILIGO.index("</diag>\n") + len("</diag>\n")]


@pytest.fixture(autouse=True)
def sample(db: None) -> None:
    load_sample()


def load(folder: Path, text: str, release: str, starts: date, **options: Any) -> str:
    file, out = folder / "codes.xml", StringIO()
    file.write_text(text)
    call_command("load_icd", file, release=release, starts=starts, stdout=out, **options)
    return out.getvalue()


def stored() -> list[tuple[object, ...]]:
    fields = ("code", "label", "other_names", "billable", "release", "valid_from", "valid_to")
    return list(DiagnosisCode.objects.order_by("code", "valid_from").values_list(*fields))


def test_a_second_load_changes_nothing(tmp_path: Path) -> None:
    before = stored()
    said = load(tmp_path, TABULAR, "2026-04", date(2026, 4, 1))
    assert "74 codes, 46 of them billable. Nothing was changed." in said
    assert stored() == before


def test_a_new_release_ends_brings_back_and_corrects(tmp_path: Path) -> None:
    said = load(
        tmp_path, TABULAR.replace(VITILIGO, "").replace("Pruritus ani", "Itch"), "2026-10", NEXT
    )
    assert "Changed: 1 ended, 1 with another title or other names." in said
    assert look_up("L80", on=date(2026, 9, 30)).standing is CodeStanding.BILLABLE
    gone = look_up("L80", on=NEXT)
    assert (gone.standing, gone.release, gone.ended) == (
        CodeStanding.ENDED, "2026-04", date(2026, 9, 30),
    )  # fmt: skip
    assert (look_up("L29.0", on=NEXT).label, look_up("L29.0", on=NEXT).release) == (
        "Itch", "2026-10",
    )  # fmt: skip
    assert "1 back again" in load(tmp_path, TABULAR, "2027-04", LATER)
    assert look_up("L80", on=LATER).standing is CodeStanding.BILLABLE
    assert look_up("L80", on=date(2027, 1, 1)).standing is CodeStanding.ENDED


def test_a_code_that_becomes_a_header_was_billable_before(tmp_path: Path) -> None:
    below = VITILIGO.replace("L80", "L80.1").replace("Vitiligo", "Vitiligo, acral")
    split = TABULAR.replace(VITILIGO, VITILIGO.replace("</desc>\n", f"</desc>\n{below}"))
    said = load(tmp_path, split, "2026-10", NEXT)
    assert "1 added, 1 now or no longer a header" in said
    assert look_up("L80", on=date(2026, 9, 30)).standing is CodeStanding.BILLABLE
    header = look_up("L80", on=NEXT)
    assert header.standing is CodeStanding.HEADER
    assert [child.code for child in header.children] == ["L80.1"]


def test_a_corrected_file_of_the_same_release_takes_back_what_the_first_did(tmp_path: Path) -> None:
    before = stored()
    load(tmp_path, TABULAR.replace(VITILIGO, ""), "2026-10", NEXT)
    load(tmp_path, TABULAR, "2026-10", NEXT)
    assert [row[:4] + row[5:] for row in stored()] == [row[:4] + row[5:] for row in before]


def test_an_order_file_leaves_the_other_names(tmp_path: Path) -> None:
    load(tmp_path, "".join(order_lines()), "2026-10", NEXT)
    assert "Plaque psoriasis" in DiagnosisCode.objects.get(code="L40.0").other_names


@pytest.mark.parametrize(
    ("text", "starts", "says"),
    [
        (TABULAR[:-200], NEXT, "cut off"),
        (TABULAR.replace("<name>Z99.89<", "<name>Z99.8<"), NEXT, "twice"),
        (TABULAR, date(2025, 10, 1), "is older"),
        ("", NEXT, "empty"),
        (TABULAR.replace("L40", "L41").replace("L66", "L67"), NEXT, "add --force"),
    ],
)
def test_what_is_refused_leaves_every_row_as_it_was(
    tmp_path: Path, text: str, starts: date, says: str
) -> None:
    before = stored()
    with pytest.raises(CommandError, match=says):
        load(tmp_path, text, f"{starts:%Y-%m}", starts)
    assert stored() == before


def test_a_file_that_ends_many_codes_is_taken_when_one_insists(tmp_path: Path) -> None:
    text = TABULAR.replace("L40", "L41").replace("L66", "L67")
    load(tmp_path, text, "2026-10", NEXT, force=True)
    assert look_up("L40.0", on=NEXT).standing is CodeStanding.ENDED


def test_an_older_release_is_refused_also_when_nothing_changed_since(tmp_path: Path) -> None:
    load(tmp_path, TABULAR, "2026-10", NEXT)
    with pytest.raises(CommandError, match="2026-10 is loaded"):
        load(tmp_path, TABULAR, "2026-04", date(2026, 4, 1))


@pytest.mark.parametrize(
    ("arguments", "options", "says"),
    [
        ([], {}, "Name a FILE"),
        ([SAMPLE], {"shipped": True}, "Name a FILE"),
        ([SAMPLE], {}, "tells no release"),
        ([SAMPLE], {"starts": NEXT, "release": "spring"}, "year and month"),
        ([SAMPLE.parent / "none.xml"], {"starts": NEXT}, "No such file"),
        ([SAMPLE.parent], {"starts": NEXT}, "directory"),
    ],
)
def test_the_command_says_what_is_wrong(
    arguments: list[Path], options: dict[str, Any], says: str
) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("load_icd", *arguments, **options)


def test_loaded_codes_are_left_alone_at_the_next_start() -> None:
    before = stored()
    call_command("load_icd", shipped=True, if_empty=True)
    assert stored() == before


def test_a_release_leaves_the_formularys_stamp(tmp_path: Path) -> None:
    stamp = Version.objects.get().stamp
    load(tmp_path, TABULAR.replace("Vitiligo", "Vitiligo (leukoderma)"), "2026-10", NEXT)
    assert Version.objects.get().stamp == stamp
