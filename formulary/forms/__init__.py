"""Which form changes what: by kind and act."""

from __future__ import annotations

from formulary.forms.base import ChangeForm, ConfirmForm, RestoreForm, RetireForm, Row, Shown
from formulary.forms.conditions import AddCondition, AddRegimen, ChangeCondition, ChangeRegimen
from formulary.forms.lists import AddMedicine, AddReason, ChangeMedicine, ChangeReason
from formulary.forms.products import AddProduct, AddRange, ChangeProduct, ChangeRange
from formulary.forms.states import (
    AddShipState,
    AddStateRule,
    ChangeFigure,
    ChangeShipState,
    ChangeStateRule,
)
from formulary.status import Act, ChangeKind

__all__ = ["ChangeForm", "Row", "Shown", "form_class"]

_FORMS: dict[tuple[ChangeKind, Act], type[ChangeForm]] = {
    (ChangeKind.PRODUCT, Act.ADD): AddProduct,
    (ChangeKind.PRODUCT, Act.CHANGE): ChangeProduct,
    (ChangeKind.RANGE, Act.ADD): AddRange,
    (ChangeKind.RANGE, Act.CHANGE): ChangeRange,
    (ChangeKind.INDICATION, Act.ADD): AddCondition,
    (ChangeKind.INDICATION, Act.CHANGE): ChangeCondition,
    (ChangeKind.TEMPLATE, Act.ADD): AddRegimen,
    (ChangeKind.TEMPLATE, Act.CHANGE): ChangeRegimen,
    (ChangeKind.REASON, Act.ADD): AddReason,
    (ChangeKind.REASON, Act.CHANGE): ChangeReason,
    (ChangeKind.MEDICINE, Act.ADD): AddMedicine,
    (ChangeKind.MEDICINE, Act.CHANGE): ChangeMedicine,
    (ChangeKind.SHIP_STATE, Act.ADD): AddShipState,
    (ChangeKind.SHIP_STATE, Act.CHANGE): ChangeShipState,
    (ChangeKind.STATE_RULE, Act.ADD): AddStateRule,
    (ChangeKind.STATE_RULE, Act.CHANGE): ChangeStateRule,
    (ChangeKind.FIGURE, Act.CHANGE): ChangeFigure,
}
_PLAIN: dict[Act, type[ChangeForm]] = {
    Act.RETIRE: RetireForm,
    Act.RESTORE: RestoreForm,
    Act.CONFIRM: ConfirmForm,
}


def form_class(kind: ChangeKind, act: Act) -> type[ChangeForm] | None:
    """The form of an act on a kind; None where there is none."""
    return _FORMS.get((kind, act)) or _PLAIN.get(act)
