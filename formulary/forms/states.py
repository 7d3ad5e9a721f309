"""Forms of states shipped to, state rules and rule figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError

from accounts.house_dates import HouseDate
from accounts.house_fields import STATES, PlainText
from accounts.house_forms import HouseInteger
from formulary.amounts import display
from formulary.forms.base import ChangeForm, offered
from formulary.forms.fields import Amount, DayAhead
from formulary.kept import Values
from formulary.kept.states import LIMITS, Limits, disagreement, state_name
from formulary.models import RuleFigure, ShipState, StateRule
from formulary.reference import PortalOrders
from formulary.status import Act

_STATE = offered(list(STATES), "state")


class AnyDay(HouseDate):
    """A day that has been, or one up to two years ahead."""

    def validate(self, value: date | None) -> None:
        try:
            super().validate(value)
        except ValidationError as wrong:
            if wrong.code != "future":
                raise
            ahead = DayAhead(label=self.label)
            ahead.validate(value)


class _ShipState(ChangeForm):
    since = AnyDay(label="First day on which the licence holds", earliest=date(1950, 1, 1))

    @classmethod
    def starting(cls, row: Any) -> Values:
        start = super().starting(row)
        since = {"since": date.fromisoformat(start["since"])} if "since" in start else {}
        return start | since

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].label = "Licence"
        self.fields["source"].help_text = "In words, such as non-resident pharmacy licence 12345"


class AddShipState(_ShipState):
    act = Act.ADD
    own = ("state", "since")
    widths: ClassVar = {"state": "w-24"}

    state = forms.ChoiceField(label="State", choices=_STATE)

    def clean_state(self) -> str:
        state: str = self.cleaned_data["state"]
        if ShipState.objects.filter(state=state).exists():
            raise ValidationError(f"{state_name(state)} is on file already: bring back that row.")
        return state

    def values(self) -> Values:
        said = self.cleaned_data
        since = said["since"].isoformat()
        return {"state": said["state"], "source": said["source"], "since": since, "active": True}


class ChangeShipState(_ShipState):
    act = Act.CHANGE
    own = ("since",)

    def values(self) -> Values:
        said = self.cleaned_data
        changed = {"source": said["source"], "since": said["since"].isoformat()}
        return (self.row.values or {}) | changed

    def clean(self) -> dict[str, Any]:
        if not self.errors and self.values() == self.row.values:
            self.add_error("since", "Nothing differs from what is in force now.")
        return self.cleaned_data


_PORTAL = {
    PortalOrders.ACCEPTED: "Taken as prescriptions",
    PortalOrders.WITH_EXCEPTION: "Taken in certain cases",
    PortalOrders.REFUSED: "Not taken",
}


class _StateRule(ChangeForm):
    widths: ClassVar = {"state": "w-24", "validity_months": "w-4"}
    conditional = frozenset(
        {"exception", "validity_months", "needs_supervisor", "unlicensed_ship_to_stops"}
    )

    portal_orders = forms.ChoiceField(
        label="Orders from this site",
        widget=forms.RadioSelect,
        choices=[(kind.value, words) for kind, words in _PORTAL.items()],
    )
    exception = PlainText(
        label="In which cases they are taken",
        max_length=300,
        required=False,
        multiline=True,
        help_text="Only for “taken in certain cases”. Prescribers read it",
    )
    validity_months = HouseInteger(
        label="Months a prescription holds", min_value=1, max_value=60, required=False,
        unit="months", help_text="From the date written. Empty: the state sets no end",
    )  # fmt: skip
    needs_supervisor = forms.BooleanField(
        label="A supervising physician stands on the prescription", required=False
    )
    unlicensed_ship_to_stops = forms.BooleanField(
        label="Shipping there without a licence of the prescriber there stops the order",
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        portal, words = self.answer("portal_orders"), self.answer("exception")
        if portal == PortalOrders.WITH_EXCEPTION and not words and "exception" not in self.errors:
            self.add_error("exception", "Say in which cases an order from this site is taken.")
        if portal and portal != PortalOrders.WITH_EXCEPTION and words:
            self.add_error("exception", "Leave this empty, or choose “taken in certain cases”.")
        return self.cleaned_data

    def rule(self) -> Values:
        said = self.cleaned_data
        names = (
            "portal_orders", "exception", "validity_months", "needs_supervisor",
            "unlicensed_ship_to_stops", "source",
        )  # fmt: skip
        return {name: said[name] for name in names}


_RULE = ("portal_orders", "exception", "validity_months", "needs_supervisor",
         "unlicensed_ship_to_stops")  # fmt: skip


class AddStateRule(_StateRule):
    act = Act.ADD
    own = ("state", *_RULE)

    state = forms.ChoiceField(label="State", choices=_STATE)

    def clean_state(self) -> str:
        state: str = self.cleaned_data["state"]
        if StateRule.objects.filter(state=state).exists():
            raise ValidationError(f"{state_name(state)} has a rule on file: change that one.")
        return state

    def values(self) -> Values:
        return {"state": self.cleaned_data["state"], **self.rule(), "active": True}


class ChangeStateRule(_StateRule):
    act = Act.CHANGE
    own = _RULE

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors and self.values() == self.row.values:
            self.add_error("portal_orders", "Nothing differs from what is in force now.")
        return self.cleaned_data

    def values(self) -> Values:
        return (self.row.values or {}) | self.rule()


class ChangeFigure(ChangeForm):
    act = Act.CHANGE
    own = ("value",)
    widths: ClassVar = {"value": "w-6"}

    value = Amount(label="Figure")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        values = self.row.values or {}
        field, limits = cast(Amount, self.fields["value"]), self._limits()
        field.label, field.unit = values["label"], values["unit"]
        field.least, field.most, field.whole = limits.least, limits.most, limits.whole
        field.help_text = f"From {limits.text()}"

    def _limits(self) -> Limits:
        usual = Limits(Decimal(0), Decimal(999), whole=False)
        return LIMITS.get((self.row.values or {})["key"], usual)

    def clean_value(self) -> Decimal:
        value: Decimal = self.cleaned_data["value"]
        key = (self.row.values or {})["key"]
        others = dict(RuleFigure.objects.exclude(key=key).values_list("key", "value"))
        if why := disagreement(key, value, others):
            raise ValidationError(why)
        return value

    def clean(self) -> dict[str, Any]:
        if not self.errors and self.values() == self.row.values:
            self.add_error("value", "Nothing differs from what is in force now.")
        return self.cleaned_data

    def values(self) -> Values:
        said = self.cleaned_data
        changed = {"value": display(said["value"]), "source": said["source"]}
        return (self.row.values or {}) | changed
