"""That page and table say the same as the golden texts."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string

from formulary.chart import dose_chart
from formulary.dosing import Regimen
from formulary.shipped import shipped_formulary
from formulary.words import directions, dose_in_words
from orders.prescription import fills_shown, sums
from tests.formulary import golden

CASES = [
    pytest.param(golden.regimen(*row), id=f"{group}: {name}")
    for group, rows in golden.REGIMENS.items()
    for name, row in rows.items()
]


@pytest.mark.parametrize("found", CASES)
def test_table_fills_and_sums_of_the_page_agree(found: Regimen) -> None:
    formulary = shipped_formulary()
    chart = dose_chart(found, formulary.ranges[0])
    assert chart is not None
    table = render_to_string("components/dose_chart_table.html", {"chart": chart})
    cells = [_plain(row) for row in table.split("<tr>")[2:]]
    label = str(directions(found, comma=True)).lower()
    for step, drawn, cell in zip(found.steps, chart.steps, cells, strict=True):
        said = f"{drawn.number} {drawn.span} {drawn.taken} {drawn.daily}"
        assert cell.startswith(_plain(said))
        # The label names the very dose that the row of the table names.
        dose = str(dose_in_words(step, comma=True))
        assert dose in _plain(drawn.taken)
        assert dose.lower() in label
    shown = fills_shown(found, 3, formulary.figures)
    page = _plain(render_to_string("orders/_fills.html", {"fills": shown, "refills": 3}))
    kept = golden.said(found)
    for term, fill in (("First fill", kept["first_fill"]), ("Each refill", kept["each_refill"])):
        line = f"{term} {fill['quantity']} for {fill['days']} day" if fill else term
        assert (line in page) == bool(fill)
        if fill and fill["plan"]:
            assert f"Sent as {fill['plan']}" in page
    assert len(sums(found)) == len(found.steps)


def _plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " ").split())
