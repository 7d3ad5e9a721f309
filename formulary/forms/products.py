"""Forms of products and documented ranges."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError

from accounts.house_fields import PlainText
from accounts.house_forms import HouseInteger
from formulary.amounts import amount, display
from formulary.catalogue import controlled_name, copied, usual_routes
from formulary.forms.base import ChangeForm, Row, offered
from formulary.forms.fields import Amount, Price
from formulary.kept import Values
from formulary.models.products import UNITS
from formulary.status import Act

_CODE = re.compile(r"[A-Z0-9]+(?:[.-][A-Z0-9]+)*")
_DRUG = re.compile(r"[a-z]+(?:[ -][a-z]+)*")
_INCREMENTS = {
    "capsule": ("1",),
    "tablet": ("1", "0.5", "0.25"),
    "troche": ("1", "0.5", "0.25"),
}
_COPY = "Close to a marketed strength: the reason for compounding is asked in words"


class AddProduct(ChangeForm):
    act = Act.ADD
    own = (
        "code", "drug", "route", "form", "unit", "strength_mg", "increment", "beyond_use_days",
        "price_per_unit", "copy_risk",
    )  # fmt: skip
    widths: ClassVar = {
        "code": "w-16", "strength_mg": "w-6", "increment": "w-6", "beyond_use_days": "w-4",
        "price_per_unit": "w-6", "route": "w-24", "unit": "w-16",
    }  # fmt: skip
    conditional = frozenset({"copy_risk"})

    code = PlainText(
        label="Code",
        max_length=30,
        help_text="Capital letters, digits, points and hyphens, such as LDN-CAP-4.5",
    )
    drug = PlainText(
        label="Drug",
        max_length=60,
        help_text=(
            "The generic name in small letters, without a salt, such as naltrexone. Controlled "
            "ingredients may not enter the catalogue"
        ),
    )
    route = forms.ChoiceField(label="Route")
    form = PlainText(label="Form", max_length=40, help_text="Such as capsule or oral liquid")
    unit = forms.ChoiceField(label="Unit", choices=offered([(u, u) for u in UNITS], "unit"))
    strength_mg = Amount(
        label="Strength in one unit", unit="mg", help_text="In a liquid: mg in 1 mL"
    )
    increment = Amount(
        label="Smallest part of a unit that is given",
        help_text="Capsules 1, tablets and troches 1, 0.5 or 0.25, liquids such as 0.1",
        most=Decimal(100),
    )
    beyond_use_days = HouseInteger(
        label="Beyond-use days", min_value=1, max_value=365, unit="days",
        help_text="The shortest of what USP 795 and the stability data allow",
    )  # fmt: skip
    price_per_unit = Price(
        label="Price for one unit", required=False, help_text="Orders then show an estimate"
    )
    copy_risk = forms.BooleanField(label=_COPY, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        route = cast(forms.ChoiceField, self.fields["route"])
        known = {p.route: p.route_words for p in self.formulary.products.values()}
        self.routes = usual_routes() | known
        route.choices = offered([(c, f"{c} ({w})") for c, w in self.routes.items()], "route")

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].upper()
        if not _CODE.fullmatch(code):
            raise ValidationError(
                "Write the code in capital letters, digits, points and hyphens, such as LDN-CAP-4.5."
            )
        if code in self.formulary.products:
            raise ValidationError(f"{code} is on file already: each product has a code of its own.")
        return code

    def clean_drug(self) -> str:
        drug = " ".join(self.cleaned_data["drug"].lower().split())
        if not _DRUG.fullmatch(drug):
            raise ValidationError("Write the drug in letters, such as naltrexone.")
        if named := controlled_name(drug, self.formulary.medicines):
            raise ValidationError(
                f"{named.capitalize()} is a controlled ingredient: it may not enter the catalogue."
            )
        return drug

    def clean(self) -> dict[str, Any]:
        unit, part = self.answer("unit"), self.answer("increment")
        if unit in _INCREMENTS and part is not None and display(part) not in _INCREMENTS[unit]:
            allowed = _INCREMENTS[unit]
            words = (
                allowed[0] if len(allowed) == 1 else f"{', '.join(allowed[:-1])} or {allowed[-1]}"
            )
            self.add_error("increment", f"A {unit} is given in parts of {words}.")
        self._judge_strength()
        return self.cleaned_data

    def _judge_strength(self) -> None:
        drug, route, strength = (self.answer(name) for name in ("drug", "route", "strength_mg"))
        if not (drug and route and strength):
            return
        near = copied(drug, route, strength)
        if near and not self.answer("copy_risk"):
            marketed = amount(near.strength_mg, "mg")
            self.add_error(
                "copy_risk",
                f"{amount(strength, 'mg')} is within 10 % of {marketed}, which is marketed "
                f"({near.source}): tick this box.",
            )

    def values(self) -> Values:
        said = self.cleaned_data
        plain = {name: said[name] for name in ("code", "drug", "route", "form", "unit", "source")}
        return plain | {
            "route_words": self.routes[said["route"]],
            "strength_mg": display(said["strength_mg"]),
            "increment": display(said["increment"]),
            "beyond_use_days": said["beyond_use_days"],
            "price_per_unit": said["price_per_unit"],
            "copy_risk": said["copy_risk"],
            "active": True,
        }


class ChangeProduct(ChangeForm):
    """What may change of a product that was signed for: never a clinical figure."""

    act = Act.CHANGE
    own = ("price_per_unit", "copy_risk")
    widths: ClassVar = {"price_per_unit": "w-6"}
    conditional = frozenset({"copy_risk"})

    price_per_unit = Price(
        label="Price for one unit", required=False, help_text="Empty: orders show no estimate"
    )
    copy_risk = forms.BooleanField(label=_COPY, required=False)

    def clean(self) -> dict[str, Any]:
        _want_change(self, ("price_per_unit", "copy_risk"))
        return self.cleaned_data

    def values(self) -> Values:
        said = self.cleaned_data
        changed = {name: said[name] for name in self.own}
        return (self.row.values or {}) | changed


def _want_change(form: ChangeForm, names: tuple[str, ...]) -> None:
    """An error at the first field when nothing differs from the row."""
    before = form.row.values or {}
    if not form.errors and all(form.cleaned_data.get(n) == before[n] for n in names):
        form.add_error(names[0], "Nothing differs from what is in force now.")


class _RangeFigures(ChangeForm):
    widths: ClassVar = {"min_mg": "w-6", "max_mg": "w-6", "drug": "w-24", "route": "w-24"}

    min_mg = Amount(label="Least daily total", unit="mg", help_text="Of all doses of a day")
    max_mg = Amount(label="Most daily total", unit="mg")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "source"
        ].help_text = "Prescribers read it: the study, article or label that documents this range"

    def clean(self) -> dict[str, Any]:
        low, high = self.answer("min_mg"), self.answer("max_mg")
        if low is not None and high is not None and low > high:
            self.add_error(
                "max_mg", f"The most daily total is less than the least, {amount(low, 'mg')}."
            )
        elif low is not None and high is not None:
            self._judge_slips(low, high)
        return self.cleaned_data

    def _judge_slips(self, low: Decimal, high: Decimal) -> None:
        """Ten times what is in force is a slip of the point, not another documented range."""
        before = self.row.values
        if before is None:
            return
        was_low, was_high = Decimal(before["min_mg"]), Decimal(before["max_mg"])
        if high >= was_high * 10:
            self.add_error(
                "max_mg",
                f"{amount(high, 'mg')} is ten times the present {amount(was_high, 'mg')} or more: "
                "check the point. No documented range moves so far at once.",
            )
        if low * 10 <= was_low:
            self.add_error(
                "min_mg",
                f"{amount(low, 'mg')} is a tenth of the present {amount(was_low, 'mg')} or less: "
                "check the point. No documented range moves so far at once.",
            )

    def figures(self) -> Values:
        said = self.cleaned_data
        return {
            "min_mg": display(said["min_mg"]),
            "max_mg": display(said["max_mg"]),
            "source": said["source"],
            "starts": said["effective_on"].isoformat(),
        }


class AddRange(_RangeFigures):
    act = Act.ADD
    own = ("drug", "route", "min_mg", "max_mg")

    drug = forms.ChoiceField(label="Drug")
    route = forms.ChoiceField(label="Route")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        products = self.formulary.products.values()
        for name in ("drug", "route"):
            field = cast(forms.ChoiceField, self.fields[name])
            known = sorted({str(getattr(p, name)) for p in products})
            field.choices = offered([(one, one) for one in known], name)

    def clean(self) -> dict[str, Any]:
        pair = (self.answer("drug"), self.answer("route"))
        standing = [r for r in self.formulary.ranges if (r.drug, r.route) == pair]
        day = self.answer("effective_on")
        if day and any(row.ends is None or row.ends >= day for row in standing):
            self.add_error(
                "route",
                "A range of this drug and route is in force on that day: change that one instead.",
            )
        return super().clean()

    def values(self) -> Values:
        said = self.cleaned_data
        return {"drug": said["drug"], "route": said["route"], **self.figures(), "ends": None}


_CITED = ("min_mg", "max_mg", "source")


class ChangeRange(_RangeFigures):
    """Its source is typed anew: that of the old range does not carry the new one."""

    act = Act.CHANGE
    own = ("min_mg", "max_mg")

    @classmethod
    def starting(cls, row: Row) -> Values:
        return {name: value for name, value in super().starting(row).items() if name != "source"}

    def clean(self) -> dict[str, Any]:
        super().clean()
        before = self.row.values or {}
        low, high = self.answer("min_mg"), self.answer("max_mg")
        same = low is not None and high is not None and not self.errors
        if same and all(self.figures()[name] == before[name] for name in _CITED):
            self.add_error("min_mg", "Nothing differs from what is in force now.")
        return self.cleaned_data

    def values(self) -> Values:
        return (self.row.values or {}) | self.figures()
