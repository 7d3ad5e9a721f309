"""Lists of patients to import, and the worker that takes them up."""

from __future__ import annotations

from collections.abc import Iterable

from orders.forms.patient_rows import Judging
from orders.models import PatientImport
from orders.patient_files import LABELS, sample
from orders.services.patient_imports import work_on

SAMPLE = sample()
HEADER = ",".join(list(LABELS.values())[:9])
_RIGHT = {
    "family_name": "Sampleton", "given_name": "Rosa", "birth_date": "11/22/1980", "sex": "F",
    "address": "12 Example Road", "city": "Sampleton", "state": "nc", "zip_code": "27514",
    "phone": "5555550123",
}  # fmt: skip


def row(**values: str) -> str:
    return ",".join(f'"{value}"' for value in (_RIGHT | values).values())


def people(rows: Iterable[str]) -> bytes:
    return "\n".join([HEADER, *rows, ""]).encode()


def many(count: int) -> bytes:
    """So many different people, all of them right."""
    return people(row(family_name=f"Listed{_letters(n)}") for n in range(count))


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def read_now(batch: PatientImport) -> PatientImport:
    """What the worker does with it, as the database has it then."""
    work_on(batch.pk, Judging())
    return PatientImport.objects.get(pk=batch.pk)
