"""What one patient's page shows: the record with the days of its answers, orders, history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User
from events.history import Version, versions
from events.models import Event
from formulary.reference import Formulary
from orders.models import Order, Patient
from orders.my_orders import MARKS
from orders.patient_words import LABELS, day_words, part_words, value_words
from orders.prescription import DoseSummary, summary
from orders.services.checks import regimen_of
from orders.services.patients import GROUPS
from orders.status import Status

# Columns that tell nothing of the person.
_SILENT = ("id", "reference", "practice_id", "version", "created_at")
_ORDERS = 50


@dataclass(frozen=True, slots=True)
class Known:
    """One clinical answer with the day on which it was given; empty when not recorded."""

    term: str
    value: str
    absent: bool
    on: date | None
    on_words: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    order: Order
    dose: DoseSummary

    @property
    def tone(self) -> str:
        return MARKS[Status(self.order.status)][0]

    @property
    def icon(self) -> str:
        return MARKS[Status(self.order.status)][1]

    @property
    def is_unsigned(self) -> bool:
        return self.order.status in (Status.DRAFT, Status.AWAITING_SIGNATURE)

    @property
    def page(self) -> str:
        return "orders:review" if self.is_unsigned else "orders:detail"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one column: its label, what stood there and what stands there since."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of the record: who made it, when, and its changes; the first has none."""

    at: datetime
    who: str
    what: str
    steps: tuple[Step, ...]


def known(patient: Patient) -> list[Known]:
    """The clinical answers in the order in which they are asked."""
    return [_known(patient, names[0], day) for day, names in GROUPS.items()]


def _known(patient: Patient, first: str, day: str) -> Known:
    words, on = part_words(first, patient), getattr(patient, day)
    lined = "\n".join(words.split(", ")) if first == "cautions" else words
    if first == "medicines" and patient.medicines:
        lined = patient.medicines
    if first == "cautions" and patient.procedure_on:
        lined = f"{value_words('cautions', patient.cautions)}\n{day_words(patient.procedure_on)}"
    term = {"opioid_use": "Opioids", "weight_kg": "Weight and height"}.get(first, LABELS[first])
    asked = "Measured" if first == "weight_kg" else "Asked"
    return Known(term, lined, on is None and words == "Not recorded", on, asked)


def orders_of(patient: Patient, by: User, formulary: Formulary) -> list[OrderLine]:
    """The person's latest orders, those of merged records too."""
    mine = Order.objects.visible_to(by).of_person(patient).for_rows().order_by("-created_at", "-pk")
    return [
        OrderLine(order, summary(regimen_of(order, formulary).steps)) for order in mine[:_ORDERS]
    ]


def history(patient: Patient) -> list[Entry]:
    """Who changed what, the newest first."""
    found = versions(patient, but=_SILENT)
    people = dict(
        User.objects.filter(pk__in={v.user for v in found if v.user}).values_list("pk", "name")
    )
    merged = {c.after for v in found for c in v.changes if c.field == "merged_into_id"}
    names = dict(Patient.objects.filter(pk__in=merged).values_list("pk", "reference"))
    entries = [_entry(version, people, names) for version in found] + _merges(patient)
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _merges(patient: Patient) -> list[Entry]:
    """The records that were merged into this one; what it took from them is a change of its own."""
    told = Event.objects.about("patient", patient.pk).filter(kind="patient.merged")
    return [
        Entry(
            event.at, event.actor.name if event.actor else "", f"{event.data['merged']} merged", ()
        )
        for event in told.select_related("actor")
    ]


def _entry(version: Version, people: dict[int, str], names: dict[int, str]) -> Entry:
    who = people.get(version.user or 0, "")
    return Entry(
        version.at,
        who or ("The system" if version.source else "Not recorded"),
        {"insert": "Record made", "delete": "Record deleted"}.get(version.kind, "Record changed"),
        tuple(_steps(version, names)),
    )


def _steps(version: Version, names: dict[int, str]) -> Iterable[Step]:
    for change in version.changes:
        before, after = (
            value_words(change.field, value, names) for value in (change.before, change.after)
        )
        yield Step(LABELS.get(change.field, change.field), before, after)
