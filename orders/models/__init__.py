"""Patients, orders, what was signed and what a pharmacist decided."""

from orders.models.fill import Fill
from orders.models.order import Order, order_reference
from orders.models.patient import Patient, patient_reference
from orders.models.patient_import import PatientImport, PatientImportRow, import_reference
from orders.models.review import ChecklistDraft, FindingReview, Message, Review
from orders.models.signature import OrderFinding, Signature
from orders.models.signing import Countersignature, DraftReading
from orders.models.step import DoseStep

__all__ = [
    "ChecklistDraft",
    "Countersignature",
    "DoseStep",
    "DraftReading",
    "Fill",
    "FindingReview",
    "Message",
    "Order",
    "OrderFinding",
    "Patient",
    "PatientImport",
    "PatientImportRow",
    "Review",
    "Signature",
    "import_reference",
    "order_reference",
    "patient_reference",
]
