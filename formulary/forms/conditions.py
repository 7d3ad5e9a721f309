"""Forms of conditions with their codes, and of usual regimens with their steps."""

from __future__ import annotations

import re
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from accounts.house_fields import PlainText
from accounts.house_forms import HouseInteger, own_words, plain_control
from formulary.amounts import display
from formulary.dosing import MAX_DAYS, MAX_STEPS, MAX_TIMES_PER_DAY, Regimen, Step, Timing
from formulary.findings import Level
from formulary.forms.base import ChangeForm, Row, offered
from formulary.forms.fields import Amount
from formulary.kept import Values
from formulary.kept.conditions import code_line
from formulary.kept.kind import spoken
from formulary.models import Indication, RegimenTemplate
from formulary.reference import WELL_FORMED_CODE, Documented
from formulary.rules import check_regimen
from formulary.status import Act

_PREFIX = re.compile(r"[A-Z][0-9A-Z]{1,2}(?:\.[0-9A-Z]{0,3})?")
_LENGTH = re.compile(r"([3-7]) characters")
_CODES_HELP = (
    "One a line, its words behind a bar: L40.0 | Psoriasis vulgaris. Many codes by their beginning, "
    "with a star and how long they are: T20* | Burn of head and neck | 7 characters. A code that is "
    "documented otherwise than the condition says so last: L63.1 | Alopecia universalis | emergent"
)


