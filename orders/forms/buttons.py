"""Buttons that change the order page and submit nothing: named submits, so no script is needed."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from accounts.models import User
from formulary.reference import Formulary
from orders.forms.page import OrderPage
from orders.forms.safety import OF_THE_PERSON
from orders.forms.steps import PREFIX, rearranged, rows_from, rows_sent
from orders.models import Order

_SEARCHES = ("find_patient", "find_diagnosis")


def pressed(
    data: QueryDict, *, by: User, formulary: Formulary, order: Order | None
) -> OrderPage | None:
    """The page after a button other than Review was pressed; None for Review. Nothing is judged."""
    given: dict[str, Any] = {"by": by, "formulary": formulary, "order": order}
    if "use_template" in data:
        return _with_template(data, given)
    if "choose_patient" in data:
        return _shown(OrderPage(data=_about_the_chosen(data, given), **given))
    if "use_product" in data:
        return _shown(OrderPage(data=_with_product(data, formulary), **given))
    moved = rearranged(data, rows_sent(data))
    if moved is not None:
        page = _shown(OrderPage(data=data, rows=moved[0], **given))
        page.steps.forms[moved[1]].take_focus()
        return page
    if any(name in data for name in _SEARCHES):
        return _shown(OrderPage(data=data, **given))
    return None


def _shown(page: OrderPage) -> OrderPage:
    page.unjudged()
    return page


def _with_template(data: QueryDict, given: dict[str, Any]) -> OrderPage:
    """Product, steps and days' supply of a usual titration; nothing for one unknown."""
    templates = given["formulary"].templates
    chosen = next((t for t in templates if t.slug == data.get("titration")), None)
    filled = data.copy()
    if chosen is None:
        return _shown(OrderPage(data=data, **given))
    filled["product"], filled["days_supply"] = chosen.product, str(chosen.days_supply)
    page = _shown(OrderPage(data=filled, rows=rows_from(chosen), **given))
    page.template = chosen
    return page


def _with_product(data: QueryDict, formulary: Formulary) -> QueryDict:
    """One step from another strength, as the note on many capsules offers: `2:LDN-CAP-4.5`."""
    filled = data.copy()
    number, _, code = data.get("use_product", "").partition(":")
    dose = f"{PREFIX}-{int(number) - 1}-dose" if number in _NUMBERS else ""
    product = formulary.products.get(code)
    if dose in data and product is not None and product.active:
        filled[f"{PREFIX}-{int(number) - 1}-product"] = code
    return filled


_NUMBERS = frozenset(str(number) for number in range(1, 21))


def _about_the_chosen(data: QueryDict, given: dict[str, Any]) -> QueryDict:
    """Answers about another person go; what is on record of this one stands where nothing is typed."""
    page, filled = OrderPage(data=data, **given), data.copy()
    sent = data.get("record_seal", "")
    if sent not in ("", page.seal):
        for name in OF_THE_PERSON:
            filled.pop(name, None)
    if page.known and page.known.fresh and sent != page.seal:
        for name, value in page.known.answers.typed_parts().items():
            if not any(filled.getlist(name)):
                filled.setlist(name, value)
    return filled
