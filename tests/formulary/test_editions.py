"""Editions: what is written of a formulary reads back as the same, and stays as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from formulary.editions import formulary_at, keep_edition
from formulary.models import DocumentedRange, FormularyEdition, RuleFigure
from formulary.reference import Figures, PortalOrders, StateRule
from formulary.services import load_formulary
from formulary.shipped import read, shipped_formulary
from formulary.spelled import to_json


def as_text_and_back(data: object) -> dict[str, object]:
    return json.loads(json.dumps(data))  # type: ignore[no-any-return]


def test_the_shipped_formulary_reads_back_as_itself() -> None:
    shipped = shipped_formulary()
    assert read(as_text_and_back(to_json(shipped))) == shipped


def test_every_column_that_can_differ_from_its_default_is_written() -> None:
    shipped = shipped_formulary()
    product = next(iter(shipped.products.values()))
    odd = replace(
        shipped,
        products={
            product.code: replace(
                product, active=False, price_per_unit=Decimal("0.0400"), copy_risk=True
            )
        },
        ranges=tuple(
            replace(row, starts=date(2026, 1, 2), ends=date(2027, 3, 4)) for row in shipped.ranges
        ),
        ship_states=tuple(replace(row, active=False) for row in shipped.ship_states),
        figures=Figures(transit_days=7, largest_rise_mg=Decimal("1.25")),
        state_rules={
            "NY": StateRule("NY", "Source", PortalOrders.WITH_EXCEPTION, "Words", None, True, True)
        },
        templates=(),
    )
    assert read(as_text_and_back(to_json(odd))) == odd


@pytest.mark.django_db
def test_the_stored_formulary_reads_back_as_itself(formulary: None) -> None:
    stored = load_formulary()
    assert read(as_text_and_back(to_json(stored))) == stored


@pytest.mark.django_db
def test_an_edition_is_kept_once_for_each_change(formulary: None) -> None:
    first, again = keep_edition(), keep_edition()
    assert first.pk == again.pk
    RuleFigure.objects.filter(key="transit_days").update(value=9)
    assert keep_edition().pk != first.pk
    assert FormularyEdition.objects.count() == 2


@pytest.mark.django_db
def test_an_edition_says_what_was_in_force_then(formulary: None) -> None:
    before = load_formulary()
    edition = keep_edition(before)
    DocumentedRange.objects.update(max_mg="6")
    then = formulary_at(edition.pk)
    assert then == before
    assert then.ranges != load_formulary().ranges


@pytest.mark.django_db
def test_an_edition_never_changes(formulary: None) -> None:
    rows = FormularyEdition.objects.filter(pk=keep_edition().pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(content={})
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()
