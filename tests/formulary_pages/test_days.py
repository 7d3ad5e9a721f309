"""Changes that wait for their day, what was signed before them, and the history they leave."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from events.models import Event
from formulary.models import FormularyChange, Product, RuleFigure
from formulary.services import changes, load_formulary, seed
from formulary.shipped import shipped_formulary
from formulary.status import Act, ChangeKind
from formulary.tasks import apply_due_changes
from orders.services.content import ContentChanged
from orders.services.handing_over import hand_over
from orders.services.moves import Refused
from orders.services.signing import sign
from tests.conftest import Cast
from tests.factories import draft_of, signed_order, signing_form
from tests.formulary_pages.changes import (
    agreed,
    change,
    figure_change,
    proposal,
    range_to,
    tomorrow,
)
from tests.formulary_pages.desk import act, ahead, in_force, sent, signed_in, the_range

pytestmark = pytest.mark.django_db


def test_a_change_is_put_in_force_on_its_day_and_once(cast: Cast) -> None:
    product = Product.objects.get(code="LDN-CAP-3")
    planned = sent(cast.phil, "products", product.pk, "retire", on=ahead(3))
    assert planned.state == "approved"
    apply_due_changes()
    assert load_formulary().products["LDN-CAP-3"].active
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        apply_due_changes()
        apply_due_changes()
    planned.refresh_from_db()
    assert planned.state == "in_force"
    assert not load_formulary().products["LDN-CAP-3"].active
    told = [e.kind for e in Event.objects.about("formulary_change", planned.pk)]
    assert told == ["formulary.planned", "formulary.applied"]


def test_an_approved_range_starts_on_its_day(cast: Cast) -> None:
    old = the_range()
    made = in_force(
        cast.phil, cast.petra, "ranges", old.pk, "change",
        on=ahead(2), min_mg="0.5", max_mg="4",
    )  # fmt: skip
    assert made.state == "approved"
    assert changes.apply_due() == 0
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert changes.apply_due() == 1
        assert changes.apply_due() == 0
    old.refresh_from_db()
    assert (old.ends, the_range().starts, the_range().max_mg) == (ahead(1), ahead(2), Decimal(4))


def test_one_whose_row_changed_before_its_day_is_refused_by_the_house(cast: Cast) -> None:
    made = figure_change(cast.phil, "transit_days", "3", on=tomorrow(), sent=True)
    assert act(cast.petra, made, "approve").status_code == 302
    RuleFigure.objects.filter(key="transit_days").update(value=7)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        changes.apply_due()
        assert changes.apply_due() == 0
    made.refresh_from_db()
    assert (made.state, made.second) == ("refused", cast.petra)
    assert made.words == "The row was changed meanwhile: Figure was “5” and is “7” now."
    assert load_formulary().figures.transit_days == 7


def test_what_is_planned_can_be_withdrawn(cast: Cast) -> None:
    planned = change(
        cast.phil,
        proposal(ChangeKind.MEDICINE, Act.ADD, on=tomorrow(), name="zzz", kind="neutral", active=True),
    )  # fmt: skip
    assert planned.state == "approved"
    assert act(cast.phil, planned, "withdraw").status_code == 302
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert changes.apply_due() == 0


# --- orders -------------------------------------------------------------------------------------
def test_a_signed_order_stays_and_a_draft_that_was_shown_before_is_refused(cast: Cast) -> None:
    signed = signed_order(cast.ada)
    draft = draft_of(cast.ada)
    shown = signing_form(draft)
    text = signed.signature.content
    agreed(cast.phil, cast.petra, range_to("0.5", "4"))
    signed.refresh_from_db()
    assert (signed.status, signed.signature.content) == ("submitted", text)
    with pytest.raises(ContentChanged):
        sign(draft, by=cast.ada, form=shown)
    with pytest.raises(Refused, match="documented range"):
        sign(draft, by=cast.ada, form=signing_form(draft, token=uuid.uuid4()))


def test_a_draft_that_waits_for_its_signature_is_checked_anew(cast: Cast) -> None:
    draft = draft_of(cast.nils)
    hand_over(draft, by=cast.nils, version=draft.version)
    draft.refresh_from_db()
    shown = signing_form(draft)
    agreed(cast.phil, cast.petra, range_to("0.5", "4"))
    with pytest.raises(ContentChanged):
        sign(draft, by=cast.ada, form=shown)
    with pytest.raises(Refused, match="documented range"):
        sign(draft, by=cast.ada, form=signing_form(draft))
    draft.refresh_from_db()
    assert draft.status == "awaiting_signature"


def test_a_figure_that_adds_a_warning_asks_for_its_reason_before_signing(cast: Cast) -> None:
    draft = draft_of(cast.ada, steps=None, treatment_status="new_start")
    shown = signing_form(draft)
    figure = figure_change(cast.phil, "confirm_first_dose_above_mg", "4.5", sent=True)
    assert act(cast.petra, figure, "approve").status_code == 302
    calm = signing_form(draft)
    assert len(calm.reasons) < len(shown.reasons)
    back = figure_change(cast.phil, "confirm_first_dose_above_mg", "3", sent=True)
    assert act(cast.petra, back, "approve").status_code == 302
    with pytest.raises(Refused, match="Give a reason"):
        sign(draft, by=cast.ada, form=calm)


# --- history ------------------------------------------------------------------------------------
def test_a_row_shows_who_changed_it_and_what_raw_sql_did(cast: Cast) -> None:
    made = figure_change(cast.phil, "transit_days", "3", sent=True)
    assert act(cast.petra, made, "approve").status_code == 302
    with connection.cursor() as cursor:
        cursor.execute("UPDATE formulary_rulefigure SET value = 9 WHERE key = 'transit_days'")
    row = RuleFigure.objects.get(key="transit_days")
    url = reverse("formulary:row", args=["figures", row.pk])
    text = signed_in(cast.tess).get(url).content.decode()
    assert "Phil Pharmacist" in text
    assert "decided by Petra Pharmacist" in text
    assert "Source: A study of low doses, 2026" in text
    assert "Figure: 3 → 9" in text
    assert "The database itself" in text


@pytest.mark.parametrize("table", ["rulefigureevent", "documentedrangeevent", "productevent"])
def test_the_history_of_the_rows_is_append_only(cast: Cast, table: str) -> None:
    for statement in (f"DELETE FROM formulary_{table}", f"TRUNCATE formulary_{table}"):
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_what_is_tried_leaves_no_trace(cast: Cast) -> None:
    before = load_formulary()
    row: Any = RuleFigure.objects.get(key="transit_days")
    kept = row.versions.count()
    figure_change(cast.phil, "transit_days", "3")
    assert load_formulary() is before
    assert row.versions.count() == kept


def test_the_seed_stores_nothing_again_after_changes(cast: Cast) -> None:
    agreed(cast.phil, cast.petra, range_to("0.5", "4"))
    change(
        cast.phil, proposal(ChangeKind.PRODUCT, Act.RETIRE, Product.objects.get(code="LDN-CAP-3"))
    )
    assert not any(seed(shipped_formulary()).values())
    assert the_range().max_mg == Decimal(4)


def test_the_formulary_is_read_in_one_query_once_it_was_read(cast: Cast) -> None:
    agreed(cast.phil, cast.petra, range_to("0.5", "4"))
    load_formulary()
    with CaptureQueriesContext(connection) as seen:
        load_formulary()
    assert len(seen) == 1


# --- how many statements a page takes ------------------------------------------------------------
def statements(cast: Cast, path: str) -> int:
    client = signed_in(cast.phil)
    client.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_lists_take_as_many_statements_for_many_changes_as_for_few(cast: Cast) -> None:
    def more(many: int, start: int) -> None:
        for at in range(start, start + many):
            said = proposal(
                ChangeKind.MEDICINE, Act.ADD, name=f"zzz {at}", kind="neutral", active=True
            )
            change(cast.phil, said)

    more(2, 0)
    paths = ["/formulary/", "/formulary/changes/?tab=in-force", "/formulary/medicines/?q=zzz",
             "/formulary/conditions/", "/formulary/regimens/", "/formulary/products/"]  # fmt: skip
    few = [statements(cast, path) for path in paths]
    more(6, 10)
    assert [statements(cast, path) for path in paths] == few
    assert max(few) < 40
    assert FormularyChange.objects.count() == 8
