"""Whatever is typed: a message beside the field, what was typed still there, nothing stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from formulary.clock import pharmacy_today
from formulary.models import (
    FormularyChange,
    Indication,
    MedicineName,
    Product,
    Reason,
    RegimenTemplate,
    RuleFigure,
    ShipState,
    StateRule,
)
from formulary.services import load_formulary
from tests.conftest import Cast
from tests.factories import PASSWORD
from tests.formulary_pages.changes import figure_change
from tests.formulary_pages.desk import ahead, day, signed_in, the_range, typed, wrongs
from tests.formulary_pages.test_kinds import CONDITION, REGIMEN, RULE, TROCHE

pytestmark = pytest.mark.django_db


def refused(answer: HttpResponse, *texts: str) -> None:
    """422, each text in the summary and beside its field, and no change of anything."""
    said = wrongs(answer)
    assert answer.status_code == 422, answer.status_code
    page = answer.content.decode()
    assert "<title>Error: " in page
    for text in texts:
        assert any(text in one for one in said), said
    assert page.count('aria-invalid="true"') >= 1 or "field-message-form" in page
    assert not FormularyChange.objects.exists()


@pytest.mark.parametrize(
    ("high", "text"),
    [
        (".5", "Write the most daily total as 0.5: a figure below 1 starts with a zero."),
        ("5.0", "Write the most daily total as 5: a whole figure has no point"),
        ("4,5", "Write the most daily total as 4.5: decimals follow a point, not a comma."),
        ("05", "Write the most daily total as 5"),
        ("1e1", "in the digits 0 to 9"),
        ("NaN", "in the digits 0 to 9"),
        ("-1", "in the digits 0 to 9"),
        ("٤", "Write the most daily total as 4"),
        ("0", "The most daily total must be more than 0."),
        ("4.50000001", "at most 3 of them after the point"),
        ("1" * 400, "in the digits 0 to 9"),
        ("<b>5</b>", "in the digits 0 to 9"),
        ("", "Enter the most daily total."),
        ("0.4", "The most daily total is less than the least, 0.5 mg."),
        ("50", "50 mg is ten times the present 5 mg or more: check the point."),
        ("5", "Nothing differs from what is in force now."),
    ],
)
def test_figures_of_a_range_are_read_strictly(cast: Cast, high: str, text: str) -> None:
    source = "Low Dose Naltrexone in Dermatology, VLS Pharmacy and New Drug Loft"
    answer = typed(
        cast.phil, "ranges", the_range().pk, "change", min_mg="0.5", max_mg=high, source=source
    )
    refused(answer, text)
    assert load_formulary().ranges[0].max_mg == 5


def test_a_range_above_5_mg_is_taken_with_a_clear_warning(cast: Cast) -> None:
    answer = typed(cast.phil, "ranges", the_range().pk, "change", min_mg="0.5", max_mg="6")
    change = FormularyChange.objects.get()
    assert answer["Location"] == reverse("formulary:change", args=[change.reference])
    page = signed_in(cast.phil).get(answer["Location"]).content.decode()
    assert "Above what is documented: 6 mg a day is more than the 0.5 mg to 5 mg a day" in page
    assert "Wider than now" in page
    assert "Send for approval" in page
    assert "Nothing is sent yet" in page


def test_a_range_that_begins_today_is_not_ended_yesterday(cast: Cast) -> None:
    old = the_range()
    type(old).objects.filter(pk=old.pk).update(starts=pharmacy_today())
    answer = typed(cast.phil, "ranges", old.pk, "change", min_mg="0.5", max_mg="6")
    refused(answer, "itself: choose a later day.")


def test_a_second_range_of_a_drug_and_route_is_refused(cast: Cast) -> None:
    fields = {"drug": "naltrexone", "route": "oral", "min_mg": "0.5", "max_mg": "6"}
    refused(typed(cast.phil, "ranges", None, "add", **fields), "change that one instead")


@pytest.mark.parametrize(
    ("on", "text"),
    [
        (ahead(-1), "cannot lie in the past"),
        (ahead(900), "lies more than two years ahead"),
    ],
)
def test_a_change_begins_today_or_within_two_years(cast: Cast, on: Any, text: str) -> None:
    answer = typed(cast.phil, "ranges", the_range().pk, "change", min_mg="0.5", max_mg="6", on=on)
    refused(answer, text)


@pytest.mark.parametrize(
    ("typed_day", "text"),
    [
        ({"effective_on_0": "Feb", "effective_on_1": "31"}, "There is no Feb 31"),
        ({"effective_on_0": "13"}, "Enter the month"),
        ({"effective_on_2": "26"}, "in four digits"),
        ({"effective_on_0": "", "effective_on_1": "", "effective_on_2": ""}, "Enter the day"),
    ],
)
def test_a_day_is_a_day(cast: Cast, typed_day: dict[str, str], text: str) -> None:
    answer = typed(cast.phil, "products", Product.objects.all()[0].pk, "retire", **typed_day)
    refused(answer, text)


def test_a_change_has_a_reason_and_a_source(cast: Cast) -> None:
    answer = typed(
        cast.phil, "products", Product.objects.all()[0].pk, "retire", reason="no", source=""
    )
    refused(answer, "The reason for the change needs 10 characters", "Enter the source.")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"code": "LDN-CAP-3"}, "LDN-CAP-3 is on file already"),
        ({"code": "no spaces"}, "capital letters, digits, points and hyphens"),
        ({"code": "X" * 31}, "Shorten the code to 30 characters"),
        ({"drug": "Ketamine HCl"}, "Ketamine is a controlled ingredient"),
        ({"drug": "tramadol"}, "Tramadol is a controlled ingredient"),
        ({"drug": "naltrexone 50"}, "Write the drug in letters"),
        ({"route": "by mail"}, "Choose one of the listed answers"),
        ({"unit": "bottle"}, "Choose one of the listed answers"),
        ({"unit": "capsule"}, "A capsule is given in parts of 1."),
        ({"increment": "0.3"}, "A troche is given in parts of 1, 0.5 or 0.25."),
        ({"strength_mg": "1.0"}, "Write the strength in one unit as 1"),
        ({"beyond_use_days": "0"}, "whole number from 1 to 365"),
        ({"beyond_use_days": "1.5"}, "whole number from 1 to 365"),
        ({"price_per_unit": "1,25"}, "Enter the price as dollars with a point"),
        ({"price_per_unit": "-1"}, "Enter the price as dollars with a point"),
        ({"route": "oral", "strength_mg": "45"}, "within 10 % of 50 mg"),
        ({"form": "tro\u202eche"}, "cannot be printed"),
        ({"form": "<troche>"}, "without the characters"),
        ({"code": None}, "Enter the code."),
    ],
)
def test_a_product_is_read_strictly(cast: Cast, fields: dict[str, Any], text: str) -> None:
    refused(typed(cast.phil, "products", None, "add", **{**TROCHE, **fields}), text)
    assert Product.objects.count() == 6


def test_an_opioid_of_the_pharmacists_own_list_may_not_enter_the_catalogue(cast: Cast) -> None:
    MedicineName.objects.create(name="zzcodol", kind="opioid_long")
    answer = typed(cast.phil, "products", None, "add", **TROCHE | {"drug": "zzcodol"})
    refused(answer, "Zzcodol is a controlled ingredient")


def test_what_was_typed_stays_on_the_page(cast: Cast) -> None:
    answer = typed(
        cast.phil, "products", None, "add", **TROCHE | {"strength_mg": ".5", "form": "Kept"}
    )
    page = answer.content.decode()
    for value in (".5", "Kept", "ldn-tro-1", "1.25", "A study of low doses, 2026"):
        assert f'value="{value}"' in page


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"codes": "L99.8"}, "Line 1: write the words of L99.8 behind a bar."),
        ({"codes": "L99.8 | A\nL99.8 | B"}, "Line 2: L99.8 stands there twice."),
        ({"codes": "99 | Words"}, "Line 1: 99 is not spelled like a diagnosis code"),
        ({"codes": "L99.8* | Words"}, "Line 1: a beginning has a star and a length"),
        ({"codes": "L99.8 | Words | 7 characters"}, "Line 1: a beginning has a star"),
        ({"codes": "L99.8 | Words | proven"}, "Line 1: write one of treatable"),
        ({"codes": ""}, "Enter the diagnosis codes."),
        ({"name": "Psoriasis"}, "Psoriasis is on file already"),
        ({"documented": "proven"}, "Choose one of the listed answers"),
        ({"elsewhere": "Somebody says so."}, "Name the source of what is reported elsewhere."),
        ({"text": "x" * 501}, "Shorten the what is documented"),
    ],
)
def test_a_condition_is_read_strictly(cast: Cast, fields: dict[str, Any], text: str) -> None:
    if text.startswith("Shorten"):
        text = "to 500 characters"
    refused(typed(cast.phil, "conditions", None, "add", **{**CONDITION, **fields}), text)
    assert not Indication.objects.filter(slug="sample-dermatosis").exists()


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"dose_mg_1": ".5"}, "Write the dose of step 1 as 0.5"),
        ({"dose_mg_1": ""}, "Enter the dose of step 1."),
        ({"timing_1": ""}, "Choose when of step 1."),
        ({"times_per_day_2": "99"}, "whole number from 1 to 24"),
        ({"dose_mg_2": "45"}, "documented range"),
        ({"dose_mg_1": "2"}, "capsule"),
        ({"days_2": "1"}, "30 days"),
        ({"product": "LDN-CAP-99"}, "Choose one of the listed answers"),
        ({"dose_mg_1": "", "times_per_day_1": "", "days_1": "", "timing_1": "", "dose_mg_2": "",
          "times_per_day_2": "", "timing_2": ""}, "Enter at least one step."),
    ],
)  # fmt: skip
def test_a_usual_regimen_is_one_that_passes_the_checks(
    cast: Cast, fields: dict[str, Any], text: str
) -> None:
    before = RegimenTemplate.objects.count()
    refused(typed(cast.phil, "regimens", None, "add", **{**REGIMEN, **fields}), text)
    assert RegimenTemplate.objects.count() == before


def test_two_more_steps_come_without_judging(cast: Cast) -> None:
    answer = typed(cast.phil, "regimens", None, "add", **REGIMEN | {"more": "1", "name": ""})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="dose_mg_5"' in page
    assert 'value="1.5"' in page
    assert wrongs(answer) == []


@pytest.mark.parametrize("rows", ["0", "-3", "999", "x", "３"])
def test_a_count_of_steps_that_was_tampered_with_is_no_crash(cast: Cast, rows: str) -> None:
    answer = typed(cast.phil, "regimens", None, "add", **REGIMEN | {"rows": rows, "name": ""})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"code": "Not A Slug"}, "small letters, digits and hyphens"),
        ({"code": "stock", "kind": "nonsense"}, "Choose one of the listed answers"),
        ({"finding": "above_range"}, "Only acknowledgements and clearances answer a finding"),
        ({"min_chars": "300"}, "whole number from 0 to 200"),
    ],
)
def test_a_reason_is_read_strictly(cast: Cast, fields: dict[str, Any], text: str) -> None:
    new = {"kind": "hold", "code": "zz", "label": "Waits for it", "min_chars": "0"} | fields
    refused(typed(cast.phil, "reasons", None, "add", **new), text)


def test_the_last_reason_of_a_kind_stays(cast: Cast) -> None:
    kept = Reason.objects.filter(kind="give_back").order_by("id")[0]
    Reason.objects.filter(kind="give_back").exclude(pk=kept.pk).update(active=False)
    answer = typed(cast.phil, "reasons", kept.pk, "retire")
    refused(answer, "It is the last reason of its kind")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"name": "naltrexone"}, "naltrexone is on file already"),
        ({"name": "one two three four five"}, "Write one to four words"),
        ({"name": "!!!"}, "Write one to four words"),
        ({"name": "кодеин"}, "Write one to four words"),
        ({"kind": "poison"}, "Choose one of the listed answers"),
    ],
)
def test_a_medicine_is_read_strictly(cast: Cast, fields: dict[str, Any], text: str) -> None:
    new = {"name": "zzcodol", "kind": "neutral"} | fields
    refused(typed(cast.phil, "medicines", None, "add", **new), text)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"state": "NC"}, "North Carolina is on file already"),
        ({"state": "XX"}, "Choose one of the listed answers"),
        (day(ahead(2000), "since"), "more than two years ahead"),
    ],
)
def test_a_state_shipped_to_is_read_strictly(cast: Cast, fields: dict[str, Any], text: str) -> None:
    new = {"state": "TX"} | day(ahead(0), "since") | fields
    refused(typed(cast.phil, "ship-states", None, "add", **new), text)
    assert ShipState.objects.count() == 5


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"state": "IL"}, "Illinois has a rule on file"),
        ({"portal_orders": "with_exception"}, "Say in which cases"),
        ({"portal_orders": "maybe"}, "Choose one of the listed answers"),
        ({"exception": "Now and then."}, "Leave this empty"),
        ({"validity_months": "0"}, "whole number from 1 to 60"),
        ({"portal_orders": None}, "Choose the orders from this site"),
    ],
)
def test_a_state_rule_is_read_strictly(cast: Cast, fields: dict[str, Any], text: str) -> None:
    new = {"state": "TX"} | RULE | fields
    refused(typed(cast.phil, "state-rules", None, "add", **new), text)
    assert StateRule.objects.count() == 2


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("transit_days", "1.5", "as a whole number from 0 to 13"),
        ("transit_days", "30", "from 0 to 13"),
        ("short_acting_days", "0", "must be more than 0"),
        ("short_acting_days", "11", "It is at most 10, as another figure says"),
        ("long_acting_days", "6", "It is at least 7, as another figure says"),
        ("largest_rise_mg", ".5", "as 0.5"),
        ("transit_days", "5", "Nothing differs"),
    ],
)
def test_a_figure_is_read_strictly(cast: Cast, key: str, value: str, text: str) -> None:
    row = RuleFigure.objects.get(key=key)
    source = {"source": row.source} if text.startswith("Nothing") else {}
    refused(typed(cast.phil, "figures", row.pk, "change", value=value, **source), text)


def test_no_days_in_transit_can_be_said(cast: Cast) -> None:
    row = RuleFigure.objects.get(key="transit_days")
    assert typed(cast.phil, "figures", row.pk, "change", value="0").status_code == 302
    assert FormularyChange.objects.get().after["value"] == "0"


# --- addresses and tampering ----------------------------------------------------------------------
def test_addresses_that_name_nothing_are_404(cast: Cast) -> None:
    client = signed_in(cast.phil)
    for path in ("nonsense/", "products/999999/", "products/999999/change/", "figures/add/",
                 "changes/FC-NONE/", "why/nonsense/", "ranges/0/"):  # fmt: skip
        assert client.get(f"/formulary/{path}").status_code == 404, path


@pytest.mark.parametrize(
    "query", ["?q=%00", "?page=-3", "?page=x", "?retired=yes", "?q=" + "a" * 500, "?tab=none"]
)
def test_queries_that_make_no_sense_are_ignored(cast: Cast, query: str) -> None:
    client = signed_in(cast.phil)
    for path in ("medicines/", "changes/", "conditions/", "ranges/"):
        assert client.get(f"/formulary/{path}{query}").status_code == 200


def test_an_act_that_does_not_fit_the_row_is_answered_with_409(cast: Cast) -> None:
    product = Product.objects.get(code="LDN-CAP-3")
    client = signed_in(cast.phil)
    assert client.get(f"/formulary/products/{product.pk}/restore/").status_code == 409
    Product.objects.filter(pk=product.pk).update(active=False)
    assert client.post(f"/formulary/products/{product.pk}/retire/", {}).status_code == 409
    old = the_range()
    type(old).objects.filter(pk=old.pk).update(ends=pharmacy_today() - timedelta(days=1))
    assert client.get(f"/formulary/ranges/{old.pk}/change/").status_code == 409


def test_a_form_without_what_its_page_showed_is_refused(cast: Cast) -> None:
    row = the_range()
    client = signed_in(cast.phil)
    fields = {"min_mg": "0.5", "max_mg": "6", "seen": "forged"} | day(ahead(0))
    answer = client.post(f"/formulary/ranges/{row.pk}/change/", fields)
    assert answer.status_code == 422
    assert "Open this page again" in answer.content.decode()
    assert not FormularyChange.objects.exists()


def test_an_answer_sent_twice_is_refused(cast: Cast) -> None:
    row = the_range()
    client = signed_in(cast.phil)
    fields = {"min_mg": ["0.5"], "max_mg": ["6", "60"]} | day(ahead(0))
    answer = client.post(f"/formulary/ranges/{row.pk}/change/", fields)
    assert "it was sent more than once" in answer.content.decode()


@pytest.mark.parametrize("version", ["", "0", "x", "9" * 30, "２"])
def test_a_version_that_was_tampered_with_decides_nothing(cast: Cast, version: str) -> None:
    change = figure_change(cast.phil, "transit_days", "3", sent=True)
    url = reverse("formulary:approve", args=[change.reference])
    answer = signed_in(cast.petra).post(url, {"version": version, "password": PASSWORD})
    assert answer.status_code == 422
    change.refresh_from_db()
    assert change.state == "waiting"
