"""What is on record of a patient and may be confirmed by one answer instead of being asked again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.house_dates import MONTHS
from formulary.reference import Figures
from orders.models import Order, Patient
from orders.services.content import canonical, sha256
from orders.services.validity import months_after
from orders.status import Allergies, Caution


@dataclass(frozen=True, slots=True)
class Answers:
    """Allergies, medicines and cautions as answered. Blank and None are unanswered; medicines ""
    says that none are taken, cautions () that none apply."""

    allergies: str = ""
    allergies_text: str = ""
    medicines: str | None = None
    cautions: tuple[str, ...] | None = None
    procedure_on: date | None = None

    @property
    def is_whole(self) -> bool:
        return bool(self.allergies) and None not in (self.medicines, self.cautions)

    @property
    def allergies_words(self) -> str:
        if self.allergies == Allergies.LISTED:
            return self.allergies_text
        return Allergies(self.allergies).label if self.allergies else "Not recorded"

    @property
    def medicines_words(self) -> str:
        if not self.medicines:
            return "Not recorded" if self.medicines is None else "None"
        return ", ".join(line.strip() for line in self.medicines.splitlines() if line.strip())

    @property
    def caution_words(self) -> str:
        """In the order in which they are asked; `None of them`, or `Not recorded`."""
        if not self.cautions:
            return "Not recorded" if self.cautions is None else "None of those asked"
        words = [str(one.label) for one in Caution if one in self.cautions]
        return ", ".join([words[0], *(_within(word) for word in words[1:])])

    def typed(self) -> dict[str, Any]:
        """The same answers as they would be typed."""
        cautions = self.cautions
        return {
            "allergies": self.allergies,
            "allergies_text": self.allergies_text,
            "medicines_answer": {None: "", "": "none"}.get(self.medicines, "listed"),
            "medicines": self.medicines or "",
            "cautions": ["none"] if cautions == () else list(cautions or ()),
            "procedure_on": self.procedure_on,
        }

    def typed_parts(self) -> dict[str, list[str]]:
        """The same by the names of the controls that send them."""
        sent = self.typed()
        day: date | None = sent.pop("procedure_on")
        parts = [MONTHS[day.month - 1], str(day.day), str(day.year)] if day else ["", "", ""]
        dated = {f"procedure_on_{at}": [part] for at, part in enumerate(parts)}
        return dated | {k: v if isinstance(v, list) else [v] for k, v in sent.items()}


def _within(words: str) -> str:
    return words[:1].lower() + words[1:]


@dataclass(frozen=True, slots=True)
class Known:
    """The patient's answers on record, given on `on` at the earliest. Only `fresh` ones may be
    confirmed as they stand. `seal` names them, so that only what was shown is confirmed."""

    answers: Answers
    on: date
    cautions_on: date
    fresh: bool
    seal: str


def known_of(patient: Patient, *, today: date, figures: Figures) -> Known | None:
    """None while allergies, medicines or cautions were never answered."""
    answers = Answers(
        patient.allergies,
        patient.allergies_text,
        patient.medicines,
        None if patient.cautions is None else tuple(patient.cautions),
        patient.procedure_on,
    )
    if not answers.is_whole or patient.cautions_on is None:
        return None
    days = (patient.allergies_on, patient.medicines_on, patient.cautions_on)
    on = min(day or date.min for day in days)
    fresh = months_after(max(on, date(1900, 1, 1)), figures.caution_facts_months) >= today
    seal = sha256(canonical([patient.reference, str(answers), str(on), str(patient.cautions_on)]))
    return Known(answers, on, patient.cautions_on, fresh, f"{patient.reference}.{seal[:24]}")


def answers_of(order: Order) -> Answers:
    return Answers(
        order.allergies,
        order.allergies_text,
        order.medicines,
        None if order.cautions is None else tuple(order.cautions),
        order.procedure_on,
    )
