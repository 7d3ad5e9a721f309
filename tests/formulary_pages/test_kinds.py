"""Each kind is added, changed, retired, brought back and confirmed through its pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from formulary.clock import pharmacy_today
from formulary.models import (
    DocumentedRange,
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
from tests.formulary_pages.desk import (
    CITED,
    act,
    ahead,
    day,
    in_force,
    seen,
    sent,
    signed_in,
    the_range,
    written,
)

pytestmark = pytest.mark.django_db
TROCHE = {
    "code": "ldn-tro-1", "drug": "Naltrexone", "route": "sublingual", "form": "troche",
    "unit": "troche", "strength_mg": "1", "increment": "0.25", "beyond_use_days": "180",
    "price_per_unit": "1.25",
}  # fmt: skip


def test_a_product_is_added_with_its_route_once_a_second_pharmacist_agrees(cast: Cast) -> None:
    change = sent(cast.phil, "products", None, "add", **TROCHE)
    assert (change.state, change.target) == ("waiting", "LDN-TRO-1")
    assert "LDN-TRO-1" not in load_formulary().products
    in_force_change = agreed(cast, change)
    product = load_formulary().products["LDN-TRO-1"]
    assert (product.route_words, product.increment) == ("under the tongue", Decimal("0.25"))
    assert (product.price_per_unit, product.drug) == (Decimal("1.25"), "naltrexone")
    assert in_force_change.second == cast.petra


def agreed(cast: Cast, change: FormularyChange) -> FormularyChange:
    assert act(cast.petra, change, "approve").status_code == 302
    change.refresh_from_db()
    assert change.state == "in_force"
    return change


def test_a_price_changes_at_once_and_nothing_clinical_can(cast: Cast) -> None:
    product = Product.objects.get(code="LDN-CAP-3")
    change = sent(
        cast.phil, "products", product.pk, "change",
        price_per_unit="0.875", strength_mg="9", beyond_use_days="5",
    )  # fmt: skip
    assert change.state == "in_force"
    product.refresh_from_db()
    assert product.price_per_unit == Decimal("0.875")
    assert (product.strength_mg, product.beyond_use_days) == (Decimal(3), 180)


def test_a_product_is_retired_at_once_and_comes_back_by_two(cast: Cast) -> None:
    product = Product.objects.get(code="LDN-CAP-3")
    assert sent(cast.phil, "products", product.pk, "retire").state == "in_force"
    assert not load_formulary().products["LDN-CAP-3"].active
    back = sent(cast.phil, "products", product.pk, "restore")
    assert back.state == "waiting"
    agreed(cast, back)
    assert load_formulary().products["LDN-CAP-3"].active


def test_a_changed_range_ends_the_old_row_the_day_before_and_starts_a_new_one(cast: Cast) -> None:
    old = the_range()
    in_force(cast.phil, cast.petra, "ranges", old.pk, "change", min_mg="0.5", max_mg="6")
    old.refresh_from_db()
    new, today = the_range(), pharmacy_today()
    assert (old.max_mg, old.ends) == (Decimal(5), today - timedelta(days=1))
    assert (new.max_mg, new.starts, new.ends) == (Decimal(6), today, None)
    assert new.source == "A study of low doses, 2026"


def test_a_range_is_ended_and_one_of_another_route_is_added(cast: Cast) -> None:
    in_force(cast.phil, cast.petra, "products", None, "add", **TROCHE)
    in_force(
        cast.phil, cast.petra, "ranges", None, "add",
        drug="naltrexone", route="sublingual", min_mg="0.5", max_mg="4.5",
    )  # fmt: skip
    added = DocumentedRange.objects.get(route__code="sublingual")
    assert (added.max_mg, added.starts) == (Decimal("4.5"), pharmacy_today())
    old = the_range()
    change = in_force(cast.phil, cast.petra, "ranges", old.pk, "retire", on=ahead(0))
    old.refresh_from_db()
    assert (change.state, old.ends) == ("in_force", pharmacy_today() - timedelta(days=1))


CONDITION = {
    "name": "Sample dermatosis", "documented": "not_documented", "text": "Not documented.",
    "codes": "L99.8 | Other disorders\nL98* | Others by beginning | 5 characters | emergent",
}  # fmt: skip


def test_a_condition_is_added_changed_and_retired_with_its_codes(cast: Cast) -> None:
    sent(cast.phil, "conditions", None, "add", **CONDITION)
    row = Indication.objects.get(slug="sample-dermatosis")
    codes = [(c.code, c.full_length, c.documented) for c in row.codes.all()]
    assert codes == [("L99.8", 0, ""), ("L98", 5, "emergent")]
    assert row.reviewed == pharmacy_today()
    changed = CONDITION | {"codes": "L99.8 | Other disorders of skin", "cautions": "Look twice."}
    sent(cast.phil, "conditions", row.pk, "change", **changed)
    row.refresh_from_db()
    assert [c.label for c in row.codes.all()] == ["Other disorders of skin"]
    assert row.cautions == "Look twice."
    sent(cast.phil, "conditions", row.pk, "retire")
    assert "sample-dermatosis" not in load_formulary().indications


REGIMEN = {
    "name": "1.5 mg, then 3 mg", "product": "LDN-CAP-1.5", "days_supply": "30", "rows": "3",
    "dose_mg_1": "1.5", "times_per_day_1": "1", "days_1": "7", "timing_1": "bedtime",
    "dose_mg_2": "3", "times_per_day_2": "1", "timing_2": "bedtime", "product_2": "LDN-CAP-3",
}  # fmt: skip


def test_a_usual_regimen_is_added_and_changed_with_its_steps(cast: Cast) -> None:
    sent(cast.phil, "regimens", None, "add", **REGIMEN)
    row = RegimenTemplate.objects.get(slug="15-mg-then-3-mg")
    assert [(s.dose_mg, s.days, s.product and s.product.code) for s in row.steps.all()] == [
        (Decimal("1.5"), 7, None),
        (Decimal(3), None, "LDN-CAP-3"),
    ]
    sent(cast.phil, "regimens", row.pk, "change", **REGIMEN | {"days_1": "14"})
    assert [step.days for step in row.steps.order_by("number")] == [14, None]
    sent(cast.phil, "regimens", row.pk, "retire")
    sent(cast.phil, "regimens", row.pk, "restore")
    assert "15-mg-then-3-mg" in [template.slug for template in load_formulary().templates]


def test_a_reason_is_added_changed_retired_and_brought_back(cast: Cast) -> None:
    new = {
        "kind": "hold",
        "code": "waits_for_record",
        "label": "Waits for the record",
        "min_chars": "0",
    }
    sent(cast.phil, "reasons", None, "add", **new)
    row = Reason.objects.get(code="waits_for_record")
    sent(cast.phil, "reasons", row.pk, "change", label="Waits for a record", min_chars="15")
    row.refresh_from_db()
    assert (row.label, row.min_chars, row.needs_text) == ("Waits for a record", 15, True)
    sent(cast.phil, "reasons", row.pk, "retire")
    assert row.code not in [reason.code for reason in load_formulary().reasons]
    sent(cast.phil, "reasons", row.pk, "restore")
    assert row.code in [reason.code for reason in load_formulary().reasons]


def test_a_medicine_counts_at_once_and_an_opioid_is_taken_off_by_two(cast: Cast) -> None:
    sent(cast.phil, "medicines", None, "add", name="Zzz-Codol®", kind="opioid_short")
    row = MedicineName.objects.get(name="zzz codol")
    assert load_formulary().medicines.opioid("zzz codol 5 mg") == "opioid_short"
    loosened = sent(cast.phil, "medicines", row.pk, "change", kind="neutral")
    assert loosened.state == "waiting"
    agreed(cast, loosened)
    assert load_formulary().medicines.opioid("zzz codol") is None
    assert sent(cast.phil, "medicines", row.pk, "retire").state == "in_force"


def test_a_state_is_shipped_to_retired_and_brought_back(cast: Cast) -> None:
    sent(cast.phil, "ship-states", None, "add", state="TX", **day(ahead(0), "since"))
    assert "TX" in load_formulary().served_states(ahead(0))
    row = ShipState.objects.get(state="TX")
    sent(cast.phil, "ship-states", row.pk, "change", source="Licence 7", **day(ahead(3), "since"))
    assert "TX" not in load_formulary().served_states(ahead(0))
    sent(cast.phil, "ship-states", row.pk, "retire")
    assert "TX" not in load_formulary().served_states(ahead(5))
    assert sent(cast.phil, "ship-states", row.pk, "restore").state == "in_force"


RULE = {"portal_orders": "refused", "validity_months": "6", "needs_supervisor": "on"}


def test_a_state_rule_is_added_changed_and_retired_by_two(cast: Cast) -> None:
    in_force(cast.phil, cast.petra, "state-rules", None, "add", state="TX", **RULE)
    assert load_formulary().rule_of("TX").validity_months == 6
    row = StateRule.objects.get(state="TX")
    no_end = RULE | {"validity_months": "", "needs_supervisor": None}
    in_force(cast.phil, cast.petra, "state-rules", row.pk, "change", **no_end)
    rule = load_formulary().rule_of("TX")
    assert (rule.validity_months, rule.needs_supervisor) == (None, False)
    in_force(cast.phil, cast.petra, "state-rules", row.pk, "retire")
    assert load_formulary().rule_of("TX").validity_months == 12


def test_a_figure_of_the_rules_changes_by_two(cast: Cast) -> None:
    row = RuleFigure.objects.get(key="transit_days")
    change = in_force(cast.phil, cast.petra, "figures", row.pk, "change", value="3")
    assert load_formulary().figures.transit_days == 3
    assert (change.before or {})["value"] == "5"
    assert RuleFigure.objects.get(key="transit_days").source == "A study of low doses, 2026"


def test_confirming_changes_nothing_and_names_who_looked(cast: Cast) -> None:
    for kind, row in (("ranges", the_range()), ("figures", RuleFigure.objects.all()[0])):
        change = sent(cast.phil, kind, row.pk, "confirm")
        assert (change.state, change.before) == ("in_force", change.after)
    indication = Indication.objects.get(slug="psoriasis")
    indication.codes.filter(code="L40.8").exists()
    sent(cast.phil, "conditions", indication.pk, "confirm")
    indication.refresh_from_db()
    assert indication.reviewed == pharmacy_today()
    assert indication.codes.count() > 1


def test_a_draft_is_changed_before_it_is_sent(cast: Cast) -> None:
    change = written(cast.phil, "products", None, "add", **TROCHE)
    client, url = signed_in(cast.phil), reverse("formulary:edit", args=[change.reference])
    page = client.get(url)
    assert "LDN-TRO-1" in page.content.decode()
    again = TROCHE | CITED | day(ahead(2)) | {"seen": seen(page), "strength_mg": "1.5"}
    assert client.post(url, again | {"version": change.version}).status_code == 302
    change.refresh_from_db()
    assert (change.after["strength_mg"], change.effective_on) == ("1.5", ahead(2))
    stale = client.post(url, again | {"version": 1})
    assert stale.status_code == 409
