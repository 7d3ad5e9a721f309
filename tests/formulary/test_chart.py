from __future__ import annotations

import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string

from formulary.chart import DoseChart, dose_chart, scale_top
from formulary.shipped import shipped_formulary
from tests.formulary.helpers import regimen

RANGE = shipped_formulary().ranges[0]


def chart(steps: str, code: str = "LDN-CAP-1.5", supply: int = 90) -> DoseChart:
    drawn = dose_chart(regimen(steps, code, supply), RANGE)
    assert drawn is not None
    return drawn


def rendered(drawn: DoseChart) -> str:
    return render_to_string("components/dose_chart.html", {"chart": drawn})


def test_days_are_proportional_and_every_chart_has_the_same_scale() -> None:
    drawn = chart("1.5x30 4.5x-")
    first, second = drawn.steps
    assert 2 * (first.x2 - first.x1) == pytest.approx(second.x2 - second.x1, abs=1)
    assert (first.x1, second.x2) == (drawn.left, drawn.right)
    assert [tick.label for tick in drawn.y_ticks] == ["0", "1", "2", "3", "4", "5", "6"]
    assert chart("0.5x-", "LDN-CAP-0.5").y_ticks == drawn.y_ticks
    assert drawn.rescaled == ""


@pytest.mark.parametrize(
    ("largest", "top"), [("0.5", 6), ("6", 6), ("6.1", 10), ("45", 50), ("450", 500), ("501", 1000)]
)
def test_a_dose_above_the_scale_raises_it_to_the_next_round_one(largest: str, top: int) -> None:
    assert scale_top([Decimal(1), Decimal(largest)]) == top


def test_a_raised_scale_is_said() -> None:
    assert chart("45x-", "LDN-CAP-4.5").rescaled == "Scale 0 mg to 50 mg, not the usual 0 to 6"


def test_the_band_is_the_documented_range() -> None:
    drawn = chart("4.5x-", "LDN-CAP-4.5")
    assert drawn.band is not None
    ticks = {tick.label: tick.at for tick in drawn.y_ticks}
    assert drawn.band.y == ticks["5"]
    assert ticks["1"] < drawn.band.y + drawn.band.height < ticks["0"]
    assert [edge.label for edge in drawn.band.edges] == ["5 mg", "0.5 mg"]
    assert [edge.at for edge in drawn.band.edges] == [
        drawn.band.y,
        drawn.band.y + drawn.band.height,
    ]


def test_the_example_of_the_issue_is_labelled_in_full_at_both_lines() -> None:
    labels = [step.label.text for step in chart("1.5x14 4.5x-").steps if step.label]
    assert labels == ["1.5\u00a0mg · days 1–14", "4.5\u00a0mg · days 15–90"]


def test_labels_never_cover_each_other() -> None:
    drawn = chart("0.5x7 1x7 1.5x7 2x7 2.5x7 3x7 3.5x7 4x7 4.5x-", "LDN-CAP-0.5")
    labels = [step.label for step in drawn.steps if step.label]
    assert drawn.steps[-1].label is not None
    assert len(labels) >= 6
    boxes = [(label.x, label.y, label.x + 7 * len(label.text)) for label in labels]
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            assert one[0] >= other[2] or other[0] >= one[2] or abs(one[1] - other[1]) >= 16


def test_of_very_many_steps_the_first_the_bounds_and_the_last_are_named() -> None:
    drawn = chart(" ".join(f"{1 + n % 2}x2" for n in range(20)), "LDN-CAP-0.5", 40)
    assert [at for at, step in enumerate(drawn.steps) if step.label] == [0, 1, 19]


def test_the_headline_is_the_message() -> None:
    assert chart("1.5x14 4.5x-").headline == "From 1.5\u00a0mg to 4.5\u00a0mg a day over 90 days"
    assert chart("4.5x-", "LDN-CAP-4.5").headline == "4.5\u00a0mg a day for 90 days"
    falling = chart("4.5x14 1.5x-")
    assert falling.headline == "From 4.5\u00a0mg to 1.5\u00a0mg a day over 90 days"
    both = chart("3x14 4.5x14 1.5x-")
    assert both.headline == (
        "Between 1.5\u00a0mg and 4.5\u00a0mg a day over 90 days, 1.5\u00a0mg at the end"
    )
    above = chart("1.5x14 6x7 7.5x-")
    assert above.headline == "Outside the documented range: step 2 above, step 3 above"


def test_no_chart_is_drawn_without_a_time_axis() -> None:
    assert dose_chart(regimen("1.5x14 3x14"), RANGE) is None


def test_a_missing_range_is_said_and_no_band_drawn() -> None:
    drawn = dose_chart(regimen("1.5x14 4.5x-"), None)
    assert drawn is not None
    assert drawn.band is None
    assert "no documented range on file" in drawn.subtitle
    assert {step.standing for step in drawn.steps} == {"unknown"}


@pytest.mark.parametrize(
    ("steps", "code"), [("1.5x14 4.5x-", "LDN-CAP-1.5"), ("45x14 0.05x-", "LDN-LIQ-1")]
)
def test_table_and_drawing_tell_the_same(steps: str, code: str) -> None:
    drawn = chart(steps, code)
    html = rendered(drawn)
    rows = re.findall(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", html, re.DOTALL)
    assert len(rows) == len(drawn.steps)
    for row, step in zip(rows, drawn.steps, strict=True):
        for value in (step.span, step.taken, step.daily):
            assert value in row
        if step.label:
            assert step.label.text.split(" · ")[0] == step.daily
    assert html.count("<polygon") == sum(step.out_of_range for step in drawn.steps)


def test_the_drawing_has_a_name_and_neither_style_nor_script() -> None:
    html = rendered(chart("45x14 4.5x-", "LDN-CAP-4.5"))
    svg = html[html.index("<svg") : html.index("</svg>") + 6]
    tree = ElementTree.fromstring(svg)
    assert tree.attrib["role"] == "img"
    assert tree[0].tag == "title"
    assert tree[0].text == tree.attrib["aria-label"]
    assert "style" not in {name for node in tree.iter() for name in node.attrib}
    assert "<script" not in html
    assert "style=" not in html
    assert "<details" in html
