"""The draft that a judged page stands for."""

from __future__ import annotations

from formulary.models import Indication, Product, Reason
from formulary.reference import ReasonKind
from orders.forms.page import OrderPage
from orders.services.drafts import Draft, DraftStep
from orders.status import Urgency


def draft_of(page: OrderPage) -> Draft:
    """What to store. Only after is_valid()."""
    regimen, safety = page.regimen.cleaned_data, page.safety.cleaned_data
    delivery, said = page.delivery, page.safety.said
    diagnosis, prescriber = page.diagnosis.coded, delivery.chosen_prescriber
    assert diagnosis is not None  # noqa: S101  is_valid() asked for it
    assert prescriber is not None  # noqa: S101  is_valid() asked for it
    known = diagnosis.indication
    reasons = Reason.objects.active()
    urgent = delivery.cleaned_data["urgency"] == Urgency.URGENT
    code = delivery.cleaned_data["urgent_reason"]
    return Draft(
        patient=page.patient.chosen(),
        prescriber=prescriber,
        product=Product.objects.get(code=regimen["product"]),
        steps=_steps(page),
        days_supply=regimen["days_supply"],
        refills=regimen["refills"],
        treatment_status=regimen["treatment_status"],
        effective_on=regimen["effective_on"],
        avoid=regimen["avoid"],
        indication=Indication.objects.get(slug=known.slug) if known else None,
        icd_code=diagnosis.code or "",
        icd_label=diagnosis.label,
        rationale=page.diagnosis.cleaned_data["rationale"],
        obstruction_excluded=page.diagnosis.is_free,
        reason=reasons.get(kind=ReasonKind.COMPOUNDING, code=page.diagnosis.cleaned_data["reason"]),
        reason_text=page.diagnosis.cleaned_data["reason_text"],
        allergies=said.allergies,
        allergies_text=said.allergies_text,
        medicines=said.medicines,
        cautions=said.cautions,
        cautions_on=page.safety.cautions_on,
        procedure_on=said.procedure_on,
        naltrexone_last_dose=safety["naltrexone_last_dose"],
        opioid_use=safety["opioid_use"],
        opioid_kind=safety["opioid_kind"],
        opioid_last_use=safety["opioid_last_use"],
        weight_kg=safety["weight_kg"],
        height_cm=safety["height_cm"],
        seen_where=delivery.was_seen,
        seen_location=delivery.seen_location,
        seen_state=delivery.was_in or "",
        supervision=delivery.supervisor,
        ship_to=delivery.goes_to,
        ship_to_location=delivery.place,
        bill_to=delivery.cleaned_data["bill_to"],
        urgent_reason=reasons.get(kind=ReasonKind.URGENCY, code=code) if urgent else None,
        note=delivery.cleaned_data["note"],
    )


def _steps(page: OrderPage) -> tuple[DraftStep, ...]:
    ordered = page.regimen.cleaned_data["product"]
    rows = [form.cleaned_data for form in page.steps.forms]
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
