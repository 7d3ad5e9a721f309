"""Rules F19, F22–F24, F29–F31, F34, Q02, Q07, Q21: the parts of clinical pages."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.ui.html import Page, component, text

LINE = {
    "name": "naltrexone",
    "strength": "1.5 mg",
    "form": "capsule",
    "amount": "4.5",
    "unit": "mg",
    "route": "by mouth",
    "frequency": "at bedtime",
}
PATIENT = {
    "family": "Sample",
    "given": "María",
    "born": date(1980, 11, 22),
    "sex": "Female",
    "record_no": "P-10442",
    "allergy_status": "none_known",
    "allergies": "",
}


def test_a_dose_line_keeps_the_order_and_prints_name_and_amount_bold() -> None:
    page = component("dose_line", line=LINE)
    line = page.one("p")
    assert text(line) == "naltrexone 1.5 mg capsule DOSE 4.5 mg by mouth at bedtime"
    assert [text(strong) for strong in page.all("strong")] == ["naltrexone", "4.5 mg"]


def test_an_amount_never_leaves_its_unit_nor_its_label() -> None:
    amount = component("dose_line", line=LINE).one(class_="dose-amount")
    assert "".join(amount.itertext()) == "DOSE\u00a04.5\u00a0mg"


def test_a_liquid_names_mg_and_ml_without_a_slash() -> None:
    liquid = LINE | {"strength": "1 mg per mL", "form": "oral liquid", "volume": "4.5"}
    words = text(component("dose_line", line=liquid).one("p"))
    assert "DOSE 4.5 mg in 4.5 mL by mouth" in words
    assert "/" not in words


def test_the_patient_banner_names_the_patient_in_the_fixed_form() -> None:
    page = component("patient_banner", patient=PATIENT)
    assert page.one("section").get("aria-label") == "Patient"
    assert text(page.one(class_="patient-name")) == "SAMPLE, María"
    assert text(page.all("dd")[0]).startswith("Nov 22, 1980 (")
    assert page.one("time").get("datetime") == "1980-11-22"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("listed", "Known allergies lactose"),
        ("none_known", "Allergies No known allergies"),
        ("not_obtained", "Allergies Could not be obtained: pharmacy asks"),
        ("", "Allergies Not recorded"),
    ],
)
def test_allergies_are_one_of_four_texts(status: str, says: str) -> None:
    known = {"allergy_status": status, "allergies": "lactose" if status == "listed" else ""}
    item = component("patient_banner", patient=PATIENT | known).one(class_="patient-allergies")
    assert text(item) == says
    assert ("patient-allergic" in item.get("class", "")) == (status == "listed")


def test_what_is_not_known_is_said_not_left_blank() -> None:
    page = component("patient_banner", patient={"family": "Sample", "given": "M."})
    assert [text(dd) for dd in page.all("dd")] == ["Not recorded"] * 4


def marks(page: Page) -> tuple[str, str]:
    """The drawing and the first bold word of a finding."""
    return page.all("path")[0].get("d", ""), text(page.all("strong")[0])


def test_the_five_levels_differ_in_word_icon_and_class() -> None:
    levels = ("stop", "warn", "info", "not_answered", "not_checked")
    pages = [component("finding", finding={"level": lv, "text": "Text."}) for lv in levels]
    assert len({marks(page)[0] for page in pages}) == 5
    assert [marks(page)[1] for page in pages] == [
        "Stop",
        "Warning",
        "Note",
        "Not answered",
        "Not checked",
    ]
    assert len({page.all("div")[0].get("class") for page in pages}) == 5


def test_a_stop_offers_the_way_out_and_says_of_which_step() -> None:
    finding = {"level": "stop", "step": 2, "text": "5.5 mg a day is above the range."}
    page = component("finding", finding=finding, change_url="#id_dose")
    assert text(page.one("a", href="#id_dose")) == "Change dose of step 2"


def test_ages_differ_in_icon_and_in_words() -> None:
    levels = ("ok", "soon", "late", "breached", "paused")
    pages = [
        component("age", age={"level": lv, "text": "3 h 10 m", "due": "due in 50 m"})
        for lv in levels
    ]
    assert len({page.all("path")[0].get("d") for page in pages}) == 5
    assert all("3 h 10 m" in text(page.one(class_="age")) for page in pages)
    assert "paused" in text(pages[-1].one(class_="age"))


def test_tabs_are_links_with_counts_and_one_is_here() -> None:
    tabs = [
        {"label": "Actionable", "url": "?tab=a", "count": 0, "current": True},
        {"label": "Mine", "url": "?tab=b", "count": "99+", "current": False},
        {"label": "Done", "url": "?tab=c", "count": None, "current": False},
    ]
    page = component("tabs", tabs=tabs, label="Queue views")
    assert page.one("nav").get("aria-label") == "Queue views"
    assert [text(a) for a in page.all("a")] == ["Actionable 0", "Mine 99+", "Done"]
    assert text(page.one(aria_current="page")) == "Actionable 0"


def test_answers_to_check_have_change_links_that_name_them() -> None:
    rows = [
        {"term": "Refills", "value": 0, "change_url": "#refills"},
        {"term": "Note", "value": "", "change_url": "#note", "change_what": "note to pharmacy"},
    ]
    page = component("dl", rows=rows)
    assert [text(dd) for dd in page.all("dd")] == [
        "0",
        "Change Refills",
        "Not provided",
        "Change note to pharmacy",
    ]


@pytest.mark.parametrize("kind", ["never", "none", "failed"])
def test_an_empty_list_says_why_and_what_to_do(kind: str) -> None:
    page = component("empty_state", kind=kind, title="T", action_url="/x", action_text="Do it")
    assert page.one(class_=f"empty-{kind}").get("role") == ("alert" if kind == "failed" else None)
    assert text(page.one("a", href="/x")) == "Do it"


def test_a_timeline_tells_who_did_what_when() -> None:
    entry = {
        "icon": "hand",
        "verb": "Claimed",
        "actor": "Phil",
        "at": datetime(2026, 11, 22, 16, 31, tzinfo=UTC),
    }
    item = component("timeline", entries=[entry]).one("li")
    assert text(item) == "Claimed by Phil Nov 22, 2026, 11:31 EST"


def test_a_pager_without_other_pages_is_not_there() -> None:
    assert component("pager").all("nav") == []
    page = component("pager", older_url="?before=9", shown="25 orders shown")
    assert text(page.one("a", rel="next")) == "Older"


def test_what_people_typed_is_never_markup() -> None:
    evil = "<b>&amp;</b>"
    for page in (
        component("patient_banner", patient=PATIENT | {"given": evil, "family": "<i>"}),
        component("finding", finding={"level": "warn", "text": evil, "reason": evil}),
        component("dl", rows=[{"term": evil, "value": evil}]),
        component("badge", word=evil),
    ):
        assert page.all("b") == page.all("i") == []
