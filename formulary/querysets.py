from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.permissions import Right
from formulary.reference import ReasonKind
from formulary.status import State

if TYPE_CHECKING:
    from accounts.models import User

    # ruff does not see the names in the subscripts below.
    from formulary.models import (  # noqa: F401
        DiagnosisCode,
        DocumentedRange,
        FormularyChange,
        Indication,
        MedicineName,
        Product,
        Reason,
        RegimenTemplate,
        ShipState,
    )


class ProductQuerySet(models.QuerySet["Product"]):
    def active(self) -> ProductQuerySet:
        """What may be ordered today; retired products stay readable in old orders."""
        return self.filter(active=True)

    def with_parts(self) -> ProductQuerySet:
        return self.select_related("drug", "route")


class DocumentedRangeQuerySet(models.QuerySet["DocumentedRange"]):
    def in_force(self, on: date) -> DocumentedRangeQuerySet:
        """Rows whose dates hold `on`; both ends are included, an empty one is open."""
        return self.filter(
            Q(starts=None) | Q(starts__lte=on),
            Q(ends=None) | Q(ends__gte=on),
        )

    def with_parts(self) -> DocumentedRangeQuerySet:
        return self.select_related("drug", "route")


class IndicationQuerySet(models.QuerySet["Indication"]):
    def active(self) -> IndicationQuerySet:
        return self.filter(active=True)


class ShipStateQuerySet(models.QuerySet["ShipState"]):
    def served(self, on: date) -> ShipStateQuerySet:
        """Where medicines may be sent on a day."""
        return self.filter(active=True, since__lte=on)


class ReasonQuerySet(models.QuerySet["Reason"]):
    def active(self) -> ReasonQuerySet:
        return self.filter(active=True)

    def of(self, kind: ReasonKind) -> ReasonQuerySet:
        return self.filter(kind=kind)


class RegimenTemplateQuerySet(models.QuerySet["RegimenTemplate"]):
    def active(self) -> RegimenTemplateQuerySet:
        return self.filter(active=True)


class MedicineNameQuerySet(models.QuerySet["MedicineName"]):
    def active(self) -> MedicineNameQuerySet:
        return self.filter(active=True)


class DiagnosisCodeQuerySet(models.QuerySet["DiagnosisCode"]):
    def in_force(self, on: date) -> DiagnosisCodeQuerySet:
        """Codes that may be written on a day; both ends are included, an empty one is open."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)

    def billable_below(self, header: str) -> DiagnosisCodeQuerySet:
        """A point or a character more: `L40.0` and `L40.50` are below `L40`."""
        below = self.filter(code__startswith=header, billable=True)
        return below.exclude(code=header).order_by("code")


class FormularyChangeQuerySet(models.QuerySet["FormularyChange"]):
    def visible_to(self, user: User) -> FormularyChangeQuerySet:
        """All that was sent, for the pharmacy's staff; one's own drafts for who writes them."""
        if not user.has_right(Right.VIEW_QUEUE):
            return self.none()
        return self.filter(Q(sent_at__isnull=False) | Q(author=user))

    def of_row(self, kind: str, target: str) -> FormularyChangeQuerySet:
        return self.filter(kind=kind, target=target)

    def waiting(self) -> FormularyChangeQuerySet:
        return self.filter(state=State.WAITING)

    def due(self, today: date) -> FormularyChangeQuerySet:
        """Approved, and their day has come; the earliest first."""
        return self.filter(state=State.APPROVED, effective_on__lte=today).order_by(
            "effective_on", "id"
        )

    def with_people(self) -> FormularyChangeQuerySet:
        return self.select_related("author", "second")