class _Condition(ChangeForm):
    own = (
        "name", "documented", "text", "documented_dose", "time_to_effect", "evidence",
        "not_documented", "cautions", "elsewhere", "further_sources", "codes",
    )  # fmt: skip
    conditional = frozenset({"further_sources"})

    name = PlainText(label="Name of the condition", max_length=120, min_length=3)
    documented = forms.ChoiceField(
        label="Documented as", widget=forms.RadioSelect,
        choices=[(level.value, spoken(level)) for level in Documented],
    )  # fmt: skip
    text = PlainText(label="What is documented", max_length=500, multiline=True)
    documented_dose = PlainText(label="Documented dose", max_length=200, required=False)
    time_to_effect = PlainText(label="Time to effect", max_length=200, required=False)
    evidence = PlainText(
        label="Kind of evidence", max_length=200, required=False, help_text="Such as case data"
    )
    not_documented = PlainText(
        label="Not documented", max_length=500, required=False, multiline=True
    )
    cautions = PlainText(label="Cautions", max_length=500, required=False, multiline=True)
    elsewhere = PlainText(
        label="Reported elsewhere", max_length=500, required=False, multiline=True,
        help_text="What others report, with its sources below",
    )  # fmt: skip
    further_sources = PlainText(label="Sources of that", max_length=300, required=False)
    codes = PlainText(
        label="Diagnosis codes", max_length=20_000, multiline=True, help_text=_CODES_HELP
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["codes"].widget.attrs["rows"] = 12

    @classmethod
    def starting(cls, row: Row) -> Values:
        start = super().starting(row)
        codes = map(code_line, start.get("codes", ()))
        return start | {"codes": "\n".join(codes)}

    def clean_codes(self) -> list[Values]:
        found: dict[str, Values] = {}
        for number, line in enumerate(self.cleaned_data["codes"].splitlines(), 1):
            if not line.strip():
                continue
            code = _code_of(line, number)
            if code["code"] in found:
                raise ValidationError(f"Line {number}: {code['code']} stands there twice.")
            found[code["code"]] = code
        return list(found.values())

    def clean(self) -> dict[str, Any]:
        if self.answer("elsewhere") and not self.answer("further_sources"):
            self.add_error("further_sources", "Name the source of what is reported elsewhere.")
        return self.cleaned_data

    def told(self) -> Values:
        said = self.cleaned_data
        return {name: said[name] for name in (*self.own, "source")} | {
            "reviewed": said["effective_on"].isoformat()
        }


def _code_of(line: str, number: int) -> Values:
    code, *rest = (part.strip() for part in line.split("|"))
    at = f"Line {number}"
    if not rest or not rest[0]:
        raise ValidationError(f"{at}: write the words of {code[:20]} behind a bar.")
    if len(rest[0]) > 200 or len(rest) > 3:
        raise ValidationError(f"{at}: write code, words, length and documentation, parted by bars.")
    length = next((int(m[1]) for part in rest[1:] if (m := _LENGTH.fullmatch(part))), 0)
    words = [part for part in rest[1:] if not _LENGTH.fullmatch(part)]
    documented = _documented(words[0], at) if words else ""
    plain = code.removesuffix("*").upper()
    if code.endswith("*") != bool(length) or len(words) > 1:
        raise ValidationError(
            f"{at}: a beginning has a star and a length, such as T20* | Burn of head and neck | "
            "7 characters; a whole code has neither."
        )
    shape = _PREFIX if length else WELL_FORMED_CODE
    if not shape.fullmatch(plain) or (length and len(plain.replace(".", "")) >= length):
        raise ValidationError(f"{at}: {plain[:20]} is not spelled like a diagnosis code: L40.0.")
    return {"code": plain, "label": rest[0], "full_length": length, "documented": documented}


def _documented(words: str, at: str) -> str:
    known = {spoken(level).lower(): level.value for level in Documented}
    if words.lower() not in known:
        raise ValidationError(f"{at}: write one of {', '.join(known)} for what is documented.")
    return known[words.lower()]


class AddCondition(_Condition):
    act = Act.ADD

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        slug = slugify(name)[:60]
        if not slug or Indication.objects.filter(slug=slug).exists():
            raise ValidationError(f"{name} is on file already, or cannot stand in an address.")
        return name

    def values(self) -> Values:
        told = self.told()
        return told | {"slug": slugify(told["name"])[:60], "active": True}


class ChangeCondition(_Condition):
    act = Act.CHANGE

    def clean(self) -> dict[str, Any]:
        super().clean()
        before = self.row.values or {}
        told = () if self.errors else (n for n in (*self.own, "source"))
        if not self.errors and all(self.cleaned_data[name] == before[name] for name in told):
            self.add_error("name", "Nothing differs from what is in force now.")
        return self.cleaned_data

    def values(self) -> Values:
        return (self.row.values or {}) | self.told()


# --- usual regimens -----------------------------------------------------------------------------
_TIMINGS = [(timing.value, spoken(timing)) for timing in Timing]
_STEP = ("dose_mg", "product", "times_per_day", "days", "timing")


class _Regimen(ChangeForm):
    """`rows` steps, of which empty ones are left out; with `more` two rows are added."""

    widths: ClassVar = {"days_supply": "w-4", "product": "w-24"}

    name = PlainText(label="Name", max_length=120, min_length=3)
    product = forms.ChoiceField(label="Product")
    days_supply = HouseInteger(label="Days of supply", min_value=1, max_value=MAX_DAYS, unit="days")
    rows = forms.RegexField(r"\A[1-9][0-9]?\Z", required=False, widget=forms.HiddenInput)

    @classmethod
    def starting(cls, row: Row) -> Values:
        start, steps = super().starting(row), (row.values or {}).get("steps", [])
        for at, step in enumerate(steps, 1):
            start |= {f"{name}_{at}": step[name] for name in _STEP}
        return start | {"rows": min(len(steps) + 1, MAX_STEPS) if steps else 3}

    def __init__(self, data: Any = None, *, row: Row, **kwargs: Any) -> None:
        initial = kwargs.pop("initial", None) or self.starting(row)
        self.count = _count((data or initial).get("rows"))
        super().__init__(data, row=row, initial={**initial, "rows": self.count}, **kwargs)
        products = [p for p in self.formulary.products.values() if p.active]
        choice = cast(forms.ChoiceField, self.fields["product"])
        self.listed = [(p.code, f"{p.code} ({p.label})") for p in products]
        choice.choices = offered(self.listed, "product")
        for at in range(1, self.count + 1):
            self._add_step(at)
        self.order_fields([*self.own, "source", "reason", "effective_on"])
        # Rows that stay empty are left out: none of their controls reads "(optional)".
        self.conditional = frozenset(self.own_steps)  # type: ignore[misc]

    @property
    def own_steps(self) -> tuple[str, ...]:
        return tuple(f"{name}_{at}" for at in range(1, self.count + 1) for name in _STEP)

    def _add_step(self, at: int) -> None:
        told = f"of step {at}"
        self.fields |= {
            f"dose_mg_{at}": Amount(label=f"Dose {told}", unit="mg", required=False),
            f"product_{at}": forms.ChoiceField(
                label=f"Product {told}",
                choices=[("", "The regimen’s own"), *self.listed],
                required=False,
            ),
            f"times_per_day_{at}": HouseInteger(
                label=f"Times a day {told}",
                min_value=1,
                max_value=MAX_TIMES_PER_DAY,
                required=False,
            ),
            f"days_{at}": HouseInteger(
                label=f"Days {told}", min_value=1, max_value=MAX_DAYS, required=False
            ),
            f"timing_{at}": forms.ChoiceField(
                label=f"When {told}", choices=[("", "Choose when"), *_TIMINGS], required=False
            ),
        }
        for name in _STEP:
            field = self.fields[f"{name}_{at}"]
            plain_control(field)
            own_words(field, str(field.label))

    def step_rows(self) -> list[dict[str, Any]]:
        """For the template: each step's controls."""
        return [
            {"number": at, "fields": [self[f"{name}_{at}"] for name in _STEP]}
            for at in range(1, self.count + 1)
        ]

    def shown(self) -> Any:
        steps = set(self.own_steps)
        return (one for one in super().shown() if one.field.name not in steps)

    def clean(self) -> dict[str, Any]:
        steps = []
        for at in range(1, self.count + 1):
            given = {name: self.answer(f"{name}_{at}") for name in _STEP}
            if any(value is not None for name, value in given.items() if name != "product"):
                self._need_step(at, given)
                steps.append(given)
        if not steps and not self.errors:
            self.add_error("dose_mg_1", "Enter at least one step.")
        if not self.errors:
            self._judge(steps)
        self.steps = steps
        return self.cleaned_data

    def _need_step(self, at: int, given: Values) -> None:
        for name, ask in (
            ("dose_mg", "Enter the dose"),
            ("times_per_day", "Enter the times a day"),
            ("timing", "Choose when"),
        ):
            if given[name] is None and f"{name}_{at}" not in self.errors:
                self.add_error(f"{name}_{at}", f"{ask} of step {at}.")

    def _judge(self, steps: list[Values]) -> None:
        """A regimen that the checks would stop is no usual one."""
        products = self.formulary.products
        product = products[self.cleaned_data["product"]]
        built = tuple(
            Step(
                products[s["product"]] if s["product"] else product,
                s["dose_mg"],
                s["times_per_day"],
                s["days"],
                Timing(s["timing"]),
            )
            for s in steps
        )
        regimen = Regimen(product, built, self.cleaned_data["days_supply"])
        for finding in check_regimen(regimen, self.formulary, on=self.day()):
            if finding.level is Level.STOP:
                self.add_error(f"dose_mg_{finding.step}" if finding.step else None, finding.text)

    def told(self) -> Values:
        said = self.cleaned_data
        plain = {name: said[name] for name in ("name", "product", "days_supply", "source")}
        steps = [
            s | {"dose_mg": display(s["dose_mg"]), "product": s["product"] or ""}
            for s in self.steps
        ]
        return plain | {"steps": steps}


def _count(given: Any) -> int:
    text = str(given or "")
    return min(int(text), MAX_STEPS) if text.isascii() and text.isdigit() and int(text) else 3


class AddRegimen(_Regimen):
    act = Act.ADD
    own = ("name", "product", "days_supply")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        slug = slugify(name)[:60]
        if not slug or RegimenTemplate.objects.filter(slug=slug).exists():
            raise ValidationError(f"{name} is on file already, or cannot stand in an address.")
        return name

    def values(self) -> Values:
        told = self.told()
        return told | {"slug": slugify(told["name"])[:60], "active": True}


class ChangeRegimen(_Regimen):
    act = Act.CHANGE
    own = ("name", "product", "days_supply")

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors and self.values() == self.row.values:
            self.add_error("name", "Nothing differs from what is in force now.")
        return self.cleaned_data

    def values(self) -> Values:
        return (self.row.values or {}) | self.told()
