"""The shipped file stored as rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

from django.db import transaction

from formulary.models import (
    DocumentedRange,
    Drug,
    Indication,
    IndicationCode,
    MedicineName,
    Product,
    Reason,
    RegimenTemplate,
    Route,
    RuleFigure,
    ShipState,
    StateRule,
    TemplateStep,
)
from formulary.reference import Formulary
from formulary.shipped import shipped_figures


@transaction.atomic
def seed(shipped: Formulary) -> Counter[str]:
    """Store what is missing and count it. A row that is there, edited or retired, stays as it is."""
    made: Counter[str] = Counter()
    _seed_products(shipped, made)
    _seed_ranges(shipped, made)
    _seed_indications(shipped, made)
    _seed_reasons(shipped, made)
    _seed_templates(shipped, made)
    _seed_medicines(shipped, made)
    _seed_ship_states(shipped, made)
    _seed_state_rules(shipped, made)
    _seed_figures(made)
    return made


def _seed_products(shipped: Formulary, made: Counter[str]) -> None:
    for product in shipped.products.values():
        drug, _ = Drug.objects.get_or_create(name=product.drug)
        words = {"words": product.route_words}
        route, _ = Route.objects.get_or_create(code=product.route, defaults=words)
        figures = {
            "drug": drug,
            "route": route,
            "form": product.form,
            "unit": product.unit,
            "strength_mg": product.strength_mg,
            "increment": product.increment,
            "beyond_use_days": product.beyond_use_days,
            "source": product.source,
            "active": product.active,
            "price_per_unit": product.price_per_unit,
            "copy_risk": product.copy_risk,
        }
        _, new = Product.objects.get_or_create(code=product.code, defaults=figures)
        made["products"] += new


def _seed_ranges(shipped: Formulary, made: Counter[str]) -> None:
    """Only where a drug and route has none: a pharmacist may have ended or widened the shipped one."""
    stored = set(DocumentedRange.objects.values_list("drug__name", "route__code"))
    for limits in shipped.ranges:
        if (limits.drug, limits.route) in stored:
            continue
        DocumentedRange.objects.create(
            drug=Drug.objects.get(name=limits.drug),
            route=Route.objects.get(code=limits.route),
            min_mg=limits.min_mg,
            max_mg=limits.max_mg,
            source=limits.source,
            starts=limits.starts,
            ends=limits.ends,
        )
        made["ranges"] += 1


def _seed_indications(shipped: Formulary, made: Counter[str]) -> None:
    stored = set(Indication.objects.values_list("slug", flat=True))
    for row in shipped.indications.values():
        if row.slug in stored:
            continue
        indication = Indication.objects.create(
            slug=row.slug,
            name=row.name,
            documented=row.documented,
            text=row.text,
            source=row.source,
            reviewed=row.reviewed,
            documented_dose=row.documented_dose,
            time_to_effect=row.time_to_effect,
            evidence=row.evidence,
            not_documented=row.not_documented,
            cautions=row.cautions,
            elsewhere=row.elsewhere,
            further_sources=row.further_sources,
        )
        IndicationCode.objects.bulk_create(
            IndicationCode(
                indication=indication,
                code=code.code,
                label=code.label,
                full_length=code.full_length,
                documented=code.documented or "",
            )
            for code in row.codes
        )
        made["indications"] += 1


def _seed_reasons(shipped: Formulary, made: Counter[str]) -> None:
    stored = set(Reason.objects.values_list("kind", "code"))
    missing = [
        Reason(
            kind=reason.kind,
            code=reason.code,
            label=reason.label,
            needs_text=reason.needs_text,
            min_chars=reason.min_chars,
            finding=reason.finding,
        )
        for reason in shipped.reasons
        if (reason.kind, reason.code) not in stored
    ]
    if missing:
        made["reasons"] += len(Reason.objects.bulk_create(missing))


def _seed_templates(shipped: Formulary, made: Counter[str]) -> None:
    stored = set(RegimenTemplate.objects.values_list("slug", flat=True))
    for row in shipped.templates:
        if row.slug in stored:
            continue
        template = RegimenTemplate.objects.create(
            slug=row.slug,
            name=row.name,
            product=Product.objects.get(code=row.product),
            days_supply=row.days_supply,
            source=row.source,
        )
        TemplateStep.objects.bulk_create(
            TemplateStep(
                template=template,
                number=number,
                dose_mg=step.dose_mg,
                times_per_day=step.times_per_day,
                days=step.days,
                timing=step.timing,
                product=Product.objects.get(code=step.product) if step.product else None,
            )
            for number, step in enumerate(row.steps, 1)
        )
        made["templates"] += 1


def _seed_medicines(shipped: Formulary, made: Counter[str]) -> None:
    stored = set(MedicineName.objects.values_list("name", flat=True))
    names = shipped.medicines.names.items()
    missing = [MedicineName(name=name, kind=kind) for name, kind in names if name not in stored]
    if missing:
        made["medicines"] += len(MedicineName.objects.bulk_create(missing))


def _seed_ship_states(shipped: Formulary, made: Counter[str]) -> None:
    """Only where none is kept: a pharmacist who keeps one keeps them all."""
    if ShipState.objects.exists():
        return
    rows = [
        ShipState(state=row.state, source=row.source, since=row.since, active=row.active)
        for row in shipped.ship_states
    ]
    made["ship states"] += len(ShipState.objects.bulk_create(rows))


def _seed_state_rules(shipped: Formulary, made: Counter[str]) -> None:
    """Only where none is kept, as with the states shipped to."""
    if StateRule.objects.exists():
        return
    rows = [StateRule(**asdict(rule)) for rule in shipped.state_rules.values()]
    made["state rules"] += len(StateRule.objects.bulk_create(rows))


def _seed_figures(made: Counter[str]) -> None:
    stored = set(RuleFigure.objects.values_list("key", flat=True))
    rows = [RuleFigure(**row) for row in shipped_figures() if row["key"] not in stored]
    if rows:
        made["rule figures"] += len(RuleFigure.objects.bulk_create(rows))
