"""What is ordered, how much of it and from when on; the steps are forms of their own."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from accounts.house_fields import PagePart
from accounts.house_forms import HouseInteger
from accounts.models import User
from formulary.dosing import MAX_DAYS
from formulary.reference import Formulary
from orders.forms.fields import ClinicalText, ComingDate
from orders.models import Order
from orders.status import TreatmentStatus

MAX_REFILLS = 11


class RegimenForm(PagePart):
    conditional: ClassVar[frozenset[str]] = frozenset({"treatment_status"})

    product = forms.ChoiceField(label="Product", widget=forms.RadioSelect)
    days_supply = HouseInteger(
        label="Days’ supply", min_value=1, max_value=MAX_DAYS, unit="days",
        help_text="How long one fill lasts; the steps add up to it",
    )  # fmt: skip
    refills = HouseInteger(
        label="Refills", min_value=0, max_value=MAX_REFILLS,
        help_text="0 to 11. A refill repeats the last step alone",
    )  # fmt: skip
    treatment_status = forms.ChoiceField(
        label="Treatment status", required=False, choices=TreatmentStatus.choices,
        widget=forms.RadioSelect,
    )  # fmt: skip
    effective_on = ComingDate(
        label="First dose not before", required=False, days_ahead=365,
        help_text="Only when it must wait, such as for a wash-out. Today or later",
    )  # fmt: skip
    avoid = ClinicalText(
        label="Excipients to avoid", required=False, max_length=200, no_doses=True,
        help_text="Such as lactose or a dye",
    )  # fmt: skip

    def __init__(self, *args: Any, by: User, formulary: Formulary, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.formulary = formulary
        product, effective = self.fields["product"], self.fields["effective_on"]
        assert isinstance(product, forms.ChoiceField)  # noqa: S101  narrows the type
        assert isinstance(effective, ComingDate)  # noqa: S101  narrows the type
        product.choices = [(p.code, p.label) for p in formulary.products.values() if p.active]
        effective.today = by.practice.today

    @property
    def has_extras(self) -> bool:
        """Whether the answers that few orders need are to be seen."""
        names = ("effective_on", "avoid")
        return any(self[name].errors or self[name].value() not in _BLANK for name in names)

    @staticmethod
    def initial_of(order: Order) -> dict[str, Any]:
        names = ("days_supply", "refills", "treatment_status", "effective_on", "avoid")
        return {name: getattr(order, name) for name in names} | {"product": order.product.code}


_BLANK = (None, "", [None, None, None], ["", "", ""])
