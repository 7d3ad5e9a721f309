"""The practice's patients as a list: what is searched for, 25 rows a page, each one's last order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from accounts.models import User
from orders.forms.patient_rows import typed_day
from orders.models import Order, Patient
from orders.my_orders import MARKS
from orders.querysets import PatientQuerySet
from orders.status import Status

PER_PAGE = 25
_Person = tuple[str, str, date]


@dataclass(frozen=True, slots=True)
class Row:
    """`twin`: the reference of another record of the same name and birth date, or empty."""

    patient: Patient
    last: Order | None
    twin: str

    @property
    def tone(self) -> str:
        return MARKS[Status(self.last.status)][0] if self.last else "neutral"

    @property
    def icon(self) -> str:
        return MARKS[Status(self.last.status)][1] if self.last else ""

    @property
    def page(self) -> str:
        unsigned = self.last and self.last.status in (Status.DRAFT, Status.AWAITING_SIGNATURE)
        return "orders:review" if unsigned else "orders:detail"


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the list; `page` counts from 1 and lies within `pages`."""

    rows: list[Row]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PER_PAGE))

    @property
    def shown(self) -> str:
        first = (self.page - 1) * PER_PAGE + 1
        return f"{first}–{first + len(self.rows) - 1} of {self.total:,}" if self.rows else ""


def listing(by: User, *, words: str, page: str) -> Listing:
    """Anything unknown in `page` opens the first."""
    mine = Patient.objects.visible_to(by).kept()
    found = _searched(mine, words)
    total = found.count()
    number = int(page) if re.fullmatch(r"[1-9][0-9]{0,5}", page, re.ASCII) else 1
    number = min(number, max(1, -(-total // PER_PAGE)))
    start = (number - 1) * PER_PAGE
    patients = list(found.order_by("family_name", "given_name", "id")[start : start + PER_PAGE])
    last, twins = _last_orders(by, patients), _twins(mine, patients)
    rows = [Row(p, last.get(p.pk), twins.get(p.pk, "")) for p in patients]
    return Listing(rows, total, number)


def _searched(mine: PatientQuerySet, words: str) -> PatientQuerySet:
    """By birth date, the beginning of a record number, or the beginnings of the names."""
    if not words:
        return mine
    if day := typed_day(words):
        return mine.filter(birth_date=day)
    start = re.sub(r"\s", "", words)
    numbered = Q(reference__istartswith=start) | Q(reference__istartswith=f"PT-{start}")
    return mine.filter(numbered | Q(pk__in=mine.named(words.replace(",", " ")).values("pk")))


def _last_orders(by: User, patients: list[Patient]) -> dict[int, Order]:
    """The newest order of each, those of merged records too; in one statement."""
    pks = [patient.pk for patient in patients]
    theirs = Order.objects.visible_to(by).filter(
        Q(patient_id__in=pks) | Q(patient__merged_into_id__in=pks)
    )
    newest = theirs.annotate(person=Coalesce(F("patient__merged_into_id"), F("patient_id")))
    chosen = newest.order_by("person", "-created_at", "-pk").distinct("person")
    return {
        order.person: order  # type: ignore[attr-defined]  # annotated above
        for order in chosen.select_related("product__drug")
    }


def _twins(mine: PatientQuerySet, patients: list[Patient]) -> dict[int, str]:
    """The first other record of the same person, by the patient's id; in one statement."""
    born = {patient.birth_date for patient in patients}
    records: dict[_Person, list[Patient]] = {}
    for row in mine.filter(birth_date__in=born).order_by("pk"):
        records.setdefault(_person(row), []).append(row)
    found: dict[int, str] = {}
    for patient in patients:
        others = [row for row in records.get(_person(patient), []) if row.pk != patient.pk]
        if others:
            found[patient.pk] = others[0].reference
    return found


def _person(patient: Patient) -> _Person:
    return patient.family_name.upper(), patient.given_name.upper(), patient.birth_date
