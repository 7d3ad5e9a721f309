"""The landing page and the pages of conditions: every figure and state comes from a row."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from formulary.models import DocumentedRange, Indication, ShipState
from formulary.shipped import shipped_formulary
from tests.conftest import Cast
from tests.intake.questions import client_of
from tests.ui.html import Page, text

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(autouse=True)
def rows(formulary: None) -> None:
    """The shipped formulary."""


def page(url: str = "/") -> Page:
    answer = client_of().get(url)
    assert answer.status_code == 200
    return Page(answer.content.decode())


def words(url: str = "/") -> str:
    return text(page(url).one("main"))


# --- The landing page -----------------------------------------------------------------------------
def test_the_landing_page_says_who_it_is_for_whom_and_what_it_does() -> None:
    said = words()
    assert "Scruple Compounding Pharmacy · 503A compounding pharmacy" in said
    assert "For prescribers and their staff" in said
    assert "(555) 555-0100" in said
    assert "it does not take orders from patients" in said
    steps = page().all("ol")[0]
    assert len(steps) == 3


def test_the_landing_page_says_who_answers_and_how_fast() -> None:
    said = words()
    assert "urgent orders within 4 hours, all others within 24" in said
    assert "A pharmacist answers by e-mail, as a rule within 2 business days" in said
    assert "Reviewed within 1 to 3 business days" in said


def test_the_landing_page_has_three_doors_and_one_first_button() -> None:
    shown = page()
    doors = shown.all(class_="doors")[0]
    links = {text(a): a.get("href") for a in doors.iter("a")}
    assert links == {
        "Open an account": "/apply/",
        "Place an order": "/sign-in/",
        "Ask a pharmacist": "/questions/ask/",
    }
    assert [text(a) for a in shown.all("a", class_="btn-primary")] == ["Open an account"]


def test_the_range_and_its_source_are_those_of_the_row_in_force() -> None:
    shipped = DocumentedRange.objects.get()
    assert "0.5 mg to 5 mg a day, by mouth" in words()
    assert shipped.source in words()
    today = timezone.localdate()
    DocumentedRange.objects.update(ends=today - timedelta(days=1))
    assert "No documented range is on file today" in words()
    DocumentedRange.objects.create(
        drug=shipped.drug,
        route=shipped.route,
        min_mg=Decimal("0.5"),
        max_mg=Decimal("4"),
        source="A newer source",
        starts=today,
    )
    assert "0.5 mg to 4 mg a day" in words()
    assert "A newer source" in words()
    assert "5 mg a day" not in words()


def test_every_condition_stands_on_the_landing_page_with_what_is_missing() -> None:
    shown = page()
    entries = [li for ul in shown.all(class_="condition-list") for li in ul.iter("li")]
    items = {text(next(li.iter("a"))): text(li) for li in entries}
    assert items["Psoriasis"] == "Psoriasis 4.5 mg daily · About three months · Case data"
    assert items["Pruritus"] == "Pruritus Not documented: dose, time to effect, evidence"
    links = {a.get("href") for a in shown.all("a")}
    assert {f"/conditions/{slug}/" for slug in shipped_formulary().indications} <= links


def test_the_ship_states_are_those_whose_licence_holds_today() -> None:
    assert [text(li) for li in page().one(class_="state-list")] == [
        "Georgia", "North Carolina", "South Carolina", "Tennessee", "Virginia",
    ]  # fmt: skip
    ShipState.objects.filter(state="GA").update(active=False)
    ShipState.objects.filter(state="VA").update(since=timezone.localdate() + timedelta(days=1))
    assert [text(li) for li in page().one(class_="state-list")] == [
        "North Carolina", "South Carolina", "Tennessee",
    ]  # fmt: skip
    ShipState.objects.all().delete()
    assert "ask about your state" in words()


def test_members_are_led_to_their_work_instead(cast: Cast) -> None:
    assert client_of(cast.ada).get("/").headers["Location"] == "/orders/"
    assert client_of(cast.phil).get("/").headers["Location"] == "/queue/"


def statements(url: str) -> int:
    with CaptureQueriesContext(connection) as found:
        client_of().get(url)
    return len(found)


@pytest.mark.parametrize("url", ["/", "/conditions/"])
def test_pages_cost_the_same_statements_with_2_and_with_200_conditions(url: str) -> None:
    few = Indication.objects.order_by("pk")[:2].values_list("pk", flat=True)
    Indication.objects.exclude(pk__in=list(few)).delete()
    before = statements(url)
    Indication.objects.bulk_create(
        Indication(
            slug=f"sample-{n}",
            name=f"Sample {n}",
            documented="treatable",
            text="x",
            source="A source",
            reviewed=date(2026, 11, 22),
        )
        for n in range(198)
    )
    assert Indication.objects.count() == 200
    assert statements(url) == before <= 4


# --- A condition ----------------------------------------------------------------------------------
@pytest.mark.parametrize("slug", sorted(shipped_formulary().indications))
def test_each_condition_has_a_page_with_its_codes_sources_and_day_of_review(slug: str) -> None:
    row = shipped_formulary().indications[slug]
    said = words(f"/conditions/{slug}/")
    assert row.name in said
    assert f"Last reviewed by a pharmacist on {row.reviewed:%b} {row.reviewed.day}" in said
    for code in row.codes:
        assert code.code in said
        assert code.label in said
    for part in (
        row.documented_dose, row.time_to_effect, row.evidence, row.not_documented, row.cautions,
        row.elsewhere, row.further_sources, row.source,
    ):  # fmt: skip
        assert part in said
    blank = [row.documented_dose, row.time_to_effect, row.evidence].count("")
    facts = page(f"/conditions/{slug}/").all("dd", class_="absent")
    assert [text(dd) for dd in facts] == ["Not documented"] * blank
    assert "off-label for every skin use" in said
    assert "Compounded medicines are not reviewed by the FDA" in said
    assert "for prescribers" in said


def test_granuloma_annulare_says_that_it_is_not_documented() -> None:
    said = words("/conditions/granuloma-annulare/")
    assert said.startswith("All conditions Low dose naltrexone, off-label Granuloma annulare")
    assert said.count("Not documented") == 4
    assert "Reported elsewhere, not in the article One case report" in said
    assert "SKIN: The Journal of Cutaneous Medicine, 2023" in said


def test_a_code_that_differs_from_its_condition_says_so() -> None:
    shown = page("/conditions/alopecia-areata/")
    rows = {text(tr.find("th")): text(tr) for tr in shown.one("tbody")}  # type: ignore[arg-type]
    assert "Evidence called emergent" in rows["L63.1"]
    assert "Evidence called emergent" not in rows["L63.0"]
    burns = words("/conditions/burn-injury/")
    assert "T20…" in burns
    assert "full codes of 7 characters" in burns


def test_a_page_repeats_its_row_and_nothing_else() -> None:
    Indication.objects.filter(slug="psoriasis").update(
        documented_dose="Words of the row", time_to_effect=""
    )
    shown = page("/conditions/psoriasis/")
    facts = [text(dd) for dd in shown.all("dl", class_="facts")[0].iter("dd")]
    assert facts == ["Words of the row", "Not documented", "Case data"]
    assert "4.5 mg daily" not in text(shown.one("main"))


def test_what_a_row_says_is_escaped() -> None:
    Indication.objects.filter(slug="psoriasis").update(evidence="<script>alert(1)</script>")
    html = client_of().get("/conditions/psoriasis/").content.decode()
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html


@pytest.mark.parametrize("slug", ["nothing", "psoriasis-", "PSORIASIS", "a" * 500, "a%00b", "0"])
def test_an_unknown_condition_is_404(slug: str) -> None:
    assert client_of().get(f"/conditions/{slug}/").status_code == 404


def test_a_retired_condition_is_404_and_off_the_lists() -> None:
    Indication.objects.filter(slug="psoriasis").update(active=False)
    assert client_of().get("/conditions/psoriasis/").status_code == 404
    assert "Psoriasis" not in words()
    assert "Psoriasis" not in words("/conditions/")


def test_what_is_reported_elsewhere_names_its_source() -> None:
    row = Indication.objects.get(slug="psoriasis")
    row.elsewhere = "Something."
    with pytest.raises(Exception, match="what_is_reported_elsewhere_names_its_source"):
        row.save()


def test_no_template_for_strangers_holds_a_clinical_figure() -> None:
    shown = [ROOT / "templates" / "home.html"]
    for folder in ("public", "questions"):
        shown += sorted((ROOT / "templates" / folder).glob("*.html"))
    assert len(shown) > 10
    for path in shown:
        assert not re.search(r"\d\s*(?:&nbsp;)?\s*(?:mg|mcg|mL|percent|%\s)", path.read_text()), (
            path
        )
