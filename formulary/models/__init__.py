"""What may be ordered and what is documented of it: rows that a pharmacist keeps, never code."""

from formulary.models.changes import FormularyChange
from formulary.models.icd import DiagnosisCode
from formulary.models.indications import Indication, IndicationCode
from formulary.models.lists import MedicineName, Reason
from formulary.models.products import DocumentedRange, Drug, Product, Route, Version
from formulary.models.regimens import RegimenTemplate, TemplateStep
from formulary.models.rules import FormularyEdition, RuleFigure, StateRule
from formulary.models.ship_states import ShipState

__all__ = [
    "DiagnosisCode",
    "DocumentedRange",
    "Drug",
    "FormularyChange",
    "FormularyEdition",
    "Indication",
    "IndicationCode",
    "MedicineName",
    "Product",
    "Reason",
    "RegimenTemplate",
    "Route",
    "RuleFigure",
    "ShipState",
    "StateRule",
    "TemplateStep",
    "Version",
]
