from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from formulary.facts import OpioidUse, OrderFacts
from formulary.models import (
    DocumentedRange,
    Drug,
    Indication,
    MedicineName,
    Product,
    Reason,
    RegimenTemplate,
    Route,
    Version,
)
from formulary.order_rules import check_order
from formulary.reference import ReasonKind
from formulary.services import load_formulary, seed
from formulary.shipped import shipped_formulary
from tests.conftest import Cast
from tests.formulary.helpers import ON

pytestmark = pytest.mark.django_db
TABLES = (Product, DocumentedRange, Indication, Reason, RegimenTemplate, MedicineName)


@pytest.fixture(autouse=True)
def seeded(db: None) -> None:
    seed(shipped_formulary())


def new_range(**changes: object) -> DocumentedRange:
    fields: dict[str, object] = {
        "drug": Drug.objects.get(name="naltrexone"),
        "route": Route.objects.get(code="oral"),
        "min_mg": Decimal("0.5"),
        "max_mg": Decimal(6),
        "source": "a study",
    }
    return DocumentedRange(**(fields | changes))


def shipped_range() -> DocumentedRange:
    return DocumentedRange.objects.get(drug__name="naltrexone", route__code="oral")


def test_the_rows_read_back_are_the_file() -> None:
    assert load_formulary() == shipped_formulary()


def test_seeding_again_changes_nothing() -> None:
    stamp = Version.objects.get().stamp
    counts = [table.objects.count() for table in TABLES]
    call_command("seed_formulary", verbosity=0)
    assert not any(seed(shipped_formulary()).values())
    assert [table.objects.count() for table in TABLES] == counts
    assert Version.objects.get().stamp == stamp


def test_seeding_overwrites_nothing_that_people_changed() -> None:
    Product.objects.filter(code="LDN-CAP-3").update(active=False, beyond_use_days=90)
    Reason.objects.filter(kind=ReasonKind.URGENCY, code="travel").update(label="Leaves soon")
    psoriasis = Indication.objects.get(slug="psoriasis")
    psoriasis.codes.filter(code="L40.8").delete()
    shipped_range().delete()
    new_range(max_mg=Decimal("4.5")).save()
    seed(shipped_formulary())
    product = Product.objects.get(code="LDN-CAP-3")
    assert (product.active, product.beyond_use_days) == (False, 90)
    assert Reason.objects.filter(label="Leaves soon").count() == 1
    assert not psoriasis.codes.filter(code="L40.8").exists()
    assert shipped_range().max_mg == Decimal("4.5")


def test_a_missing_row_is_added_again() -> None:
    MedicineName.objects.filter(name="kratom").delete()
    assert seed(shipped_formulary())["medicines"] == 1


@pytest.mark.parametrize(
    ("starts", "ends"),
    [(None, None), (date(2026, 6, 1), None), (None, date(2026, 6, 1)), (date(2026, 12, 31), None)],
)
def test_ranges_of_one_drug_and_route_never_overlap(starts: date | None, ends: date | None) -> None:
    DocumentedRange.objects.update(starts=date(2026, 1, 1), ends=date(2026, 12, 31))
    with pytest.raises(IntegrityError, match="one_documented_range_a_day"), transaction.atomic():
        new_range(starts=starts, ends=ends).save()
    with pytest.raises(ValidationError, match="in force on some of these days"):
        new_range(starts=starts, ends=ends).full_clean()


def test_a_range_may_follow_on_the_next_day() -> None:
    DocumentedRange.objects.update(ends=date(2026, 12, 31))
    later = new_range(starts=date(2027, 1, 1))
    later.full_clean()
    later.save()
    assert [r.max_mg for r in DocumentedRange.objects.in_force(date(2026, 12, 31))] == [5]
    assert [r.max_mg for r in DocumentedRange.objects.in_force(date(2027, 1, 1))] == [6]


def test_another_drug_or_route_has_its_own_ranges() -> None:
    new_range(route=Route.objects.create(code="topical", words="on the skin")).save()
    new_range(drug=Drug.objects.create(name="nalmefene")).save()
    assert DocumentedRange.objects.in_force(ON).count() == 3


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"min_mg": 0}, "more_than_zero"),
        ({"min_mg": 7}, "more_than_zero"),
        ({"starts": date(2026, 2, 1), "ends": date(2026, 1, 1)}, "starts_before|range lower bound"),
    ],
)
def test_a_range_runs_forwards(changes: dict[str, object], name: str) -> None:
    DocumentedRange.objects.all().delete()
    with pytest.raises(Exception, match=name), transaction.atomic():
        new_range(**changes).save()


