"""The order page as a whole: its forms, the clinical check of what they say, and the draft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.forms import BoundField
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from formulary.dosing import Regimen
from formulary.facts import Allergies, OpioidClass, OpioidUse, OrderFacts, TreatmentStatus
from formulary.findings import Code, Finding
from formulary.models import Indication, Product, Reason
from formulary.reference import Formulary, ReasonKind
from orders.forms.order import OrderForm
from orders.forms.patient import PatientForm, state_sent
from orders.forms.places import field_of
from orders.forms.steps import (
    Row,
    StepFormSet,
    rearranged,
    rows_from,
    rows_of,
    rows_sent,
    step_forms,
)
from orders.models import Order
from orders.services.checks import Evaluation, check, findings_now
from orders.services.drafts import Draft, DraftStep
from orders.status import ShipTo, Urgency

# What says nothing yet while days or times of day are still being typed.
_NEED_DAYS = frozenset({Code.DAYS_DO_NOT_ADD_UP, Code.TIMING_DOES_NOT_FIT})


@dataclass(frozen=True, slots=True)
class SoFar:
    """The regimen as far as it can be read: its leading complete steps. `whole`: nothing is missing."""

    regimen: Regimen | None
    whole: bool


class OrderPage:
    """Bound with `data`; filled from `order` otherwise; blank with neither."""

    def __init__(
        self,
        *,
        by: User,
        formulary: Formulary,
        data: QueryDict | None = None,
        order: Order | None = None,
        rows: Sequence[Row] | None = None,
    ) -> None:
        self.by, self.formulary, self.data, self.stored = by, formulary, data, order
        first: dict[str, Any] = OrderForm.initial_new(by)
        if order is not None:
            first = OrderForm.initial_of(order, formulary)
        self.order = OrderForm(data, by=by, formulary=formulary, initial=first)
        if rows is None:
            rows = rows_of(order) if order else []
            rows = rows_sent(data) if data is not None else rows
        self.steps: StepFormSet = step_forms(
            rows, [p for p in formulary.products.values() if p.active]
        )
        if data is None:
            self.steps.unjudged()

    @cached_property
    def patient(self) -> PatientForm:
        """Made when asked for: the live check needs no list of patients."""
        whom = PatientForm.initial_of(self.stored) if self.stored else {}
        return PatientForm(self.data, by=self.by, initial=whom)

    # --- Buttons that change the page and submit nothing ---------------------------------------
    @classmethod
    def rearranged(cls, data: QueryDict, *, by: User, formulary: Formulary) -> OrderPage | None:
        """The page after a row button, Find or a titration was pressed; None for Review."""
        if "use_template" in data:
            return cls._with_template(data, by=by, formulary=formulary)
        moved = rearranged(data, rows_sent(data))
        if moved is None and "find_patient" not in data:
            return None
        rows, focus = moved or (None, None)
        page = cls(by=by, formulary=formulary, data=data, rows=rows)
        page.unjudged()
        if focus is not None:
            page.steps.forms[focus].take_focus()
        return page

    @classmethod
    def _with_template(cls, data: QueryDict, *, by: User, formulary: Formulary) -> OrderPage:
        """Product, steps and days' supply of a usual titration; nothing for one unknown."""
        chosen = next((t for t in formulary.templates if t.slug == data["use_template"]), None)
        filled = data.copy()
        if chosen is not None:
            filled["product"], filled["days_supply"] = chosen.product, str(chosen.days_supply)
        rows = rows_from(chosen) if chosen else None
        page = cls(by=by, formulary=formulary, data=filled, rows=rows)
        page.unjudged()
        page.steps.forms[0].take_focus()
        return page

    def unjudged(self) -> None:
        for part in (self.patient, self.order, self.steps):
            part.unjudged()

    # --- What it says --------------------------------------------------------------------------
    def so_far(self) -> SoFar:
        """Steps up to the first that lacks product, dose or times a day."""
        ordered = self.formulary.products.get(self.order.answer("product") or "")
        days = self.order.answer("days_supply")
        steps = []
        for form in self.steps.forms:
            step = form.value(self.formulary, ordered)
            if step is None:
                break
            steps.append(step)
        if not steps or ordered is None or len(steps) > 20:
            return SoFar(None, whole=False)
        timed = all(form.answer("timing") and "days" not in form.errors for form in self.steps)
        whole = days is not None and len(steps) == len(self.steps.forms) and timed
        return SoFar(Regimen(ordered, tuple(steps), days or 365), whole)

    def facts(self, today: date) -> OrderFacts:
        of, diagnosis = self.order.answer, self.order.coded
        lines = self.order.medicine_lines
        return OrderFacts(
            today=today,
            treatment=TreatmentStatus(value) if (value := of("treatment_status")) else None,
            opioids=OpioidUse(value) if (value := of("opioid_use")) else None,
            opioid_class=OpioidClass(value) if (value := of("opioid_kind")) else None,
            opioid_last_use=of("opioid_last_use"),
            medicines=None
            if lines is None
            else tuple(filter(None, map(str.strip, lines.splitlines()))),
            allergies=Allergies(value) if (value := of("allergies")) else None,
            indication=self.formulary.indications[diagnosis.slug] if diagnosis else None,
            diagnosis_code=diagnosis.code if diagnosis else None,
            ship_to_state=self._ship_to_state(),
        )

    def _ship_to_state(self) -> str | None:
        """Where the medicine would go, as far as the page says; asks for one patient, never a list."""
        ship_to = self.order.goes_to
        if ship_to == ShipTo.PRACTICE:
            return (self.order.place or self.by.practice).state
        return state_sent(self.data, by=self.by) if ship_to and self.data is not None else None

    @cached_property
    def evaluation(self) -> Evaluation:
        """The check of what stands on the page, as far as it can be read."""
        if self.data is None and self.stored is not None:
            return findings_now(self.stored)
        so_far = self.so_far()
        found = check(self.facts(timezone.localdate()), so_far.regimen, self.formulary)
        if so_far.whole:
            return found
        findings = tuple(f for f in found.findings if f.code not in _NEED_DAYS)
        return Evaluation(findings, so_far.regimen, self.formulary)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing that directions and quantity need."""
        stored = self.data is None and self.stored is not None
        return stored or self.so_far().whole

    # --- Review --------------------------------------------------------------------------------
    def is_valid(self) -> bool:
        """Every field right, and no rule stops it; a stop becomes the error of its field."""
        right = [part.is_valid() for part in (self.patient, self.order, self.steps)]
        self._check_refills()
        for finding in self.evaluation.stops:
            self._place(finding)
        return all(right) and not self.evaluation.stops and self.order.is_valid()

    def _place(self, finding: Finding) -> None:
        form = self.order if finding.step is None else self.steps.forms[finding.step - 1]
        name = field_of(finding)
        if finding.text not in form.errors.get(name, []):
            form.add_error(name, finding.text)

    def _check_refills(self) -> None:
        """A refill repeats the last step; a last step that ends leaves nothing to repeat."""
        last = self.steps.forms[-1]
        if len(self.steps.forms) > 1 and last.answer("days") and self.order.answer("refills"):
            self.order.add_error(
                "refills",
                "Enter 0 refills, or leave the days of the last step empty: a refill repeats the "
                "last step, and this one ends.",
            )

    def problems(self) -> list[tuple[str, str]]:
        """(control id, message) of every error, in the order of the page."""
        fields = list(self.order)
        before = next(at for at, field in enumerate(fields) if field.name == "days_supply")
        first = self.steps.forms[0]["dose"]
        return [
            *(("", str(text)) for text in self.order.non_field_errors()),
            *_problems(self.patient),
            *_problems(fields[:before]),
            *((_control(first), str(text)) for text in self.steps.non_form_errors()),
            *(entry for form in self.steps.forms for entry in _problems(form)),
            *_problems(fields[before:]),
        ]

    def draft(self) -> Draft:
        """What to store. Only after is_valid()."""
        of, form = self.order.cleaned_data, self.order
        diagnosis = form.coded
        assert diagnosis is not None  # noqa: S101  is_valid() asked for it
        reasons = Reason.objects.active()
        urgent = of["urgency"] == Urgency.URGENT
        same = (
            "days_supply", "refills", "reason_text", "treatment_status", "allergies",
            "allergies_text", "opioid_use", "opioid_kind", "opioid_last_use", "note",
        )  # fmt: skip
        steps = self._draft_steps()
        return Draft(
            patient=self.patient.chosen(),
            prescriber=form.chosen_prescriber,
            product=Product.objects.get(code=of["product"]),
            steps=steps,
            indication=Indication.objects.get(slug=diagnosis.slug),
            icd_code=diagnosis.code or "",
            ship_to=form.goes_to,
            ship_to_location=form.place,
            reason=reasons.get(kind=ReasonKind.COMPOUNDING, code=of["reason"]),
            medicines=form.medicine_lines,
            urgent_reason=(
                reasons.get(kind=ReasonKind.URGENCY, code=of["urgent_reason"]) if urgent else None
            ),
            **{name: of[name] for name in same},
        )

    def _draft_steps(self) -> tuple[DraftStep, ...]:
        ordered = self.order.cleaned_data["product"]
        rows = [form.cleaned_data for form in self.steps.forms]
        products = Product.objects.in_bulk(
            {row["product"] or ordered for row in rows}, field_name="code"
        )
        return tuple(
            DraftStep(
                product=products[row["product"] or ordered],
                dose_mg=row["dose"],
                times_per_day=row["times_per_day"],
                timing=row["timing"],
                days=row["days"],
            )
            for row in rows
        )


def _control(field: BoundField) -> str:
    """The id of the control; of a group, that of its first control."""
    return field.id_for_label or f"{field.auto_id}_0"


def _problems(fields: Iterable[BoundField]) -> list[tuple[str, str]]:
    return [(_control(field), str(text)) for field in fields for text in field.errors]
