"""The short form of a refill: opioids anew, and whether anything changed since the record."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from accounts.models import User
from formulary.reference import Formulary
from orders.forms.known import Known, known_of
from orders.forms.safety import SafetyForm
from orders.models import Order
from orders.services.refill_checks import RefillAnswers


class RefillForm(SafetyForm):
    """The order form's safety questions, answered in full where nothing on record may be confirmed."""

    def __init__(
        self, data: QueryDict | None = None, *, by: User, formulary: Formulary, order: Order
    ) -> None:
        known = _known(order, by, formulary)
        seen = data
        if data is not None and known and data.get("record_seal") != known.seal:
            # Nothing is confirmed that the page did not show.
            seen = data.copy()
            seen.pop("changed", None)
        first: dict[str, Any] = known.answers.typed() if known and known.fresh else {}
        super().__init__(
            seen,
            by=by,
            formulary=formulary,
            known=known,
            sex=order.patient.sex,
            stored=None,
            initial=first,
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name in self._open():
            if name in self.fields and name not in self.errors:
                self.need(name)
        return self.cleaned_data

    def _open(self) -> list[str]:
        """Questions that a refill needs, where an order might leave them open."""
        asked = ["opioid_use"]
        if self.answer("opioid_use") in ("within_30_days", "now"):
            asked += ["opioid_kind", "opioid_last_use"]
        if self.known and self.answer("changed") is None:
            return ["changed", *asked]
        return asked if self.confirms else ["allergies", "medicines_answer", "cautions", *asked]

    @property
    def seal(self) -> str:
        return self.record.seal if self.record else ""

    def answers(self) -> RefillAnswers:
        """Only after is_valid()."""
        said, last_use = self.said, self.answer("opioid_last_use")
        return RefillAnswers(
            opioid_use=self.answer("opioid_use") or "",
            opioid_kind=self.answer("opioid_kind") or "",
            opioid_last_use=last_use,
            medicines=said.medicines,
            allergies=said.allergies,
            allergies_text=said.allergies_text,
            cautions=said.cautions,
            cautions_on=self.cautions_on,
            procedure_on=said.procedure_on,
        )


def _known(order: Order, by: User, formulary: Formulary) -> Known | None:
    patient = order.patient.merged_into or order.patient
    return known_of(patient, today=by.practice.today, figures=formulary.figures)