@pytest.mark.parametrize(
    "changes",
    [{"strength_mg": 0}, {"increment": Decimal("0.5")}, {"unit": "drop"}, {"beyond_use_days": 0}],
)
def test_a_product_has_sound_figures(changes: dict[str, object]) -> None:
    product = Product.objects.get(code="LDN-CAP-3")
    for name, value in (changes | {"pk": None, "code": "LDN-CAP-9"}).items():
        setattr(product, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        product.save(force_insert=True)


@pytest.mark.parametrize("changes", [{"strength_mg": 9}, {"form": "drops"}, {"code": "X"}])
def test_a_product_is_retired_but_never_changed(changes: dict[str, object]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Product.objects.filter(code="LDN-CAP-3").update(**changes)
    Product.objects.filter(code="LDN-CAP-3").update(active=False, beyond_use_days=90)


def test_the_formulary_is_read_anew_after_any_change_and_else_in_one_query() -> None:
    first = load_formulary()
    with CaptureQueriesContext(connection) as unchanged:
        assert load_formulary() is first
    assert len(unchanged) == 1
    DocumentedRange.objects.update(max_mg=Decimal(6))
    with CaptureQueriesContext(connection) as changed:
        assert load_formulary().ranges[0].max_mg == 6
    assert len(changed) <= 12


def test_a_change_that_is_rolled_back_leaves_no_copy_behind() -> None:
    before = load_formulary()
    for _ in range(2):
        with transaction.atomic():
            DocumentedRange.objects.update(max_mg=Decimal(60))
            assert load_formulary().ranges[0].max_mg == 60
            transaction.set_rollback(True)
        assert load_formulary() == before


def test_a_retired_product_still_reads_and_its_templates_are_gone() -> None:
    Product.objects.filter(code="LDN-CAP-1.5").update(active=False)
    loaded = load_formulary()
    assert not loaded.products["LDN-CAP-1.5"].active
    assert "LDN-CAP-1.5" not in {template.product for template in loaded.templates}
    assert "LDN-CAP-1.5" not in {product.code for product in Product.objects.active()}


def test_a_medicine_name_is_kept_in_plain_words_and_counts_at_once() -> None:
    MedicineName.objects.create(name="  Zzz-Codol® ", kind="opioid_short")
    facts = OrderFacts(today=ON, opioids=OpioidUse.NEVER, medicines=("zzz codol 5 mg",))
    found = check_order(facts, load_formulary())
    assert "opioid_contradiction" in [finding.code for finding in found]


@pytest.mark.parametrize("name", ["", "!!!", "one two three four five"])
def test_a_medicine_name_has_one_to_four_words(name: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MedicineName.objects.create(name=name, kind="neutral")


@pytest.mark.parametrize(
    ("slug", "code", "accepted"),
    [
        ("psoriasis", "L40.50", True),
        ("psoriasis", "L40.5", False),
        ("lichen-planopilaris", "L66.1", False),
        ("lichen-planopilaris", "L66.10", True),
        ("burn-injury", "T25.399S", True),
        ("burn-injury", "T25", False),
        ("burn-injury", "T25.399S0", False),
        ("burn-injury", "T25.39\x00S", False),
    ],
)
def test_an_indication_accepts_its_own_full_codes_only(
    slug: str, code: str, accepted: bool
) -> None:
    assert Indication.objects.get(slug=slug).accepts(code) is accepted


def test_the_figures_of_the_brief_are_there_with_their_sources() -> None:
    days = dict(Product.objects.values_list("code", "beyond_use_days"))
    assert days == {
        **{f"LDN-CAP-{strength}": 180 for strength in ("0.5", "1", "1.5", "3", "4.5")},
        "LDN-LIQ-1": 30,
    }
    limits = shipped_range()
    assert (limits.min_mg, limits.max_mg) == (Decimal("0.5"), Decimal(5))
    for table in (Product, DocumentedRange, Indication, RegimenTemplate):
        assert not table.objects.filter(source="").exists()


@pytest.mark.parametrize("table", TABLES)
def test_an_administrator_can_open_every_table(
    table: type[Model], cast: Cast, client: Client
) -> None:
    client.force_login(cast.root)
    name = f"admin:formulary_{table._meta.model_name}"
    first = table._default_manager.first()
    assert first is not None
    assert client.get(reverse(f"{name}_changelist")).status_code == 200
    assert client.get(reverse(f"{name}_change", args=[first.pk])).status_code == 200
    client.force_login(cast.phil)
    assert client.get(reverse(f"{name}_changelist")).status_code in (302, 403)


def test_the_admin_only_shows_what_is_kept_on_the_formularys_own_pages(
    cast: Cast, client: Client
) -> None:
    client.force_login(cast.root)
    limits = shipped_range()
    typed = {"drug": limits.drug_id, "route": limits.route_id, "min_mg": "0.5", "max_mg": "60"}
    for address in (
        reverse("admin:formulary_documentedrange_add"),
        reverse("admin:formulary_documentedrange_change", args=[limits.pk]),
        reverse("admin:formulary_documentedrange_delete", args=[limits.pk]),
    ):
        assert client.post(address, typed | {"source": "a study"}).status_code == 403
    assert [row.max_mg for row in DocumentedRange.objects.all()] == [5]
