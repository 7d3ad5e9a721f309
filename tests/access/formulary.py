"""The formulary: read by the pharmacy's staff, kept by pharmacists; a second one decides."""

from __future__ import annotations

from formulary.models import FormularyChange, Product, RuleFigure
from tests.access import LOGIN, NO, NO_METHOD, NONE, OK, PHARMACIST, SIGNED_IN, STAFF, Table, row
from tests.conftest import Cast
from tests.formulary_pages.changes import figure_change

# Phil wrote the change that waits: he never decides on it, and nobody else withdraws it.
SECOND = row(LOGIN, NO, NO, NO, NO, OK, NO, NO, NO)
AUTHOR = row(LOGIN, NO, NO, NO, OK, NO, NO, NO, NO)
# His draft is nobody else's yet.
DRAFT = row(LOGIN, NO, NO, NO, OK, NONE, NO, NO, NO)

TABLE: Table = {
    "formulary:overview": ("", STAFF, NO_METHOD),
    "formulary:changes": ("", STAFF, NO_METHOD),
    "formulary:change": ("waiting", STAFF, NO_METHOD),
    "formulary:edit": ("draft", DRAFT, DRAFT),
    "formulary:send": ("draft", NO_METHOD, DRAFT),
    "formulary:approve": ("waiting", NO_METHOD, SECOND),
    "formulary:refuse": ("waiting", NO_METHOD, SECOND),
    "formulary:withdraw": ("waiting", NO_METHOD, AUTHOR),
    "formulary:put_in_force": ("waiting", NO_METHOD, AUTHOR),
    "formulary:why": ("code", SIGNED_IN, NO_METHOD),
    "formulary:rows": ("kind", STAFF, NO_METHOD),
    "formulary:add": ("kind", PHARMACIST, PHARMACIST),
    "formulary:row": ("row", STAFF, NO_METHOD),
    "formulary:change_row": ("row", PHARMACIST, PHARMACIST),
    "formulary:retire": ("row", PHARMACIST, PHARMACIST),
    "formulary:restore": ("row", PHARMACIST, PHARMACIST),
    "formulary:confirm": ("row", PHARMACIST, PHARMACIST),
    "queue:what_would_change": ("waiting", PHARMACIST, NO_METHOD),
}


def records(cast: Cast) -> dict[str, dict[str, object]]:
    """A figure that Phil changes and Petra has not looked at, a draft of his, and a product."""
    waiting = figure_change(cast.phil, "transit_days", "3", sent=True)
    draft = figure_change(cast.phil, "procedure_days", "21")
    product = Product.objects.get(code="LDN-CAP-3")
    assert FormularyChange.objects.count() == 2
    assert RuleFigure.objects.exists()
    return {
        "waiting": {"reference": waiting.reference},
        "draft": {"reference": draft.reference},
        "row": {"kind": "products", "pk": product.pk},
        "kind": {"kind": "products"},
        "code": {"code": "above_range"},
    }
