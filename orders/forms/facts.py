"""What the page answers, as the typed input of the order rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.status import SUPERVISED
from formulary.facts import (
    Allergies,
    Caution,
    OpioidClass,
    OpioidUse,
    OrderFacts,
    TreatmentStatus,
)
from formulary.reference import CodeStanding
from orders.services.active import ActiveOrders
from orders.services.checks import typed_lines
from orders.status import ShipTo

if TYPE_CHECKING:
    from orders.forms.page import OrderPage


def facts_on(page: OrderPage) -> OrderFacts:
    """What is not answered, or cannot be read yet, is None."""
    of, said, diagnosis = page.safety.answer, page.safety.said, page.diagnosis.coded
    prescriber, others = page.delivery.chosen_prescriber, _active_orders(page)
    treatment = page.regimen.answer("treatment_status")
    return OrderFacts(
        today=page.today,
        treatment=TreatmentStatus(treatment) if treatment else None,
        opioids=OpioidUse(value) if (value := of("opioid_use")) else None,
        opioid_class=OpioidClass(value) if (value := of("opioid_kind")) else None,
        opioid_last_use=of("opioid_last_use"),
        first_dose=page.regimen.answer("effective_on"),
        medicines=page.safety.medicine_lines,
        naltrexone_last_dose=of("naltrexone_last_dose"),
        allergies=Allergies(said.allergies) if said.allergies else None,
        allergy_names=typed_lines(said.allergies_text),
        cautions=None if said.cautions is None else tuple(map(Caution, said.cautions)),
        cautions_on=page.safety.cautions_on,
        procedure_on=said.procedure_on,
        birth_date=page.person.birth_date,
        sex=page.person.sex,
        weight_kg=of("weight_kg"),
        indication=diagnosis.indication if diagnosis else None,
        other_diagnosis=diagnosis is not None and diagnosis.indication is None,
        diagnosis_code=diagnosis.code if diagnosis else None,
        code_standing=diagnosis.standing if diagnosis else CodeStanding.NOT_LOADED,
        obstruction_excluded=page.diagnosis.is_free,
        ship_to_state=_ship_to_state(page),
        seen_state=page.delivery.was_in,
        licence_states=page.delivery.licence_states,
        is_supervised_kind=prescriber is not None and prescriber.credential in SUPERVISED,
        supervisor_named=page.delivery.supervisor is not None,
        refills=page.regimen.answer("refills"),
        active_orders=others.orders if others else None,
        last_dispensed_mg=others.last_dispensed_mg if others else None,
    )


def _ship_to_state(page: OrderPage) -> str | None:
    """Where the medicine would go, as far as the page says."""
    ship_to = page.delivery.goes_to
    if ship_to == ShipTo.PRACTICE:
        return (page.delivery.place or page.by.practice).state
    return page.person.state if ship_to else None


def _active_orders(page: OrderPage) -> ActiveOrders | None:
    patient, product = page.person.patient, page.ordered
    if patient is None or product is None:
        return None
    return ActiveOrders.of(patient, drug=product.drug, on=page.today, but=page.stored)
