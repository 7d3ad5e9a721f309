"""Coded reasons and names of medicines."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import models

from formulary.kept.kind import Column, Kind, Values, spoken, yes_no
from formulary.models import MedicineName, Reason
from formulary.reference import Formulary, MedicineKind, ReasonKind
from formulary.status import Act, ChangeKind

# Kinds that may hold none: nothing is asked of whoever finds the list empty.
_MAY_BE_EMPTY = (ReasonKind.URGENCY,)


class Reasons(Kind[Reason]):
    kind = ChangeKind.REASON
    model = Reason
    searched = ("label", "code", "kind", "finding")
    many = "Coded reasons"
    lead = "The answers that people choose from when they give a reason. A code is never changed."
    has_source = False
    columns = (
        Column("kind", "Given for", spoken),
        Column("code", "Code"),
        Column("label", "Words on screen"),
        Column("min_chars", "Least characters in words", lambda n: str(n) if n else "None asked"),
        Column("needs_text", "Asks for words", yes_no),
        Column("finding", "Answers only this finding", lambda code: code or "Any finding"),
        Column("active", "Offered", yes_no),
    )

    def rows(self) -> models.QuerySet[Reason]:
        return Reason.objects.order_by("kind", "id")

    def key(self, values: Values) -> str:
        return f"{values['kind']} {values['code']}"

    def name(self, row: Reason) -> str:
        return row.label

    def brief(self, row: Reason) -> str:
        return f"{spoken(row.kind)} · {row.code}"

    def write(self, row: Reason | None, act: Act, after: Values, on: object) -> Reason:
        if act is Act.RETIRE and row is not None:
            self._ensure_another(row)
        return super().write(row, act, after, on)  # type: ignore[arg-type]

    def _ensure_another(self, row: Reason) -> None:
        """Who has to give a reason finds at least one that fits every finding."""
        kind = ReasonKind(row.kind)
        others = Reason.objects.active().of(kind).exclude(pk=row.pk).filter(finding=row.finding)
        general = Reason.objects.active().of(kind).exclude(pk=row.pk).filter(finding="")
        if kind not in _MAY_BE_EMPTY and not others.exists() and not general.exists():
            raise ValidationError(
                "It is the last reason of its kind: without one, nobody could go on. Add another "
                "first."
            )


_STRICT = (
    MedicineKind.OPIOID_SHORT, MedicineKind.OPIOID_LONG, MedicineKind.OPIOID_MARKER,
    MedicineKind.NALTREXONE, MedicineKind.NALTREXONE_DEPOT, MedicineKind.LONG_ACTING_MARK,
)  # fmt: skip


class Medicines(Kind[MedicineName]):
    """Names that typed medicines are searched for. One that stops orders is not taken off by one
    pharmacist alone."""

    kind = ChangeKind.MEDICINE
    model = MedicineName
    searched = ("name", "kind")
    many = "Medicine names"
    lead = "The names that a typed list of medicines is searched for: generic and brand."
    has_source = False
    columns = (
        Column("name", "Name"),
        Column("kind", "Kind", spoken),
        Column("active", "Searched for", yes_no),
    )

    def rows(self) -> models.QuerySet[MedicineName]:
        return MedicineName.objects.order_by("name")

    def key(self, values: Values) -> str:
        return str(values["name"])

    def brief(self, row: MedicineName) -> str:
        return spoken(row.kind)

    def needs_second(self, act: Act, before: Values | None, after: Values) -> bool:
        if before is None or not before["active"] or before["kind"] not in _STRICT:
            return False
        return not after["active"] or after["kind"] != before["kind"]

    def warnings(
        self, act: Act, before: Values | None, after: Values, formulary: Formulary
    ) -> Sequence[str]:
        if not self.needs_second(act, before, after):
            return ()
        what = spoken(before["kind"]).lower() if before else ""
        return [f"Orders are stopped for this name today, as {what}. From that day they are not."]
