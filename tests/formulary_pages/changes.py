"""Changes made by the services, where a test is not about their forms."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from accounts.models import User
from formulary.clock import pharmacy_today
from formulary.kept import KINDS, Values
from formulary.models import DocumentedRange, FormularyChange, MedicineName, RuleFigure
from formulary.services import changes
from formulary.services.changes import Proposal
from formulary.status import Act, ChangeKind

SAID: dict[str, str] = {
    "source": "A study of low doses, 2026",
    "reason": "The new study says otherwise.",
}


def proposal(
    kind: ChangeKind, act: Act, row: Any = None, /, on: date | None = None, **after: Any
) -> Proposal:
    """What a form would read: the row as it stands, with these columns changed."""
    before: Values | None = KINDS[kind].snapshot(row) if row is not None else None
    day = on or pharmacy_today()
    made = KINDS[kind].after(act, before, day) if before and act is not Act.CHANGE else before
    return Proposal(
        kind=kind,
        act=act,
        row_id=row.pk if row is not None else None,
        before=before,
        after=(made or {}) | after,
        effective_on=day,
        **SAID,
    )


def change(by: User, said: Proposal, *, sent: bool = True) -> FormularyChange:
    made = changes.write(said, by=by)
    return changes.send(made, by=by, version=made.version) if sent else made


def agreed(by: User, second: User, said: Proposal) -> FormularyChange:
    made = change(by, said)
    return changes.approve(made, by=second, version=made.version)


def figure_change(
    by: User, key: str, value: str, *, sent: bool = False, on: date | None = None
) -> FormularyChange:
    row = RuleFigure.objects.get(key=key)
    said = proposal(ChangeKind.FIGURE, Act.CHANGE, row, on=on, value=value, source=SAID["source"])
    return change(by, said, sent=sent)


def range_to(low: str, high: str, on: date | None = None) -> Proposal:
    """The range of oral naltrexone changed to these figures."""
    row = DocumentedRange.objects.get(drug__name="naltrexone", route__code="oral", ends=None)
    day = on or pharmacy_today()
    figures = {"min_mg": low, "max_mg": high, "starts": day.isoformat()}
    return proposal(ChangeKind.RANGE, Act.CHANGE, row, on=on, source=SAID["source"], **figures)


def medicine(name: str, kind: str) -> Proposal:
    return proposal(ChangeKind.MEDICINE, Act.ADD, name=name, kind=kind, active=True)


def named(name: str) -> MedicineName:
    return MedicineName.objects.get(name=name)


def tomorrow(days: int = 1) -> date:
    return pharmacy_today() + timedelta(days=days)
