"""Why there is a check: read by everybody who is signed in, with owner and last review."""

from __future__ import annotations

import pytest

from formulary.findings import Code, Level
from formulary.models import RuleFigure
from formulary.order_rules import ORDER_RULES
from formulary.order_rules.regimen import REGIMEN_CHECKS
from formulary.reference import Figures
from formulary.why import _FIGURES, why
from tests.conftest import Cast
from tests.formulary_pages.changes import agreed, figure_change, range_to
from tests.formulary_pages.desk import act, signed_in
from tests.ui.html import component

pytestmark = pytest.mark.django_db


def text_of(cast: Cast, code: str) -> str:
    answer = signed_in(cast.ada).get(f"/formulary/why/{code}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_prescriber_reads_rule_range_source_owner_and_review(cast: Cast) -> None:
    shipped = text_of(cast, "above_range")
    assert "0.5 mg to 5 mg a day" in shipped
    assert "Low Dose Naltrexone in Dermatology" in shipped
    assert "As shipped with this site" in shipped
    agreed(cast.phil, cast.petra, range_to("0.5", "4"))
    changed = text_of(cast, "above_range")
    assert "0.5 mg to 4 mg a day" in changed
    assert "Phil Pharmacist, pharmacist" in changed
    assert "A study of low doses, 2026" in changed


def test_figures_stand_with_the_rules_that_use_them(cast: Cast) -> None:
    change = figure_change(cast.phil, "largest_rise_mg", "2", sent=True)
    act(cast.petra, change, "approve")
    page = text_of(cast, "confirm_dose")
    assert "Rise above which it is read back" in page
    assert "2 mg a day" in page


@pytest.mark.parametrize("code", list(Code))
def test_every_code_that_a_rule_says_is_explained(cast: Cast, code: Code) -> None:
    rules = [
        rule for rule in (*REGIMEN_CHECKS, *ORDER_RULES) if code in {s.code for s in rule.says}
    ]
    found = why(code)
    assert {said.text for said in found.said} == {rule.text for rule in rules}
    assert all(said.source and said.level for said in found.said)


def test_each_figure_that_is_named_is_on_file(cast: Cast) -> None:
    named = {key for keys in _FIGURES.values() for key in keys}
    assert named <= set(RuleFigure.objects.values_list("key", flat=True))
    assert named <= set(Figures.__dataclass_fields__)


def test_a_finding_links_to_its_page_and_one_without_a_code_does_not() -> None:
    stop = {"code": Code.ABOVE_RANGE, "level": Level.STOP, "text": "Too much."}
    assert 'href="/formulary/why/above_range/"' in component("finding", finding=stop).html
    assert "/why/" not in component("finding", finding={"level": "stop", "text": "Too much."}).html
