"""Products and documented ranges: what needs a second pharmacist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from formulary import reference
from formulary.clock import pharmacy_today
from formulary.kept.kind import Column, Kind, Values, day_words, mg, yes_no
from formulary.models import DocumentedRange, Drug, Product, RegimenTemplate, Route
from formulary.reference import Formulary
from formulary.shipped import shipped_formulary
from formulary.status import Act, ChangeKind


def _price(value: str | None) -> str:
    return f"${value}" if value else "No price"


class Products(Kind[Product]):
    """Never changed in what was signed: another strength, form or beyond-use date is another row."""

    kind = ChangeKind.PRODUCT
    model = Product
    searched = ("code", "drug__name", "form")
    many = "Products"
    lead = "What may be ordered. A product is retired and another one added, never changed."
    natural: ClassVar = {"drug": "name", "route": "code"}
    columns = (
        Column("code", "Code"),
        Column("drug", "Drug"),
        Column("route", "Route"),
        Column("form", "Form"),
        Column("unit", "Unit"),
        Column("strength_mg", "Strength in one unit", mg),
        Column("increment", "Smallest part of a unit"),
        Column("beyond_use_days", "Beyond-use days"),
        Column("source", "Source"),
        Column("price_per_unit", "Price for one unit", _price),
        Column("copy_risk", "Close to a marketed strength", yes_no),
        Column("active", "Can be ordered", yes_no),
    )

    def rows(self) -> models.QuerySet[Product]:
        return Product.objects.with_parts()

    def key(self, values: Values) -> str:
        return str(values["code"])

    def name(self, row: Product) -> str:
        return row.code

    def brief(self, row: Product) -> str:
        return f"{row.as_value().label}, {row.route.words}, {row.beyond_use_days} days"

    def needs_second(self, act: Act, before: Values | None, after: Values) -> bool:
        if act in (Act.ADD, Act.RESTORE):
            return True
        return before is not None and before["copy_risk"] != after["copy_risk"]

    def warnings(
        self, act: Act, before: Values | None, after: Values, formulary: Formulary
    ) -> Sequence[str]:
        if act is Act.RETIRE:
            return list(self._left_without(str(after["code"])))
        if act is not Act.ADD:
            return ()
        found = []
        known = {product.drug for product in formulary.products.values()}
        drug, route = after["drug"], after["route"]
        if drug not in known:
            near = get_close_matches(drug, known, n=1, cutoff=0.8)
            alike = f" It is spelled almost like {near[0]}: compare the two." if near else ""
            found.append(f"{drug} is new to the catalogue.{alike}")
        if not any((r.drug, r.route) == (drug, route) for r in formulary.ranges):
            found.append(
                f"No range is documented for {drug} by this route: orders of it cannot be checked "
                "against one until it is added."
            )
        return found

    def _left_without(self, code: str) -> Sequence[str]:
        names = list(
            RegimenTemplate.objects.active()
            .filter(product__code=code)
            .values_list("name", flat=True)
        )
        found = ["Drafts that name it are stopped from that day. Signed orders stay as they are."]
        if names:
            found.append(f"These usual regimens are offered no longer: {'; '.join(names)}.")
        return found

    def pointed(self, name: str, value: str) -> models.Model:
        """A new drug or route is made with the product."""
        if name == "drug":
            return Drug.objects.get_or_create(name=value)[0]
        return super().pointed(name, value)

    def write(self, row: Product | None, act: Act, after: Values, on: date) -> Product:
        if row is None:
            words = {"words": after.get("route_words", after["route"])}
            Route.objects.get_or_create(code=after["route"], defaults=words)
        return super().write(row, act, after, on)


class Ranges(Kind[DocumentedRange]):
    """A changed range ends the old row the day before and starts a new one: what was in force on a
    day stays readable for ever."""

    kind = ChangeKind.RANGE
    model = DocumentedRange
    searched = ("drug__name", "route__code", "source")
    many = "Documented ranges"
    lead = "The daily total that is documented of a drug by a route. Orders outside it are stopped."
    natural: ClassVar = {"drug": "name", "route": "code"}
    columns = (
        Column("drug", "Drug"),
        Column("route", "Route"),
        Column("min_mg", "Least daily total", mg),
        Column("max_mg", "Most daily total", mg),
        Column("source", "Source"),
        Column("starts", "First day", lambda value: day_words(value) or "From the beginning"),
        Column("ends", "Last day", lambda value: day_words(value) or "Open"),
    )

    def rows(self) -> models.QuerySet[DocumentedRange]:
        return DocumentedRange.objects.with_parts().order_by("drug__name", "route__code", "starts")

    def standing(self, *, retired: bool) -> models.QuerySet[DocumentedRange]:
        ended = models.Q(ends__lt=pharmacy_today())
        return self.rows().filter(ended if retired else ~ended)

    def counts(self) -> tuple[int, int]:
        return self.standing(retired=False).count(), self.standing(retired=True).count()

    def key(self, values: Values) -> str:
        return f"{values['drug']} {values['route']}"

    def name(self, row: DocumentedRange) -> str:
        return f"{row.drug.name}, {row.route.words}"

    def brief(self, row: DocumentedRange) -> str:
        return row.as_value().text(comma=True)

    def is_active(self, row: DocumentedRange) -> bool:
        return row.ends is None or row.ends >= pharmacy_today()

    def acts(self, row: DocumentedRange) -> tuple[Act, ...]:
        return (Act.CHANGE, Act.CONFIRM, Act.RETIRE) if self.is_active(row) else ()

    def needs_second(self, act: Act, before: Values | None, after: Values) -> bool:
        return act is not Act.CONFIRM

    def after(self, act: Act, before: Values, on: date) -> Values:
        if act is Act.RETIRE:
            return before | {"ends": (on - timedelta(days=1)).isoformat()}
        return dict(before)

    def warnings(
        self, act: Act, before: Values | None, after: Values, formulary: Formulary
    ) -> Sequence[str]:
        if act is Act.RETIRE:
            return [
                "From that day orders cannot be checked against a range of this drug and route."
            ]
        if act is Act.CONFIRM:
            return ()
        return [*_beyond_the_article(after), *_moved(before, after)]

    def write(
        self, row: DocumentedRange | None, act: Act, after: Values, on: date
    ) -> DocumentedRange:
        if row is None:
            return super().write(None, act, after | {"starts": on.isoformat()}, on)
        ended = (on - timedelta(days=1)).isoformat()
        if row.starts is not None and row.starts >= on:
            raise ValidationError(
                {"effective_on": f"This range begins on {day_words(row.starts.isoformat())} itself: "
                 "choose a later day."}
            )  # fmt: skip
        last, now_ends = self.snapshot(row)["ends"], {"ends": ended}
        old = super().write(row, act, self.snapshot(row) | now_ends, on)
        if act is Act.RETIRE:
            return old
        return super().write(None, act, after | {"starts": on.isoformat(), "ends": last}, on)


def _decimals(values: Values) -> tuple[Decimal, Decimal]:
    return Decimal(values["min_mg"]), Decimal(values["max_mg"])


def _beyond_the_article(after: Values) -> list[str]:
    """What goes beyond the range that the pharmacy's own article documents."""
    pair: Any = (after["drug"], after["route"])
    documented: reference.DocumentedRange | None = next(
        (row for row in shipped_formulary().ranges if (row.drug, row.route) == pair), None
    )
    if documented is None:
        return []
    low, high = _decimals(after)
    found = []
    if high > documented.max_mg:
        found.append(
            f"Above what is documented: {mg(after['max_mg'])} a day is more than the "
            f"{documented.text()} of “{documented.source}”. Only a source that says so can carry it."
        )
    if low < documented.min_mg:
        found.append(
            f"Below what is documented: {mg(after['min_mg'])} a day is less than the "
            f"{documented.text()} of “{documented.source}”."
        )
    return found


def _moved(before: Values | None, after: Values) -> list[str]:
    if before is None:
        return []
    (low, high), (new_low, new_high) = _decimals(before), _decimals(after)
    found = []
    if new_high > high or new_low < low:
        found.append("Wider than now: doses that are stopped today will pass.")
    if new_high < high or new_low > low:
        found.append(
            "Narrower than now: drafts outside it are stopped from that day. Signed orders stay as "
            "they are."
        )
    return found
