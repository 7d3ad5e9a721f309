"""The kinds of rows that pharmacists keep, one small class each."""

from __future__ import annotations

from typing import Any

from formulary.kept.conditions import Indications, Templates
from formulary.kept.kind import Column, Kind, Line, Values
from formulary.kept.lists import Medicines, Reasons
from formulary.kept.products import Products, Ranges
from formulary.kept.states import RuleFigures, ShipStates, StateRules
from formulary.status import ChangeKind

__all__ = ["KINDS", "Column", "Kind", "Line", "Values", "kind_of"]

_KINDS: tuple[Kind[Any], ...] = (
    Products(), Ranges(), Indications(), Templates(), Reasons(), Medicines(), ShipStates(),
    StateRules(), RuleFigures(),
)  # fmt: skip
# In the order of the overview.
KINDS: dict[ChangeKind, Kind[Any]] = {kind.kind: kind for kind in _KINDS}


def kind_of(name: str) -> Kind[Any]:
    """The kind with this value. Raises ValueError for none."""
    return KINDS[ChangeKind(name)]
