"""Conditions with their codes, and usual regimens with their steps."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models

from formulary.amounts import display
from formulary.kept.kind import Column, Kind, Line, Values, day_words, mg, spoken, yes_no
from formulary.models import Indication, IndicationCode, RegimenTemplate, TemplateStep
from formulary.status import Act, ChangeKind


def code_line(code: Values) -> str:
    """`L40.0 | Psoriasis vulgaris`; `T20* | Burn of head and neck | 7 characters | emergent`."""
    star = f"{code['code']}*" if code["full_length"] else code["code"]
    length = f"{code['full_length']} characters" if code["full_length"] else ""
    documented = spoken(code["documented"]).lower() if code["documented"] else ""
    return " | ".join(part for part in (star, code["label"], length, documented) if part)


class Indications(Kind[Indication]):
    kind = ChangeKind.INDICATION
    model = Indication
    dates_a_look = True
    searched = ("name", "codes__code")
    many = "Conditions"
    lead = "What is documented of each condition, and the diagnosis codes it is known by."
    columns = (
        Column("slug", "Name in addresses"),
        Column("name", "Name"),
        Column("documented", "Documented as", spoken),
        Column("text", "What is documented"),
        Column("documented_dose", "Documented dose"),
        Column("time_to_effect", "Time to effect"),
        Column("evidence", "Kind of evidence"),
        Column("not_documented", "Not documented"),
        Column("cautions", "Cautions"),
        Column("elsewhere", "Reported elsewhere"),
        Column("further_sources", "Sources of that"),
        Column("source", "Source"),
        Column("reviewed", "Last compared with the source", day_words),
        Column("active", "Offered on the order form", yes_no),
    )

    def rows(self) -> models.QuerySet[Indication]:
        return Indication.objects.order_by("name").prefetch_related("codes")

    def key(self, values: Values) -> str:
        return str(values["slug"])

    def brief(self, row: Indication) -> str:
        return f"{spoken(row.documented)} · {len(row.codes.all())} codes"

    def parts(self, row: Indication) -> Values:
        names = ("code", "label", "full_length", "documented")
        return {"codes": [{n: getattr(code, n) for n in names} for code in row.codes.all()]}

    def lines(self, before: Values | None, after: Values) -> list[Line]:
        was = "\n".join(map(code_line, before["codes"])) if before else ""
        now = "\n".join(map(code_line, after["codes"]))
        return [*super().lines(before, after), Line("Codes", was, now, was != now)]

    def write(self, row: Indication | None, act: Act, after: Values, on: date) -> Indication:
        """Every change compares the row with its source once more."""
        return super().write(row, act, after | {"reviewed": on.isoformat()}, on)

    def write_parts(self, row: Indication, after: Values) -> None:
        wanted = {code["code"]: code for code in after["codes"]}
        kept = {code.code: code for code in row.codes.all()}
        for code in kept.values():
            if code.code not in wanted:
                code.delete()
        for code, values in wanted.items():
            one = kept.get(code) or IndicationCode(indication=row, code=code)
            if {name: getattr(one, name) for name in values} != values or one.pk is None:
                one.label, one.documented = values["label"], values["documented"]
                one.full_length = values["full_length"]
                one.full_clean()
                one.save()


def step_line(number: int, step: Values) -> str:
    days = f"{step['days']} days" if step["days"] else "until the end"
    times = "once a day" if step["times_per_day"] == 1 else f"{step['times_per_day']} times a day"
    of = f" of {step['product']}" if step["product"] else ""
    timing = "" if step["timing"] == "any" else f", {step['timing'].replace('_', ' ')}"
    return f"{number}. {mg(step['dose_mg'])}{of} {times}{timing}, {days}"


class Templates(Kind[RegimenTemplate]):
    kind = ChangeKind.TEMPLATE
    model = RegimenTemplate
    searched = ("name", "product__code")
    many = "Usual regimens"
    lead = "What an order can start from. A regimen that would be stopped is not taken."
    natural: ClassVar = {"product": "code"}
    columns = (
        Column("slug", "Name in addresses"),
        Column("name", "Name"),
        Column("product", "Product"),
        Column("days_supply", "Days of supply"),
        Column("source", "Source"),
        Column("active", "Offered on the order form", yes_no),
    )

    def rows(self) -> models.QuerySet[RegimenTemplate]:
        found = RegimenTemplate.objects.select_related("product__drug", "product__route")
        return found.order_by("name").prefetch_related("steps__product")

    def key(self, values: Values) -> str:
        return str(values["slug"])

    def brief(self, row: RegimenTemplate) -> str:
        return f"{row.product.code}, {row.days_supply} days"

    def parts(self, row: RegimenTemplate) -> Values:
        return {"steps": [self._step(step) for step in row.steps.all()]}

    def _step(self, step: TemplateStep) -> Values:
        value = step.as_value()
        return {
            "dose_mg": display(value.dose_mg),
            "times_per_day": value.times_per_day,
            "days": value.days,
            "timing": str(value.timing),
            "product": value.product,
        }

    def lines(self, before: Values | None, after: Values) -> list[Line]:
        was, now = (
            "\n".join(step_line(at, step) for at, step in enumerate(values["steps"], 1))
            if values
            else ""
            for values in (before, after)
        )
        return [*super().lines(before, after), Line("Steps", was, now, was != now)]

    def write_parts(self, row: RegimenTemplate, after: Values) -> None:
        if row.pk and [self._step(step) for step in row.steps.all()] == after["steps"]:
            return
        row.steps.all().delete()
        for number, step in enumerate(after["steps"], 1):
            product = self.pointed("product", step["product"]) if step["product"] else None
            made = TemplateStep(template=row, number=number, **{**step, "product": product})
            made.full_clean()
            made.save()
