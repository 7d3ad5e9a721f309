"""The order page as a whole: its forms, the clinical check of what they say, and its errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict

from accounts.house_fields import PagePart
from accounts.models import User
from formulary.amounts import amount
from formulary.dosing import Product, Regimen
from formulary.facts import (
    Question,
)
from formulary.findings import Code, Finding
from formulary.reference import Formulary, Template
from orders.forms.delivery import DeliveryForm
from orders.forms.diagnosis import CHOLESTASIS, DiagnosisForm
from orders.forms.facts import facts_on
from orders.forms.known import Known, known_of
from orders.forms.patient import PatientForm, Person, person_sent
from orders.forms.places import control_id, field_of, problems_of
from orders.forms.regimen import RegimenForm
from orders.forms.safety import SafetyForm
from orders.forms.steps import Row, StepFormSet, rows_of, rows_sent, step_forms
from orders.models import Order, Patient
from orders.services.checks import Evaluation, check, findings_now
from orders.services.validity import months_after

# What says nothing yet while days or times of day are still being typed.
_NEED_DAYS = frozenset({Code.DAYS_DO_NOT_ADD_UP, Code.TIMING_DOES_NOT_FIT})


@dataclass(frozen=True, slots=True)
class SoFar:
    """The regimen as far as it can be read: its leading complete steps. `whole`: nothing is missing."""

    regimen: Regimen | None
    whole: bool


class OrderPage:
    """Bound with `data`; filled from `order` otherwise; blank but for `patient` with neither.
    `live`: read while one types, and not shown."""

    def __init__(
        self,
        *,
        by: User,
        formulary: Formulary,
        data: QueryDict | None = None,
        order: Order | None = None,
        patient: Patient | None = None,
        rows: Sequence[Row] | None = None,
        live: bool = False,
    ) -> None:
        self.by, self.formulary, self.data, self.stored = by, formulary, data, order
        self.today = by.practice.today
        self._named = patient
        # The titration that the steps were just filled from.
        self.template: Template | None = None
        self.data, self.confirms_unseen = self._seen(data)
        data, first = self.data, self._first()
        both: dict[str, Any] = {"by": by, "formulary": formulary, "initial": first}
        self.regimen = RegimenForm(data, **both)
        self.diagnosis = DiagnosisForm(data, **both)
        self.safety = SafetyForm(data, known=self.known, sex=self.person.sex, stored=order, **both)
        self.delivery = DeliveryForm(data, live=live, **both)
        if rows is None:
            rows = rows_of(order) if order and data is None else []
            rows = rows_sent(data) if data is not None else rows
        self.steps: StepFormSet = step_forms(
            rows, [p for p in formulary.products.values() if p.active]
        )
        if data is None:
            self.steps.unjudged()

    def _seen(self, data: QueryDict | None) -> tuple[QueryDict | None, bool]:
        """Without a confirmation of what the page had not shown, and whether there was one."""
        if data is None or "changed" not in data or data.get("record_seal") == self.seal:
            return data, False
        kept = data.copy()
        return kept, "no" in kept.pop("changed")

    def _first(self) -> dict[str, Any]:
        """What stands there before anything is typed. No clinical default.

        Low dose naltrexone is not marketed: that reason is preselected.
        """
        if self.data is not None:
            return {}
        if (order := self.stored) is not None:
            return {
                **RegimenForm.initial_of(order),
                **DiagnosisForm.initial_of(order),
                **SafetyForm.initial_of(order, self.known),
                **DeliveryForm.initial_of(order),
            }
        recorded = self.known.answers.typed() if self.known and self.known.fresh else {}
        reason = {"reason": "strength_not_marketed"}
        return DeliveryForm.initial_new(self.by) | reason | recorded

    @cached_property
    def patient(self) -> PatientForm:
        """Made when asked for: the live check needs no list of patients."""
        named = self.stored.patient if self.stored else self._named
        whom = PatientForm.initial_of(named) if named else {}
        return PatientForm(self.data, by=self.by, initial=whom)

    @property
    def parts(self) -> list[PagePart]:
        """Its forms in the order of the page, the steps apart."""
        return [self.patient, self.regimen, self.diagnosis, self.safety, self.delivery]

    def unjudged(self) -> None:
        for part in self.parts:
            part.unjudged()
        self.steps.unjudged()

    # --- Whom it is about ------------------------------------------------------------------------
    @cached_property
    def person(self) -> Person:
        if self.data is not None:
            return person_sent(self.data, by=self.by)
        named = self.stored.patient if self.stored else self._named
        return Person.of(named) if named else Person()

    @cached_property
    def known(self) -> Known | None:
        """The answers on record of the patient on the page."""
        patient = self.person.patient
        if patient is None:
            return None
        return known_of(patient, today=self.today, figures=self.formulary.figures)

    @property
    def seal(self) -> str:
        """Names what the page shows on record, or just the person, for whom answers are given."""
        if self.known and self.known.fresh:
            return self.known.seal
        return self.person.patient.reference if self.person.patient else ""

    @property
    def is_under_age(self) -> bool:
        born, years = self.person.birth_date, self.formulary.figures.adult_years
        return born is not None and months_after(born, 12 * years) > self.today

    # --- What it says --------------------------------------------------------------------------
    @property
    def ordered(self) -> Product | None:
        return self.formulary.products.get(str(self._value(self.regimen, "product") or ""))

    @property
    def refills(self) -> int:
        return int(self._value(self.regimen, "refills") or 0)

    @property
    def bill_to(self) -> str:
        return str(self._value(self.delivery, "bill_to") or "")

    @staticmethod
    def _value(form: PagePart, name: str) -> Any:
        """As sent and read, or as a stored draft has it."""
        return form.answer(name) if form.is_bound else form.initial.get(name)

    def so_far(self) -> SoFar:
        """Steps up to the first that lacks product, dose or times a day."""
        ordered = self.ordered
        days = self.regimen.answer("days_supply")
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

    @cached_property
    def evaluation(self) -> Evaluation:
        """The check of what stands on the page, as far as it can be read."""
        if self.data is None and self.stored is not None:
            return findings_now(self.stored)
        so_far = self.so_far()
        found = check(facts_on(self), so_far.regimen, self.formulary)
        if so_far.whole:
            return found
        findings = tuple(f for f in found.findings if f.code not in _NEED_DAYS)
        return Evaluation(findings, so_far.regimen, self.formulary)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing that directions and quantity need."""
        stored = self.data is None and self.stored is not None
        return stored or self.so_far().whole

    @cached_property
    def asks(self) -> frozenset[str]:
        """Questions that only some orders need, by the answers so far; also what the rules miss."""
        asked = {finding.subject for finding in self.evaluation.unanswered}
        found = {Question(name) for name in asked}
        diagnosis = self._diagnosis_now()
        if self.is_under_age:
            found.add(Question.WEIGHT)
        if self._names_full_strength():
            found.add(Question.NALTREXONE_LAST_DOSE)
        if diagnosis and diagnosis[0] == CHOLESTASIS:
            found.add(Question.OBSTRUCTION)
        if diagnosis and not diagnosis[1]:
            return frozenset({*found, "rationale"})
        return frozenset(found)

    def _diagnosis_now(self) -> tuple[str, bool] | None:
        """The condition's slug and whether it is documented; None while none is chosen."""
        if self.data is not None or self.stored is None:
            coded = self.diagnosis.coded
            slug = coded.indication.slug if coded and coded.indication else ""
            return (slug, coded.is_documented) if coded else None
        slug = self.stored.indication.slug if self.stored.indication else ""
        row = self.formulary.indications.get(slug)
        documented = row is not None and row.documented_for(self.stored.icd_code).is_documented
        return slug, documented

    def _names_full_strength(self) -> bool:
        if self.data is None and self.stored is not None:
            return self.stored.naltrexone_last_dose is not None
        return self.safety.names_full_strength

    @property
    def shown(self) -> frozenset[str]:
        """Those questions, and what of them is filled in or wrong."""
        held = {name for name, form in self._sometimes() if form[name].errors}
        held |= {name for name, form in self._sometimes() if form[name].value() not in _BLANK}
        return self.asks | held

    def _sometimes(self) -> list[tuple[str, PagePart]]:
        safety, diagnosis = self.safety, self.diagnosis
        return [
            ("weight_kg", safety), ("naltrexone_last_dose", safety),
            ("obstruction_excluded", diagnosis), ("rationale", diagnosis),
        ]  # fmt: skip

    @property
    def steps_line(self) -> str:
        """The steps in a few words, for when they are folded away."""
        regimen = self.so_far().regimen
        if regimen is None:
            return ""
        doses = [amount(step.dose_mg, "mg").replace(" ", "\u00a0") for step in regimen.steps]
        return f"{regimen.product.label}, {', '.join(doses)}"

    @property
    def steps_open(self) -> bool:
        """Folded away only when just filled from a titration, with nothing to mend."""
        wrong = any(form.errors for form in self.steps.forms) or self.regimen["product"].errors
        return self.template is None or bool(wrong)

    # --- Review --------------------------------------------------------------------------------
    def is_valid(self) -> bool:
        """Every field right, and no rule stops it; a stop becomes the error of its field."""
        for part in self.parts:
            part.is_valid()
        self.steps.is_valid()
        self._check_person()
        self._check_refills()
        self._check_copy()
        for finding in self.evaluation.stops:
            self._place(finding)
        right = [not part.errors for part in self.parts]
        return all(right) and self.steps.is_valid() and not self.evaluation.stops

    def _place(self, finding: Finding) -> None:
        name = field_of(finding)
        form: PagePart = self.regimen
        if finding.step is not None:
            form = self.steps.forms[finding.step - 1]
        else:
            form = next((part for part in self.parts if name in part.fields), form)
        if finding.text not in form.errors.get(name, []):
            form.add_error(name if name in form.fields else None, finding.text)

    def _check_person(self) -> None:
        sent = self.data.get("record_seal", "") if self.data is not None else ""
        whom, shown = sent.partition(".")[0], self.seal.partition(".")[0]
        if whom and whom != shown and not self.patient.errors:
            name = "patient" if shown else "patient_kind"
            self.patient.add_error(
                name, "The answers below were given for another patient: check each of them."
            )
        elif self.confirms_unseen:
            self.safety.refuse_unseen()

    def _check_refills(self) -> None:
        """A refill repeats the last step; a last step that ends leaves nothing to repeat."""
        last = self.steps.forms[-1]
        if len(self.steps.forms) > 1 and last.answer("days") and self.regimen.answer("refills"):
            self.regimen.add_error(
                "refills",
                "Enter 0 refills, or leave the days of the last step empty: a refill repeats the "
                "last step, and this one ends.",
            )

    def _check_copy(self) -> None:
        """A product close to a marketed one needs the patient's difference in words."""
        regimen = self.so_far().regimen
        if regimen and any(product.copy_risk for product in regimen.products):
            self.diagnosis.need_words()

    def problems(self) -> list[tuple[str, str]]:
        """(control id, message) of every error, in the order of the page."""
        fields = {field.name: field for field in self.regimen}
        last = [fields.pop(name) for name in ("effective_on", "avoid")]
        first = self.steps.forms[0]["dose"]
        return [
            *(("", str(text)) for part in self.parts for text in part.non_field_errors()),
            *problems_of(self.patient),
            *problems_of([fields.pop("product")]),
            *((control_id(first), str(text)) for text in self.steps.non_form_errors()),
            *(entry for form in self.steps.forms for entry in problems_of(form)),
            *problems_of(fields.values()),
            *problems_of(self.diagnosis),
            *problems_of(self.safety),
            *problems_of(self.delivery),
            *problems_of(last),
        ]


_BLANK = (None, "", [None, None, None], ["", "", ""])
