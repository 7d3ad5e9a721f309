"""The regimen's steps: one small form a row, and the buttons that add, remove and move rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from accounts.house_fields import PagePart
from accounts.house_forms import HouseInteger, HouseText
from formulary.amounts import DoseError, display, parse_dose
from formulary.dosing import MAX_DAYS, MAX_STEPS, MAX_TIMES_PER_DAY, Product, Step, Timing
from formulary.findings import Finding
from formulary.reference import Formulary, Template
from formulary.words import TIMING_LABELS
from orders.models import Order

if TYPE_CHECKING:
    StepFormSetBase = forms.BaseFormSet["StepForm"]
else:
    StepFormSetBase = forms.BaseFormSet

Row = Mapping[str, list[str]]
PREFIX: Final = "steps"
FIELDS: Final = ("product", "dose", "times_per_day", "timing", "days")
_KEY = re.compile(rf"{PREFIX}-(0|[1-9][0-9]{{0,2}})-({'|'.join(FIELDS)})", re.ASCII)
# Each row takes five fields of the 400 that a request may have: more rows cannot come.
_ROWS_AT_MOST = 80
BLANK: Row = {}


class DoseText(HouseText):
    """One dose in mg, in ISMP spelling only; cleaned to an exact Decimal."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal"}
        super().__init__(max_length=200, unit="mg", widget=forms.TextInput(attrs), **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return parse_dose(text) if text else None
        except DoseError as error:
            raise ValidationError(str(error)) from None


class StepForm(PagePart):
    conditional: ClassVar[frozenset[str]] = frozenset({"days", "product"})

    dose = DoseText(label="Dose")
    times_per_day = HouseInteger(
        label="Times a day",
        min_value=1,
        max_value=MAX_TIMES_PER_DAY,
        error_messages={"required": "Enter how many times a day the dose is taken."},
    )
    timing = forms.ChoiceField(
        label="When",
        error_messages={"required": "Choose when the dose is taken."},
        choices=[("", "Choose when"), *((str(t), words) for t, words in TIMING_LABELS.items())],
    )
    days = HouseInteger(label="Days", required=False, min_value=1, max_value=MAX_DAYS, unit="days")
    product = forms.ChoiceField(label="Product for this step", required=False)

    def __init__(self, *args: Any, products: Sequence[Product], number: int, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.number = number
        self.notes: list[Finding] = []
        # A larger strength to offer, as the page shows it.
        self.offer: object = None
        field = self.fields["product"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  narrows the type
        field.choices = [("", "As chosen for the order"), *((p.code, p.label) for p in products)]

    @property
    def place(self) -> str:
        """Where the page shows notes on this step."""
        return f"step-{self.number}"

    def take_focus(self) -> None:
        self.fields["dose"].widget.attrs["autofocus"] = True

    def add_error(self, field: str | None, error: Any) -> None:
        """Says which step is meant: the summary lists the errors of all of them."""
        texts = ValidationError(error).messages
        super().add_error(field, [ValidationError(f"Step {self.number}: {t}") for t in texts])

    def value(self, formulary: Formulary, ordered: Product | None) -> Step | None:
        """The step so far, once product, dose and times a day are known; days may still be open."""
        dose, times = self.answer("dose"), self.answer("times_per_day")
        product = formulary.products.get(self.answer("product") or "", ordered)
        if product is None or dose is None or times is None or "product" in self.errors:
            return None
        timing = Timing(self.answer("timing") or Timing.ANY)
        return Step(product, dose, times, self.answer("days"), timing)


class StepFormSet(StepFormSetBase):
    """1 to 20 steps, counted by the rows that came: there is no count for a client to change."""

    def __init__(self, rows: Sequence[Row], *, products: Sequence[Product], **kwargs: Any) -> None:
        data: MultiValueDict[str, str] = MultiValueDict()
        for number, row in enumerate(rows):
            for name, values in row.items():
                data.setlist(f"{PREFIX}-{number}-{name}", values)
        # All rows count as initial: a blank one is an error, not a spare to be ignored.
        data[f"{PREFIX}-TOTAL_FORMS"] = data[f"{PREFIX}-INITIAL_FORMS"] = str(len(rows))
        self.products = products
        super().__init__(
            data,
            prefix=PREFIX,
            error_messages={
                "too_many_forms": f"A regimen has at most {MAX_STEPS} steps: remove some."
            },
            **kwargs,
        )

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {"products": self.products, "number": (index or 0) + 1}

    @property
    def is_alone(self) -> bool:
        return len(self.forms) == 1

    @property
    def can_grow(self) -> bool:
        return len(self.forms) < MAX_STEPS

    def unjudged(self) -> None:
        for form in self.forms:
            form.unjudged()
        self._errors: list[Any] = []
        self._non_form_errors = self.error_class()


_StepFormSet = forms.formset_factory(
    StepForm,
    formset=StepFormSet,
    extra=0,
    min_num=1,
    max_num=MAX_STEPS,
    absolute_max=_ROWS_AT_MOST,
    validate_max=True,
)


def step_forms(rows: Sequence[Row], products: Sequence[Product]) -> StepFormSet:
    made = _StepFormSet(list(rows)[:_ROWS_AT_MOST] or [BLANK], products=products)  # type: ignore[arg-type, call-arg]
    assert isinstance(made, StepFormSet)  # noqa: S101  narrows the type
    return made


def rows_sent(data: QueryDict) -> list[Row]:
    """The rows as they came, in the order of their numbers; gaps close up."""
    rows: dict[int, dict[str, list[str]]] = {}
    for key in data:
        if match := _KEY.fullmatch(key):
            rows.setdefault(int(match[1]), {})[match[2]] = data.getlist(key)
    return [rows[number] for number in sorted(rows)] or [BLANK]


def _row(product: str, dose: Decimal, times_per_day: int, timing: str, days: int | None) -> Row:
    texts = (product, display(dose), str(times_per_day), timing, str(days or ""))
    return {name: [text] for name, text in zip(FIELDS, texts, strict=True)}


def rows_of(order: Order) -> list[Row]:
    """A stored draft's steps as they would be typed."""
    return [
        _row(
            "" if step.product_id == order.product_id else step.product.code,
            step.dose_mg,
            step.times_per_day,
            step.timing,
            step.days,
        )
        for step in order.steps.all()
    ]


def rows_from(template: Template) -> list[Row]:
    return [
        _row(s.product, s.dose_mg, s.times_per_day, str(s.timing), s.days) for s in template.steps
    ]


# --- The buttons: named submits, so that they work without a script -----------------------------
def _position(data: QueryDict, button: str, rows: Sequence[Row]) -> int | None:
    """The index a button names (it counts from 1); None when it was not pressed or names no row."""
    text = data.get(button, "")
    if not re.fullmatch(r"[1-9][0-9]?", text, re.ASCII) or int(text) > len(rows):
        return None
    return int(text) - 1


def rearranged(data: QueryDict, rows: Iterable[Row]) -> tuple[list[Row], int] | None:
    """Rows after the pressed button and the index to set the focus on; None: none was pressed."""
    kept = list(rows)
    if "add_step" in data:
        kept = [*kept, BLANK] if len(kept) < MAX_STEPS else kept
        return kept, len(kept) - 1
    if "remove_step" in data:
        at = _position(data, "remove_step", kept)
        if at is not None:
            del kept[at]
        return kept or [BLANK], max((at or 0) - 1, 0)
    for button, by in (("up_step", -1), ("down_step", 1)):
        if button in data:
            at = _position(data, button, kept)
            if at is None or not 0 <= at + by < len(kept):
                return kept, at or 0
            kept[at], kept[at + by] = kept[at + by], kept[at]
            return kept, at + by
    return None
