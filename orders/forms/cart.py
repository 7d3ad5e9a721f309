"""The list of orders to sign, or to hand over, as it comes back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from accounts.house_fields import PagePart
from orders.forms.signing import proof_field
from orders.models import Order

_SHA256 = re.compile(r"[0-9a-f]{64}")


class CartForm(PagePart):
    """The ticks; `orders` are those that the list may hold, whoever asks for others is refused."""

    order = forms.MultipleChoiceField(label="Orders", required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        orders: Sequence[Order] = (),
        proved: bool = False,
    ) -> None:
        super().__init__(data)
        self.orders = {order.reference: order for order in orders}
        field = self.fields["order"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  narrows the type
        field.choices = [(reference, reference) for reference in self.orders]
        field.error_messages["invalid_choice"] = "Tick only orders of the list."
        if proved:
            self.fields["password"] = proof_field()

    def clean_order(self) -> list[str]:
        ticked: list[str] = list(dict.fromkeys(self.cleaned_data["order"]))
        if not ticked:
            raise forms.ValidationError("Tick at least one order.")
        return ticked

    @property
    def ticked(self) -> list[Order]:
        """Only after is_valid()."""
        return [self.orders[reference] for reference in self.cleaned_data["order"]]

    def ticks(self) -> set[str]:
        """What was ticked, for the page that comes back."""
        return set(self.data.getlist("order")) if isinstance(self.data, QueryDict) else set()

    def token(self, order: Order) -> UUID | None:
        try:
            return UUID(self._sent("token", order))
        except ValueError:
            return None

    def seen(self, order: Order) -> str:
        sent = self._sent("seen", order)
        return sent if _SHA256.fullmatch(sent) else ""

    def version(self, order: Order) -> int:
        sent = self._sent("version", order)
        return int(sent) if re.fullmatch(r"[1-9][0-9]{0,8}", sent, re.ASCII) else 0

    def _sent(self, name: str, order: Order) -> str:
        value: Any = self.data.get(f"{name}-{order.reference}", "")
        return str(value)
