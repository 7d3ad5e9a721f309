"""Running the clinical rules over an order's rows, with the formulary in force that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.status import SUPERVISED
from formulary.dosing import Quantity, Regimen, Step, Timing, quantity
from formulary.facts import (
    Allergies,
    Caution,
    OpioidClass,
    OpioidUse,
    OrderFacts,
    Stage,
    TreatmentStatus,
)
from formulary.findings import Finding, Level, worst_first
from formulary.icd import look_up
from formulary.order_rules import check_order
from formulary.reference import CodeStanding, Formulary
from formulary.services import load_formulary
from formulary.words import directions
from orders.models import Order
from orders.services.active import ActiveOrders
from orders.status import ShipTo


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the rules found, and what the regimen adds up to; None where it cannot be computed."""

    findings: tuple[Finding, ...]
    regimen: Regimen | None
    formulary: Formulary

    def _of(self, level: Level) -> list[Finding]:
        return [finding for finding in self.findings if finding.level is level]

    @property
    def stops(self) -> list[Finding]:
        return self._of(Level.STOP)

    @property
    def warnings(self) -> list[Finding]:
        return self._of(Level.WARN)

    @property
    def unanswered(self) -> list[Finding]:
        return self._of(Level.NOT_ANSWERED)

    @property
    def unchecked(self) -> list[Finding]:
        return self._of(Level.NOT_CHECKED)

    @property
    def can_be_signed(self) -> bool:
        return not any(finding.level.blocks_signing for finding in self.findings)

    @property
    def daily_mg(self) -> tuple[Decimal, ...]:
        return self.regimen.daily_mg if self.regimen else ()

    @property
    def quantity(self) -> Quantity | None:
        return quantity(self.regimen) if self.regimen else None

    @property
    def directions(self) -> str | None:
        """The label text, generated from the structure alone."""
        return directions(self.regimen, comma=True) if self.regimen else None


def check(facts: OrderFacts, regimen: Regimen | None, formulary: Formulary) -> Evaluation:
    """Everything the rules say of these answers and this regimen, the worst first."""
    return Evaluation(worst_first(check_order(facts, formulary, regimen)), regimen, formulary)


def evaluate(order: Order, *, on: date, stage: Stage = Stage.ENTRY) -> Evaluation:
    """The check of a stored order on a day, with that day's formulary."""
    formulary = load_formulary()
    facts = facts_of(order, formulary, on, stage=stage)
    return check(facts, regimen_of(order, formulary), formulary)


def findings_now(order: Order) -> Evaluation:
    """The check as of today at the practice."""
    return evaluate(order, on=order.practice.today)


def regimen_of(order: Order, formulary: Formulary) -> Regimen:
    """The order's steps as typed values."""
    steps = tuple(
        Step(
            formulary.products[step.product.code],
            step.dose_mg,
            step.times_per_day,
            step.days,
            Timing(step.timing),
        )
        for step in order.steps.all()
    )
    return Regimen(formulary.products[order.product.code], steps, order.days_supply)


def typed_lines(text: str) -> tuple[str, ...]:
    """What was typed as a list, one a line or parted by commas."""
    parts = text.replace(",", "\n").replace(";", "\n").splitlines()
    return tuple(part.strip() for part in parts if part.strip())


def ship_to_state(order: Order) -> str:
    """The code of the state that the order goes to."""
    if order.ship_to == ShipTo.PATIENT:
        return order.patient.state
    return (order.ship_to_location or order.practice).state


@dataclass(frozen=True, slots=True)
class Beside:
    """What is looked up beside the order's own row: licences that hold, other orders, the code."""

    licence_states: tuple[str, ...]
    others: ActiveOrders
    standing: CodeStanding


def look_beside(order: Order, on: date) -> Beside:
    licences = order.prescriber.licences.filter(expires_on__gte=on).values_list("state", flat=True)
    others = ActiveOrders.of(order.patient, drug=order.product.drug.name, on=on, but=order)
    standing = look_up(order.icd_code, on=order.written_on or on).standing
    return Beside(tuple(sorted(set(licences))), others, standing)


def facts_of(
    order: Order,
    formulary: Formulary,
    on: date,
    *,
    stage: Stage = Stage.ENTRY,
    beside: Beside | None = None,
) -> OrderFacts:
    """The order's answers as typed values; blank is unanswered."""
    prescriber, cautions, indication = order.prescriber, order.cautions, order.indication
    known = beside or look_beside(order, on)
    others = known.others
    return OrderFacts(
        today=on,
        stage=stage,
        first_dose=order.effective_on,
        naltrexone_last_dose=order.naltrexone_last_dose,
        allergy_names=typed_lines(order.allergies_text),
        cautions=None if cautions is None else tuple(Caution(one) for one in cautions),
        cautions_on=order.cautions_on,
        procedure_on=order.procedure_on,
        birth_date=order.patient.birth_date,
        sex=order.patient.sex,
        weight_kg=order.weight_kg,
        other_diagnosis=indication is None,
        obstruction_excluded=order.obstruction_excluded,
        seen_state=order.seen_state or None,
        licence_states=known.licence_states,
        is_supervised_kind=prescriber.credential in SUPERVISED,
        supervisor_named=order.supervision_id is not None,
        refills=order.refills,
        active_orders=others.orders,
        last_dispensed_mg=others.last_dispensed_mg,
        treatment=TreatmentStatus(order.treatment_status) if order.treatment_status else None,
        opioids=OpioidUse(order.opioid_use) if order.opioid_use else None,
        opioid_class=OpioidClass(order.opioid_kind) if order.opioid_kind else None,
        opioid_last_use=order.opioid_last_use,
        medicines=order.medicine_list,
        allergies=Allergies(order.allergies) if order.allergies else None,
        indication=formulary.indications.get(indication.slug) if indication else None,
        diagnosis_code=order.icd_code,
        code_standing=known.standing,
        ship_to_state=ship_to_state(order),
        # Ranges and rules count as on the day of signing; patient, orders and licences as today.
        formulary_on=order.written_on if stage is Stage.APPROVAL else None,
    )
