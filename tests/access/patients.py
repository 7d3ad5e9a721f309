"""The practice's patients and their imports."""

from __future__ import annotations

from orders.services import patient_imports
from tests.access import NO_METHOD, OWN_ORDER, PRACTICE, Table
from tests.conftest import Cast
from tests.factories import PatientFactory
from tests.patients.lists import SAMPLE, read_now

TABLE: Table = {
    "orders:patients": ("", PRACTICE, PRACTICE),
    "orders:patient_new": ("", PRACTICE, PRACTICE),
    "orders:patient": ("patient", OWN_ORDER, NO_METHOD),
    "orders:patient_history": ("patient", OWN_ORDER, NO_METHOD),
    "orders:patient_change": ("patient", OWN_ORDER, OWN_ORDER),
    "orders:patient_answers": ("patient", OWN_ORDER, OWN_ORDER),
    "orders:patient_pick": ("patient", OWN_ORDER, OWN_ORDER),
    "orders:patient_merge": ("both", OWN_ORDER, OWN_ORDER),
    "orders:patient_imports": ("", PRACTICE, PRACTICE),
    "orders:patient_sample": ("", PRACTICE, NO_METHOD),
    "orders:patient_import": ("list", OWN_ORDER, NO_METHOD),
    "orders:patient_import_poll": ("list", OWN_ORDER, NO_METHOD),
    "orders:patient_import_choose": ("list", NO_METHOD, OWN_ORDER),
    "orders:patient_import_start": ("list", NO_METHOD, OWN_ORDER),
    "orders:patient_import_drop": ("list", NO_METHOD, OWN_ORDER),
}


def records(cast: Cast) -> dict[str, dict[str, object]]:
    """Two records of Dr Ada's practice, and a list that was checked."""
    patient, other = (PatientFactory(practice=cast.practice) for _ in range(2))
    batch = read_now(patient_imports.keep(SAMPLE.encode(), encoding="utf-8", by=cast.ada))
    return {
        "patient": {"reference": patient.reference},
        "both": {"reference": patient.reference, "other": other.reference},
        "list": {"reference": batch.reference},
    }
