"""The formulary as the rules read it: one copy for the process while nothing changes."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.db.models import Prefetch

from formulary.models import (
    DocumentedRange,
    Indication,
    MedicineName,
    Product,
    Reason,
    RegimenTemplate,
    RuleFigure,
    ShipState,
    StateRule,
    TemplateStep,
    Version,
)
from formulary.reference import Formulary, MedicineKind, Medicines, figures_of

# One copy for the process: (stamp, formulary). The stamp is random and new after every change, so a
# rolled-back change can never pass for a later one.
_kept: tuple[UUID, Formulary] | None = None


def load_formulary() -> Formulary:
    """The formulary as stored now: one query while nothing changed, eleven after a change."""
    global _kept  # noqa: PLW0603  the one process-wide copy
    stamp = Version.objects.values_list("stamp", flat=True).first()
    kept = _kept
    if kept is not None and kept[0] == stamp:
        return kept[1]
    formulary = replace(read_rows(), stamp=stamp)
    # Read before the rows: a change in between leaves an old stamp, and the next call reads again.
    _kept = (stamp, formulary) if stamp is not None else None
    return formulary


def read_rows() -> Formulary:
    """The rows as this transaction sees them; `load_formulary` is for everybody else."""
    products = Product.objects.with_parts()
    ranges = DocumentedRange.objects.with_parts()
    indications = Indication.objects.active().prefetch_related("codes")
    templates = RegimenTemplate.objects.active().filter(product__active=True)
    templates = templates.select_related("product").prefetch_related(
        Prefetch("steps", TemplateStep.objects.select_related("product"))
    )
    names = MedicineName.objects.active().values_list("name", "kind")
    return Formulary(
        products={product.code: product.as_value() for product in products},
        ranges=tuple(row.as_value() for row in ranges),
        indications={row.slug: row.as_value() for row in indications},
        reasons=tuple(reason.as_value() for reason in Reason.objects.active()),
        templates=tuple(template.as_value() for template in templates),
        medicines=Medicines({name: MedicineKind(kind) for name, kind in names}),
        ship_states=tuple(row.as_value() for row in ShipState.objects.all()),
        figures=figures_of(dict(RuleFigure.objects.values_list("key", "value"))),
        state_rules={row.state: row.as_value() for row in StateRule.objects.filter(active=True)},
    )
